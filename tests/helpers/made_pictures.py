"""Small PNG files, and folders of them, written without a decoder's help."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

from helpers.made_data import made_images

_COLOUR_TYPES = {1: 0, 3: 2}


def png_bytes(pixels: np.ndarray) -> bytes:
    """The PNG file of `[height, width, 1 or 3]` uint8."""
    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def write_pictures(
    folder: Path, count: int, seed: int = 0, size: int = 28, channels: int = 1, prefix: str = ""
) -> tuple[np.ndarray, np.ndarray]:
    """Writes pictures into a folder of each of ten classes, and returns all pixels and labels.

    The classes are 0 to 9, after the prefix; the files are named by their index.
    """
    images, labels = made_images(count, seed, size, channels)
    for label in range(10):
        (folder / f"{prefix}{label}").mkdir(parents=True, exist_ok=True)
    for index, (image, label) in enumerate(zip(images, labels, strict=True)):
        (folder / f"{prefix}{label}" / f"{index}.png").write_bytes(png_bytes(image))
    return images, labels


def rows(images: np.ndarray, labels: np.ndarray) -> list[tuple[bytes, int]]:
    """The pictures with their labels, sorted, as another order does not make other data."""
    return sorted((image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True))
