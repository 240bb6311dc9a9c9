"""Pages with a digit on them, and PNG files of pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lowlevel_cnn.tensorflow_v1 import tf


def write_png(path: Path, pixels: np.ndarray) -> Path:
    path.write_bytes(tf.io.encode_png(pixels.astype(np.uint8)).numpy())
    return path


def a_seven(size: int = 200, left: int = 30, top: int = 20) -> np.ndarray:
    """Black on white, `[size, size, 1]`: a bar, and a leaning stem below its right end."""
    page = np.full((size, size, 1), 255)
    page[top : top + 12, left : left + 60] = 0
    for row in range(80):
        page[top + row, left + 55 - row // 3 : left + 65 - row // 3] = 0
    return page
