"""Read and write the rows of `reproduce`, one per run, and format them as tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from importlib import resources
from pathlib import Path
from statistics import median
from typing import Any

from lowlevel_cnn import models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system import strict_json
from lowlevel_cnn.system.atomic_files import append_line

_LADDERS = {
    "## The ladder of the book's network": "book-lenet-best",
    "## The ladder of the Fashion-MNIST article": "fashion-cnn",
}
# The types that JSON yields for a row's fields.
_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "float | None": (int, float, type(None)),
    "dict[str, Any]": (dict,),
}


@dataclass(frozen=True)
class Result:
    """One full training of a model, scored on the test images.

    Attributes:
        model: the model's name, or the name of the file that it comes from.
        seed: the run's seed.
        steps: the global step of the checkpoint that was scored.
        accuracy_average: accuracy with the moving averages, 0 to 1.
        accuracy_raw: accuracy with the weights themselves.
        seconds: wall time of training, including process start; None for a run that was interrupted.
        versions: versions of the packages.
        speed: settings that affect speed and the last bits.
        data_checksum: checksum of all pixels and labels.
        model_checksum: checksum of the file; "" for the networks of this package.
    """

    model: str
    seed: int
    steps: int
    accuracy_average: float
    accuracy_raw: float
    seconds: float | None
    versions: dict[str, Any]
    speed: dict[str, Any]
    data_checksum: str
    model_checksum: str = ""


def shipped() -> list[Result]:
    """Return the rows included in the package."""
    return _parse(resources.files("lowlevel_cnn").joinpath("results.jsonl").read_bytes(), "results.jsonl")


def read(path: Path) -> list[Result]:
    """Return the rows of a file; none if it does not exist.

    Raises:
        InputError: a line is not a valid row.
    """
    return _parse(path.read_bytes(), str(path)) if path.exists() else []


def append(path: Path, row: Result) -> None:
    """Append a row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    append_line(path, strict_json.dumps(asdict(row)))


def _parse(content: bytes, name: str) -> list[Result]:
    rows = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            row = Result(**json.loads(line))
            _check(row)
        except (ValueError, TypeError, RecursionError) as error:
            raise InputError(f"--rows {name}: line {number} is not a valid result ({error})") from None
        rows.append(row)
    return rows


def _check(row: Result) -> None:
    """Raise ValueError if a value is not of the expected kind."""
    for each in fields(row):
        value = getattr(row, each.name)
        if not isinstance(value, _KINDS[str(each.type)]):
            raise ValueError(f"{each.name} is {value!r:.50}")
    if not row.model_checksum and row.model not in models.all_names():
        raise ValueError(f"there is no model {row.model!r:.50}")


def accuracies(rows: Sequence[Result], name: str) -> list[float]:
    """Return the test accuracies of a model with averaged weights, the lowest first."""
    return sorted(row.accuracy_average for row in rows if row.model == name)


def markdown(rows: Sequence[Result]) -> str:
    """Format the results as Markdown tables: the models, the two ladders, every run."""
    lines = ["## The networks", "", *_models_table(rows, models.names()), *_remarks(models.names())]
    for heading, top in _LADDERS.items():
        # The remark on the last rung is under the first table.
        lines += ["", heading, "", *_models_table(rows, [*models.ladder(top), top]), *_remarks(models.ladder(top))]
    own = sorted({row.model for row in rows} - set(models.all_names()))
    if own:
        lines += ["", "## Networks from files", "", "| file | median | lowest | highest | seeds |"]
        lines += ["| --- | ---: | ---: | ---: | ---: |", *(f"| `{name}` | {_found(rows, name)} |" for name in own)]
    lines += ["", "## Every run", "", "| model | seed | steps | averaged weights | raw weights | seconds |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: |"]
    lines += [
        f"| `{row.model}` | {row.seed} | {row.steps:,} | {row.accuracy_average:.2%} | {row.accuracy_raw:.2%} |"
        f" {'interrupted' if row.seconds is None else f'{row.seconds:.0f}'} |"
        for row in sorted(rows, key=lambda row: ([*models.all_names(), *own].index(row.model), row.seed))
    ]
    return "\n".join(lines) + "\n"


def _models_table(rows: Sequence[Result], names: Sequence[str]) -> list[str]:
    table = ["| model | data set | reported | ours: median | lowest | highest | seeds |"]
    table += ["| --- | --- | ---: | ---: | ---: | ---: | ---: |"]
    for name in names:
        model = models.get(name)
        table.append(f"| `{name}` | {model.dataset} | {reported(model)} | {_found(rows, name)} |")
    return table


def _found(rows: Sequence[Result], name: str) -> str:
    """Return the cells of a model's own accuracies, and how many there are."""
    found = accuracies(rows, name)
    cells = [f"{value:.2%}" for value in (median(found), found[0], found[-1])] if found else ["not run yet", "", ""]
    return f"{' | '.join(cells)} | {len(found)}"


def reported(model: models.Model) -> str:
    """Return the accuracy that a model's source reported, as it is shown."""
    return "" if model.reported_accuracy is None else f"{model.reported_accuracy:.2%}"


def _remarks(names: Sequence[str]) -> list[str]:
    remarks = [f"- `{name}`: {models.get(name).remark}" for name in names if models.get(name).remark]
    return ["", *remarks] if remarks else []
