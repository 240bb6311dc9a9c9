"""Check the settings of a `Model` that a file defines."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

from lowlevel_cnn import datasets, models
from lowlevel_cnn.errors import InputError

_CHOICES = {
    "dataset": tuple(datasets.NAMES),
    "optimizer": models.OPTIMIZERS,
    "learning_rate_schedule": models.SCHEDULES,
    "lines": models.LINES,
}
_WHOLE = {"batch_size": 1, "training_steps": 1, "num_labels": 2}
_BOUNDS = {
    "learning_rate_base": (0.0, math.inf),
    "learning_rate_decay": (0.0, math.inf),
    "regularization_rate": (0.0, math.inf),
    "moving_average_decay": (0.0, 1.0),
    "reported_accuracy": (0.0, 1.0),
    "label_smoothing": (0.0, 1.0),
}


def checked(path: Path, model: Any) -> models.Model:
    """Return a file's `MODEL`, if it can be trained with.

    Raises:
        InputError: it is no `Model`, or one of its settings is wrong.
    """
    if not isinstance(model, models.Model):
        raise InputError(
            f"--model {path}: MODEL is of type {type(model).__name__}; write MODEL = Model(...), with Model from "
            "lowlevel_cnn.models"
        )
    for each in fields(model):
        value = getattr(model, each.name)
        if expected := _expected(each.name, value):
            raise InputError(f"--model {path}: MODEL's {each.name} is {value!r:.80}; it must be {expected}")
    return model


def _expected(name: str, value: Any) -> str:
    """Return what a setting must be, if it is not."""
    if name in _CHOICES and value not in _CHOICES[name]:
        return f"one of {', '.join(_CHOICES[name])}"
    if name in _WHOLE and not _is_whole(value, _WHOLE[name]):
        return f"a whole number of at least {_WHOLE[name]}"
    if name == "validation_count" and value is not None and not _is_whole(value, 0):
        return "a whole number, or None"
    if name in _BOUNDS and not (value is None and name == "reported_accuracy"):
        least, most = _BOUNDS[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            return f"a number from {least:g}" + (f" to {most:g}" if most < math.inf else "")
    if name == "image_shape" and not (
        isinstance(value, tuple) and len(value) == 3 and all(_is_whole(each, 1) for each in value)
    ):
        return "a tuple of height, width and channels"
    if name in ("title", "source", "remark") and not isinstance(value, str):
        return "text"
    if name == "inference" and not callable(value):
        return "a function (images, train, regularizer)"
    return ""


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**31
