"""The command `models`: the networks, their sources and what these reported."""

from __future__ import annotations

import argparse
import dataclasses
import json

from lowlevel_cnn import models


def list_models(flags: argparse.Namespace) -> int:
    """Prints a table of the models, or JSON with every hyper-parameter."""
    found = [models.get(name) for name in models.names()]
    if flags.json:
        print(json.dumps([_as_json(model) for model in found], indent=2, ensure_ascii=False))
        return 0
    rows = [("model", "data set", "parameters", "steps", "reported", "network and source")]
    rows += [
        (
            model.name,
            model.dataset,
            f"{model.parameters:,}",
            f"{model.training_steps:,}",
            f"{model.reported_accuracy:.2%}",
            f"{model.title} ({model.source})",
        )
        for model in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]))
    return 0


def _as_json(model: models.Model) -> dict[str, object]:
    values = {each.name: getattr(model, each.name) for each in dataclasses.fields(model)}
    del values["inference"]
    return values
