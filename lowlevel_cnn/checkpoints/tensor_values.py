"""The values of one variable of a checkpoint: printed whole, as JSON, or written to a `.npy` file."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system import strict_json
from lowlevel_cnn.system.atomic_files import write_atomically


def as_text(value: np.ndarray) -> str:
    """All values, each with as many digits as it has."""
    return np.array2string(value, threshold=sys.maxsize, floatmode="unique", max_line_width=120)


def as_json(name: str, value: np.ndarray) -> str:
    """Name, shape and values of a variable; `null` for what is not finite."""
    return strict_json.dumps({"name": name, "shape": list(value.shape), "values": value.tolist()}, default=str)


def write_npy(path: Path, name: str, value: np.ndarray) -> str:
    """Writes the values, whole or not at all; returns what was written, in words.

    NumPy's format has no bfloat16 nor the other small types of TensorFlow's: float32 holds each of their values.

    Raises:
        InputError: they are texts, which NumPy would write as Python objects.
        OSError: the file cannot be written.
    """
    if value.dtype.kind in "OSU":
        raise InputError(f"--output {path}: {name} holds texts, which .npy does not; leave --output out to print them")
    held = value if value.dtype.kind in "biufc" else value.astype(np.float32)
    contents = io.BytesIO()
    np.save(contents, held, allow_pickle=False)
    write_atomically(path, contents.getvalue())
    was = "" if held is value else f" (in the checkpoint: {value.dtype})"
    return f"{name}: {held.dtype} {list(held.shape)}{was} written to {path}"
