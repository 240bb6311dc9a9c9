"""`run.json`: what a run directory remembers of the run, so that other commands need not be told again."""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from lowlevel_cnn import __version__, datasets, models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system import strict_json
from lowlevel_cnn.system.atomic_files import write_atomically
from lowlevel_cnn.system.processor import vector_instructions
from lowlevel_cnn.tensorflow_v1 import ONEDNN, ONEDNN_DEFAULT

RUN_NAME = "run.json"
_LARGEST_FILE = 1 << 20
_LONGEST_TEXT = 100
_CHECKSUM = re.compile(r"(?:[0-9a-f]{32})?")
HYPER_PARAMETERS = (
    "batch_size",
    "learning_rate_base",
    "learning_rate_decay",
    "regularization_rate",
    "moving_average_decay",
    "training_steps",
    "optimizer",
    "learning_rate_schedule",
)
_CHOICES = {"optimizer": models.OPTIMIZERS, "learning_rate_schedule": models.SCHEDULES}


def versions() -> dict[str, str]:
    packages = {name: metadata.version(name) for name in ("tensorflow", "numpy")}
    return {"lowlevel_cnn": __version__, "python": platform.python_version(), **packages}


def speed_switches() -> dict[str, Any]:
    """What changes the last bits of a result: oneDNN, the number of threads, the processor."""
    schedulable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    given = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    return {
        "onednn": os.environ.get(ONEDNN, ONEDNN_DEFAULT),
        "intra_op_threads": int(given) if given.isdecimal() and int(given) else len(schedulable),
        "machine": platform.machine(),
        "vector_instructions": vector_instructions(),
    }


@dataclass(frozen=True)
class RunRecord:
    """The contents of `run.json`.

    Attributes:
        model: the model's name.
        dataset: the data set's name.
        seed: of the initial weights, the order of batches and the dropout masks.
        hyper_parameters: those of `HYPER_PARAMETERS`, under their names in `models.Model`.
        first_step: where the run began: 0, or the step of a checkpoint that others had written there.
        data_checksum: of all pixels and labels.
        versions: of the packages that began the run.
        speed: the switches that change speed and the last bits.
    """

    model: str
    dataset: str
    seed: int
    hyper_parameters: dict[str, Any]
    first_step: int = 0
    data_checksum: str = ""
    versions: dict[str, Any] = field(default_factory=versions)
    speed: dict[str, Any] = field(default_factory=speed_switches)

    @property
    def training_steps(self) -> int:
        """The steps to reach."""
        return int(self.hyper_parameters["training_steps"])

    def restored_model(self) -> models.Model:
        """The model with the run's own hyper-parameters."""
        return replace(models.get(self.model), **self.hyper_parameters)

    def write(self, directory: Path) -> None:
        """Writes `run.json` atomically."""
        write_atomically(directory / RUN_NAME, strict_json.dumps(asdict(self), indent=2) + "\n")


def hyper_parameters(model: models.Model) -> dict[str, Any]:
    """The hyper-parameters of a model that `run.json` holds."""
    return {name: getattr(model, name) for name in HYPER_PARAMETERS}


def read(directory: Path) -> RunRecord | None:
    """The record of a run directory; None where there is no `run.json`.

    Raises:
        InputError: `run.json` is there and is not a record of a run.
    """
    path = directory / RUN_NAME
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        if len(content) > _LARGEST_FILE:
            raise ValueError("too large")
        values = json.loads(content)
        record = RunRecord(**{each.name: values[each.name] for each in fields(RunRecord)})
        _check(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error).splitlines()[0][:200]
        raise InputError(
            f"{path}: not a record of a run ({reason}); move the file away, or the directory with `train --fresh`"
        ) from None
    return record


def _check(record: RunRecord) -> None:
    """Raises ValueError where a value could not have been written by `RunRecord.write`."""
    for name, choices in (("model", models.all_names()), ("dataset", datasets.NAMES)):
        if getattr(record, name) not in choices:
            raise ValueError(f"{name} is {getattr(record, name)!r:.50}, not one of {', '.join(choices)}")
    if not isinstance(record.data_checksum, str) or not _CHECKSUM.fullmatch(record.data_checksum):
        raise ValueError("data_checksum is not one")
    for name in ("versions", "speed"):
        if not all(map(_is_short, (word for pair in getattr(record, name).items() for word in pair))):
            raise ValueError(f"{name} holds more than short texts and whole numbers")
    for name, value in (("seed", record.seed), ("first_step", record.first_step)):
        _check_number(name, value, int, 0)
    if set(record.hyper_parameters) != set(HYPER_PARAMETERS):
        raise ValueError(f"hyper_parameters are not {', '.join(HYPER_PARAMETERS)}")
    defaults = models.get(record.model)
    for name, value in record.hyper_parameters.items():
        kind = type(getattr(defaults, name))
        if name not in _CHOICES:
            _check_number(name, value, kind, 1 if kind is int else 0)
        elif value not in _CHOICES[name]:
            raise ValueError(f"{name} is not one of {', '.join(_CHOICES[name])}")


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT and value.isprintable()
    return isinstance(value, int) and 0 <= value < 2**31


def _check_number(name: str, value: Any, kind: type, least: int) -> None:
    allowed = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed) or not least <= value < 2**31:
        raise ValueError(f"{name} is {value!r:.50}, not a number from {least}")
