"""Read a user's IDX files: images of any size, and labels of any number of classes."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np

from lowlevel_cnn.datasets.decompression import Contents
from lowlevel_cnn.errors import InputError

ADVICE = "give an intact IDX file"
LARGEST = 4 << 30  # bytes of an array
HIGHEST_RATIO = 1_100  # deflate cannot pack more bytes into one

_TYPES: dict[int, np.dtype] = {0x08: np.dtype(np.uint8), 0x0C: np.dtype(">i4")}
_CHANNELS = (1, 3)


def read_images(path: Path) -> np.ndarray:
    """Read `[count, height, width, 1 or 3]` uint8 from a file of grey or colour images, gzipped or not.

    Raises:
        InputError: it cannot be read, is damaged or truncated, or holds no such images.
    """
    array = _read(path)
    if array.ndim == 3:
        array = array[..., np.newaxis]
    if array.ndim != 4 or array.dtype != np.uint8 or array.shape[3] not in _CHANNELS:
        raise InputError(
            f"{path}: {array.dtype.name} of shape {array.shape}, expected uint8 images of shape (count, height, width)"
            f" or (count, height, width, 3); {ADVICE}"
        )
    return array


def read_labels(path: Path) -> np.ndarray:
    """Read `[count]` labels; of QMNIST's rows of eight numbers the first, which is the class.

    Raises:
        InputError: it cannot be read, is damaged or truncated, or holds no labels.
    """
    array = _read(path)
    if array.ndim > 2:
        raise InputError(f"{path}: is an IDX file of shape {array.shape}, expected labels; {ADVICE}")
    return array if array.ndim == 1 else np.ascontiguousarray(array[:, 0])


def _read(path: Path) -> np.ndarray:
    with Contents(path, LARGEST, ADVICE) as contents:
        kind, shape = _read_header(contents)
        size = math.prod(shape) * kind.itemsize
        if not 0 < size <= LARGEST:
            raise InputError(f"{path}: declares an array of shape {shape}, which is empty or too large; {ADVICE}")
        if size > HIGHEST_RATIO * path.stat().st_size:
            raise InputError(f"{path}: is truncated; {ADVICE}")
        array = np.empty(shape, kind)
        contents.read_into(array.reshape(-1).view(np.uint8).data)
        if contents.read_some(1):
            raise InputError(f"{path}: has extra bytes after the {shape[0]:,} examples it declares; {ADVICE}")
    return array


def _read_header(contents: Contents) -> tuple[np.dtype, tuple[int, ...]]:
    zero, code, dimensions = struct.unpack(">HBB", contents.read(4))
    if zero or code not in _TYPES or not 1 <= dimensions <= 4:
        magic = f"0x{zero:04x}{code:02x}{dimensions:02x}"
        raise InputError(
            f"{contents.path}: its magic number is {magic}, which is not that of an IDX file of bytes or integers;"
            f" {ADVICE}"
        )
    shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", contents.read(4 * dimensions))
    return _TYPES[code], shape
