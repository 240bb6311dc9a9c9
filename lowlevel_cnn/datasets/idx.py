"""Read IDX, the format of MNIST: a magic number, the dimensions, then the bytes of labels or images."""

from __future__ import annotations

import hashlib
import math
import struct
from pathlib import Path

import numpy as np

from lowlevel_cnn.datasets.decompression import ADVICE, Contents
from lowlevel_cnn.errors import InputError

LABELS_MAGIC = 0x00000801
IMAGES_MAGIC = 0x00000803
MOST_EXAMPLES = 70_000


def read_idx(path: str | Path, *, image_size: tuple[int, int] = (28, 28), most: int = MOST_EXAMPLES) -> np.ndarray:
    """Read an IDX file of labels or images, gzipped or not.

    The header is checked before the body is read, and nothing beyond what it declares is decompressed.

    Args:
        image_size: the height and width in pixels that images must have.
        most: the largest accepted number of labels or images.

    Returns:
        `[count]` or `[count, height, width]` uint8, read-only.

    Raises:
        InputError: it cannot be read, is damaged or truncated, has another magic number, size or number of
            images, or has extra bytes after its last image.
    """
    path = Path(path)
    largest = 16 + most * max(1, math.prod(image_size))
    with Contents(path, largest=largest + (1 << 20)) as contents:  # incompressible data grows a little in gzip
        shape = _read_shape(contents, image_size, most)
        body = contents.read(math.prod(shape))
        if contents.read_some(1):
            raise InputError(f"{path}: has extra bytes after the {shape[0]:,} examples it declares; {ADVICE}")
    return np.frombuffer(body, dtype=np.uint8).reshape(shape)


def idx_checksum(array: np.ndarray) -> str:
    """Return the MD5, in hexadecimal digits, of the uncompressed IDX file of these labels or images."""
    magic = LABELS_MAGIC if array.ndim == 1 else IMAGES_MAGIC
    digest = hashlib.md5(struct.pack(f">{1 + array.ndim}I", magic, *array.shape), usedforsecurity=False)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _read_shape(contents: Contents, image_size: tuple[int, int], most: int) -> tuple[int, ...]:
    (magic,) = struct.unpack(">I", contents.read(4))
    if magic not in (LABELS_MAGIC, IMAGES_MAGIC):
        raise InputError(
            f"{contents.path}: not an IDX file: its magic number is 0x{magic:08x}, expected"
            f" 0x{LABELS_MAGIC:08x} (labels) or 0x{IMAGES_MAGIC:08x} (images); {ADVICE}"
        )
    (count,) = struct.unpack(">I", contents.read(4))
    if not 1 <= count <= most:
        raise InputError(f"{contents.path}: declares {count:,} examples, expected 1 to {most:,}; {ADVICE}")
    if magic == LABELS_MAGIC:
        return (count,)
    height, width = struct.unpack(">2I", contents.read(8))
    if (height, width) != image_size:
        expected = f"{image_size[0]}x{image_size[1]}"
        raise InputError(f"{contents.path}: images of {height}x{width} pixels, expected {expected}; {ADVICE}")
    return (count, height, width)
