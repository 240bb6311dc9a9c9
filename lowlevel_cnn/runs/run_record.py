"""Read and write `run.json`, which records the settings of a run, so that other commands need not be given them."""

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
from lowlevel_cnn.tensorflow_v1 import ONEDNN, ONEDNN_DEFAULT, gpu_name

RUN_NAME = "run.json"
_LARGEST_FILE = 1 << 20
_LONGEST_TEXT = 100
_LONGEST_PATH = 4096
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
_WHOLE = ("batch_size", "training_steps")
# What records of earlier versions do not have.
_ADDED = {"model_file", "model_checksum", "image_shape", "class_names"}
_MOST_CLASSES = 10_000
_CHOICES = {"optimizer": models.OPTIMIZERS, "learning_rate_schedule": models.SCHEDULES}


def versions() -> dict[str, str]:
    """Return the versions of this package, Python, TensorFlow and NumPy."""
    packages = {name: metadata.version(name) for name in ("tensorflow", "numpy")}
    return {"lowlevel_cnn": __version__, "python": platform.python_version(), **packages}


def speed_switches() -> dict[str, Any]:
    """Return what changes the last bits of a result: oneDNN, the number of threads, the processor, the GPU."""
    schedulable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    given = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    return {
        "onednn": os.environ.get(ONEDNN, ONEDNN_DEFAULT),
        "intra_op_threads": int(given) if given.isdecimal() and int(given) else len(schedulable),
        "machine": platform.machine(),
        "vector_instructions": vector_instructions(),
        "gpu": gpu_name(),
    }


@dataclass(frozen=True)
class RunRecord:
    """The contents of `run.json`.

    Attributes:
        model: the model's name.
        dataset: the data set's name, or the absolute path of pictures of one's own.
        seed: seed of the initial weights, the order of batches and the dropout masks.
        hyper_parameters: those of `HYPER_PARAMETERS`, under their names in `models.Model`.
        model_file: the name of the file that a network of the reader's own comes from; "": it is one of this package.
        model_checksum: checksum of that file's text.
        image_shape: height, width and channels; None: the model's, in records of earlier versions.
        class_names: in the order of the labels; none: those of the named data set, in records of earlier versions.
        first_step: the step at which the run started: 0, or that of a checkpoint that other programs had written.
        data_checksum: checksum of all pixels and labels.
        versions: versions of the packages that started the run.
        speed: settings that affect speed and the last bits.
    """

    model: str
    dataset: str
    seed: int
    hyper_parameters: dict[str, Any]
    first_step: int = 0
    data_checksum: str = ""
    model_file: str = ""
    model_checksum: str = ""
    image_shape: tuple[int, int, int] | None = None
    class_names: tuple[str, ...] = ()
    versions: dict[str, Any] = field(default_factory=versions)
    speed: dict[str, Any] = field(default_factory=speed_switches)

    @property
    def training_steps(self) -> int:
        """The global step to reach."""
        return int(self.hyper_parameters["training_steps"])

    @property
    def batch_size(self) -> int:
        """Images per step."""
        return int(self.hyper_parameters["batch_size"])

    def restored_model(self, own: models.Model | None = None) -> models.Model:
        """Return the model with the run's own hyper-parameters, for its images and its number of classes.

        Args:
            own: the network of a file; without it, the model is one of this package.
        """
        model = replace(own or models.get(self.model), **self.hyper_parameters)
        return models.fitted(model, self.image_shape or model.image_shape, len(self.class_names) or model.num_labels)

    def labels(self) -> tuple[str, ...]:
        """Return the names of the classes, in the order of the labels."""
        return self.class_names or datasets.class_names(self.dataset)

    def write(self, directory: Path) -> None:
        """Write `run.json` atomically."""
        write_atomically(directory / RUN_NAME, strict_json.dumps(asdict(self), indent=2) + "\n")


def hyper_parameters(model: models.Model) -> dict[str, Any]:
    """Return the hyper-parameters of a model that `run.json` records."""
    return {name: getattr(model, name) for name in HYPER_PARAMETERS}


def read(directory: Path) -> RunRecord | None:
    """Return the record of a run directory; None if there is no `run.json`.

    Raises:
        InputError: `run.json` exists but is not a valid run record.
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
        known = {each.name for each in fields(RunRecord)} - (_ADDED - values.keys())
        record = RunRecord(**{name: values[name] for name in known})
        _check(record)
        shape = record.image_shape and (*record.image_shape,)
        record = replace(record, image_shape=shape, class_names=tuple(record.class_names))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error).splitlines()[0][:200]
        raise InputError(
            f"{path}: is not a valid run record ({reason}); move the file away, or start a new run with `train --fresh`"
        ) from None
    return record


def _check(record: RunRecord) -> None:
    """Raise ValueError if a value could not have been written by `RunRecord.write`."""
    _check_model_and_data(record)
    for name in ("data_checksum", "model_checksum"):
        if not isinstance(getattr(record, name), str) or not _CHECKSUM.fullmatch(getattr(record, name)):
            raise ValueError(f"{name} is not an MD5 checksum")
    for name in ("versions", "speed"):
        if not all(map(_is_short, (word for pair in getattr(record, name).items() for word in pair))):
            raise ValueError(f"{name} has values other than short strings and integers")
    for name, value in (("seed", record.seed), ("first_step", record.first_step)):
        _check_number(name, value, int, 0)
    if set(record.hyper_parameters) != set(HYPER_PARAMETERS):
        raise ValueError(f"hyper_parameters must be {', '.join(HYPER_PARAMETERS)}")
    for name, value in record.hyper_parameters.items():
        if name not in _CHOICES:
            _check_number(name, value, *((int, 1) if name in _WHOLE else (float, 0)))
        elif value not in _CHOICES[name]:
            raise ValueError(f"{name} is not one of {', '.join(_CHOICES[name])}")


def _check_model_and_data(record: RunRecord) -> None:
    is_name = [isinstance(each, str) and _is_short(each) for each in (record.model, record.model_file)]
    if not all(is_name) or bool(record.model_file) != bool(record.model_checksum):
        raise ValueError(f"model is {record.model!r:.50}, from the file {record.model_file!r:.50}")
    if not record.model_file and record.model not in models.all_names():
        raise ValueError(f"model is {record.model!r:.50}, not one of {', '.join(models.all_names())}")
    if record.dataset not in datasets.NAMES and not (_is_text(record.dataset) and Path(record.dataset).is_absolute()):
        raise ValueError(f"dataset is {record.dataset!r:.50}, not a path or one of {', '.join(datasets.NAMES)}")
    if record.image_shape is not None:
        if not isinstance(record.image_shape, list | tuple) or len(record.image_shape) != 3:
            raise ValueError("image_shape is not height, width and channels")
        for each in record.image_shape:
            _check_number("image_shape", each, int, 1)
    if not isinstance(record.class_names, list | tuple) or len(record.class_names) > _MOST_CLASSES:
        raise ValueError("class_names is not a list")
    if not all(map(_is_text, record.class_names)):
        raise ValueError("class_names are not the names of the classes")
    if record.dataset not in datasets.NAMES and not (record.class_names and record.image_shape):
        raise ValueError("class_names or image_shape are missing")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_PATH and "\0" not in value


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT and value.isprintable()
    return isinstance(value, int) and 0 <= value < 2**31


def _check_number(name: str, value: Any, kind: type, least: int) -> None:
    allowed = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed) or not least <= value < 2**31:
        raise ValueError(f"{name} is {value!r:.50}, not a number of at least {least}")
