"""The command `models`: the networks, their sources and what these reported."""

from __future__ import annotations

import argparse
import dataclasses
from statistics import median

from lowlevel_cnn import models, results_table, strict_json
from lowlevel_cnn.tables import aligned


def list_models(flags: argparse.Namespace) -> int:
    """Prints a table of the models, or JSON with every hyper-parameter."""
    found = [models.get(name) for name in models.names()]
    shipped = results_table.shipped()
    if flags.json:
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


def _reproduced(name: str, rows: list[results_table.Result]) -> str:
    accuracies = results_table.accuracies(rows, name)
    return f"{median(accuracies):.2%}" if accuracies else "not run"


def _as_json(model: models.Model, rows: list[results_table.Result]) -> dict[str, object]:
    values = {each.name: getattr(model, each.name) for each in dataclasses.fields(model)}
    del values["inference"]
    values["reproduced_accuracies"] = results_table.accuracies(rows, model.name)
    return values
