"""Find the checkpoint that a path refers to, or describe what the path refers to instead."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

from lowlevel_cnn.checkpoints import listing, paths
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.messages import shortened

_SAVED_MODEL = ("saved_model.pb", "saved_model.pbtxt")
# The last bytes of a TensorFlow table; a checkpoint in the V1 format is a single such file.
_END_OF_TABLE = bytes.fromhex("57fb808b247547db")
_KERAS_ARCHIVE = {"config.json", "model.weights.h5"}
_NOT_IN_TEXTS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ADVICE = "give a run directory, a checkpoint or one of its files"


def named_prefix(path: Path) -> Path | None:
    """Return the prefix of the checkpoint that a path names, directly or by one of its files; None if it names none."""
    if not path.name or path.is_dir():
        return None
    prefix = path.with_name(re.sub(rf"{paths.FILE_ENDING}$", "", path.name))
    return prefix if prefix.with_name(f"{prefix.name}.index").exists() or _is_first_format(prefix) else None


def named(path: Path) -> Checkpoint | None:
    """Return the checkpoint that a path names, directly or by one of its files; None if it names none.

    Raises:
        DamagedCheckpointError: there is no step in its name, and its contents cannot be read.
    """
    prefix = named_prefix(path)
    return None if prefix is None else listing.of_prefix(prefix)


def prefix_of(path: Path) -> Path:
    """Return the prefix of the checkpoint that a path names, or of the newest in a run directory or SavedModel.

    Raises:
        InputError: there is no checkpoint.
    """
    if path.name == paths.STATE_NAME and path.is_file():
        path = path.parent
    if any((path / name).is_file() for name in _SAVED_MODEL):
        path = path / "variables"
    if path.is_dir():
        found = listing.listed(path)
        if not found:
            raise InputError(f"{path}: {why_no_checkpoint(path) or f'contains no checkpoint; {_ADVICE}'}")
        return found[-1].prefix
    prefix = named_prefix(path)
    if prefix is None:
        raise InputError(f"{path}: {describe(path)}")
    return prefix


def why_no_checkpoint(directory: Path) -> str:
    """Return why no checkpoint of a directory can be chosen, and what to do; "" if it contains nothing of the kind."""
    if any((directory / name).is_file() for name in _SAVED_MODEL):
        return f"is a SavedModel, whose weights are a checkpoint; give {directory / 'variables'}"
    names = sorted(path.name.removesuffix(".index") for path in directory.glob("*.index"))
    if not names:
        return ""
    return f"contains checkpoints with several names: {shortened(names)}; give one of them"


def describe(path: Path) -> str:
    """Return what a path that names no checkpoint refers to, and what to give instead."""
    if not path.is_file():
        return f"no such checkpoint; {_ADVICE}"
    if path.name in _SAVED_MODEL:
        return f"is the graph of a SavedModel, not a TensorFlow checkpoint; give its directory, {path.parent}"
    if re.search(rf"{paths.FILE_ENDING}$", path.name):
        return f"is part of a checkpoint whose .index file is missing; {_ADVICE}"
    return f"is {_kind(path)}; {_ADVICE}"


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1 << 12)
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return "a Keras/HDF5 file, not a TensorFlow checkpoint"
    if head.startswith(b"PK"):
        return f"{_archive(path)}, not a TensorFlow checkpoint"
    if head.startswith(b"\x93NUMPY"):
        return "a NumPy array, not a TensorFlow checkpoint"
    if not head:
        return "empty"
    if not _NOT_IN_TEXTS.search(head):
        return "a text file, not a TensorFlow checkpoint"
    return "not a TensorFlow checkpoint, or only part of one"


def _archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        names = set()
    if names >= _KERAS_ARCHIVE:
        return "a Keras file"
    return "an archive of NumPy arrays" if path.suffix == ".npz" else "a zip archive"


def _is_first_format(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-len(_END_OF_TABLE), os.SEEK_END)
            return file.read() == _END_OF_TABLE
    except OSError:
        return False
