"""Format all values of a variable as text or JSON, or write them to a `.npy` file."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system import strict_json
from lowlevel_cnn.system.atomic_files import write_atomically


def as_text(value: np.ndarray) -> str:
    """Return all values as text, each with as many digits as it needs."""
    return np.array2string(value, threshold=sys.maxsize, floatmode="unique", max_line_width=120)


def as_json(name: str, value: np.ndarray) -> str:
    """Return name, shape and values of a variable as JSON, with `null` for values that are not finite."""
    return strict_json.dumps({"name": name, "shape": list(value.shape), "values": value.tolist()}, default=str)


def write_npy(path: Path, name: str, value: np.ndarray) -> str:
    """Write the values to a file, in full or not at all, and return a line about what was written.

    NumPy's format lacks bfloat16 and TensorFlow's other small types; float32 can represent each of their values.

    Raises:
        InputError: they are strings, which NumPy would write as Python objects.
        OSError: the file cannot be written.
    """
    if value.dtype.kind in "OSU":
        raise InputError(
            f"--output {path}: {name} holds strings, which .npy cannot store; leave out --output to print them"
        )
    held = value if value.dtype.kind in "biufc" else value.astype(np.float32)
    contents = io.BytesIO()
    np.save(contents, held, allow_pickle=False)
    write_atomically(path, contents.getvalue())
    was = "" if held is value else f" ({value.dtype} in the checkpoint)"
    return f"{name}: {held.dtype} {list(held.shape)}{was} written to {path}"
