"""The command `models`: list the networks with their sources and reported results, or the layers of one."""

from __future__ import annotations

import argparse
import dataclasses
from dataclasses import dataclass
from statistics import median

from lowlevel_cnn import models
from lowlevel_cnn.commands import results_table
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.text_table import aligned
from lowlevel_cnn.models import layers
from lowlevel_cnn.system import strict_json


@dataclass(frozen=True)
class ModelsOptions:
    """The options of `models`.

    Attributes:
        layers: the model whose layers to list; None: list all models.
        json: whether to print JSON.
    """

    layers: str | None = None
    json: bool = False


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    parser.add_argument(
        "--layers",
        choices=models.all_names(),
        metavar="NAME",
        help="list the layers of this network: output shape, parameters, connections",
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def list_models(options: ModelsOptions) -> int:
    """Print a table of the models, or JSON with every hyper-parameter; with `layers` the layers of one."""
    if options.layers:
        _list_layers(models.get(options.layers), options.json)
        return 0
    found = [models.get(name) for name in models.names()]
    shipped = results_table.shipped()
    if options.json:
        print(strict_json.dumps([_as_json(model, shipped) for model in found], indent=2, ensure_ascii=False))
        return 0
    rows = [("model", "data set", "parameters", "steps", "reported", "reproduced", "network and source")]
    rows += [
        (
            model.name,
            model.dataset,
            f"{model.parameters:,}",
            f"{model.training_steps:,}",
            f"{model.reported_accuracy:.2%}",
            _reproduced(model.name, shipped),
            f"{model.title} ({model.source})",
        )
        for model in found
    ]
    for line in aligned(rows, left=len(rows[0])):
        print(line)
    return 0


def _list_layers(model: models.Model, as_json: bool) -> None:
    found = layers.of_model(model)
    parameters = sum(layer.parameters for layer in found)
    if as_json:
        each = [_layer_as_json(layer) for layer in found]
        print(strict_json.dumps({"model": model.name, "parameters": parameters, "layers": each}, indent=2))
        return
    rows = [("layer", "operation", "output shape", "parameters", "connections")]
    rows += [
        (
            layer.name,
            _described(layer),
            str(["batch", *layer.output_shape]).replace("'", ""),
            f"{layer.parameters:,}" if layer.parameters else "",
            f"{layer.connections:,}" if layer.connections else "",
        )
        for layer in found
    ]
    rows.append(("total", "", "", f"{parameters:,}", ""))
    for line in aligned(rows, left=3):
        print(line)


def _described(layer: layers.Layer) -> str:
    """Describe a layer's operation, such as `Conv2D 5x5, stride 1, VALID`."""
    if layer.window is None:
        return layer.operation
    height, width = layer.window.size
    down, right = layer.window.stride
    stride = f"{down}" if down == right else f"{down}x{right}"
    return f"{layer.operation} {height}x{width}, stride {stride}, {layer.window.padding}"


def _layer_as_json(layer: layers.Layer) -> dict[str, object]:
    return {
        "name": layer.name,
        "operation": layer.operation,
        "window": None if layer.window is None else dataclasses.asdict(layer.window),
        "output_shape": layer.output_shape,
        "parameters": layer.parameters,
        "connections": layer.connections,
    }


def _reproduced(name: str, rows: list[results_table.Result]) -> str:
    accuracies = results_table.accuracies(rows, name)
    return f"{median(accuracies):.2%}" if accuracies else "not run"


def _as_json(model: models.Model, rows: list[results_table.Result]) -> dict[str, object]:
    values = dataclasses.asdict(model)
    del values["inference"]
    values["reproduced_accuracies"] = results_table.accuracies(rows, model.name)
    return values


COMMAND = Command(add_flags, options_from_flags(ModelsOptions), list_models)
