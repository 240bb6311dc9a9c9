"""Read and write `eval/<split>/metrics.jsonl` and `train/metrics.jsonl`: one row per checkpoint.

The evaluator's rows are in the order of evaluation. Scores on other data than the run's own are kept apart, in
`eval/<data set>-<split>/`.
"""

from __future__ import annotations

import datetime
import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TypeVar

from lowlevel_cnn.system import strict_json
from lowlevel_cnn.system.atomic_files import append_line
from lowlevel_cnn.system.messages import warn


@dataclass(frozen=True)
class Row:
    """The score of one checkpoint on one split.

    Attributes:
        step: the checkpoint's global step.
        split: `validation` or `test`.
        weights: `average` or `raw`.
        accuracy: correctly classified images / all images, 0 to 1.
        loss: the mean cross entropy, without regularization.
        images: number of images scored.
        seconds: wall time of restoring and scoring.
        time: time of writing, UTC, ISO 8601.
        data_checksum: checksum of all pixels and labels of the data set; "" in rows of earlier versions.
    """

    step: int
    split: str
    weights: str
    accuracy: float
    loss: float
    images: int
    seconds: float
    time: str
    data_checksum: str = ""


@dataclass(frozen=True)
class TrainingRow:
    """The loss of the step after which a checkpoint was saved, as in the book's line.

    Attributes:
        step: the checkpoint's global step.
        loss: cross entropy plus regularization on the step's batch, before its update.
        time: time of writing, UTC, ISO 8601.
    """

    step: int
    loss: float
    time: str


AnyRow = TypeVar("AnyRow", Row, TrainingRow)


def path(directory: Path, split: str) -> Path:
    """Return the file with a run directory's rows for a split."""
    return directory / "eval" / split / "metrics.jsonl"


def training_path(directory: Path) -> Path:
    """Return the file with the trainer's rows of a run directory."""
    return directory / "train" / "metrics.jsonl"


def now() -> str:
    """Return the current time for a row: UTC, ISO 8601, whole seconds."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def read(directory: Path, split: str, weights: str, data_checksum: str = "") -> list[Row]:
    """Return the rows of a split for one kind of weights, skipping lines that are not rows, such as half of one.

    With a checksum, leave out rows that are known to be of other data.
    """
    rows = [row for row in _rows(path(directory, split), Row) if row.weights == weights]
    return [row for row in rows if not data_checksum or row.data_checksum in ("", data_checksum)]


def read_training(directory: Path) -> list[TrainingRow]:
    """Return the trainer's rows in the order of steps; for repeated steps, only the later rows."""
    rows: list[TrainingRow] = []
    for row in _rows(training_path(directory), TrainingRow):
        # A step not above the last one: the trainer went back to an older checkpoint.
        while rows and rows[-1].step >= row.step:
            rows.pop()
        rows.append(row)
    return rows


def append(directory: Path, row: Row, split: str = "") -> None:
    """Append a row."""
    _append(path(directory, split or row.split), row)


def append_training(directory: Path, step: int, loss: float) -> None:
    """Append a row of the trainer; a failure to write is only a warning, so that training continues."""
    target = training_path(directory)
    try:
        _append(target, TrainingRow(step, loss, now()))
    except OSError as error:
        warn(
            f"{target}: the loss of step {step} could not be written ({error.strerror}); free disk space or make the "
            "file writable"
        )


def _append(target: Path, row: Row | TrainingRow) -> None:
    if not target.parent.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
    append_line(target, strict_json.dumps(asdict(row)))


def _rows(source: Path, kind: type[AnyRow]) -> list[AnyRow]:
    try:
        lines = source.read_bytes().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    rows = []
    for line in lines:
        try:
            row = kind(**json.loads(line))
        except (ValueError, TypeError, RecursionError):
            continue
        if _is_sound(row):
            rows.append(row)
    return rows


def _is_sound(row: Row | TrainingRow) -> bool:
    kinds: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,)}
    values = [(getattr(row, each.name), kinds[str(each.type)]) for each in fields(row)]
    is_finite = all(not isinstance(value, float) or math.isfinite(value) for value, _ in values)
    return is_finite and all(isinstance(value, kind) and not isinstance(value, bool) for value, kind in values)
