"""`eval/<split>/metrics.jsonl`: a row a checkpoint, in the order of evaluation.

Scores on another data set than the run's own stand apart, in `eval/<data set>-<split>/`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from lowlevel_cnn.files import append_line


@dataclass(frozen=True)
class Row:
    """The score of one checkpoint on one split.

    Attributes:
        step: the checkpoint's global step.
        split: `validation` or `test`.
        weights: `average` or `raw`.
        accuracy: correctly classified images / all images, 0 to 1.
        loss: the mean cross entropy, without regularization.
        images: how many were scored.
        seconds: wall time of restoring and scoring.
        time: when, UTC, ISO 8601.
    """

    step: int
    split: str
    weights: str
    accuracy: float
    loss: float
    images: int
    seconds: float
    time: str


def path(directory: Path, split: str) -> Path:
    """Where the rows of a run directory's split stand."""
    return directory / "eval" / split / "metrics.jsonl"


def read(directory: Path, split: str, weights: str) -> list[Row]:
    """The rows of a split for one kind of weights; lines that are not rows, such as half of one, are passed over."""
    try:
        lines = path(directory, split).read_bytes().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    rows = []
    for line in lines:
        try:
            row = Row(**json.loads(line))
        except (ValueError, TypeError, RecursionError):
            continue
        if _is_sound(row) and row.weights == weights:
            rows.append(row)
    return rows


def append(directory: Path, row: Row, split: str = "") -> None:
    """Adds a row."""
    target = path(directory, split or row.split)
    target.parent.mkdir(parents=True, exist_ok=True)
    append_line(target, json.dumps(asdict(row)))


def _is_sound(row: Row) -> bool:
    kinds: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,)}
    values = [(getattr(row, each.name), kinds[str(each.type)]) for each in fields(Row)]
    return all(isinstance(value, kind) and not isinstance(value, bool) for value, kind in values)
