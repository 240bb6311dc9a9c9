"""Make pictures smaller or larger with NumPy alone."""

from __future__ import annotations

import numpy as np

_STRIP = 1 << 20  # bytes that are averaged at a time


def shrunk(pixels: np.ndarray, longest: int) -> np.ndarray:
    """Average blocks of a large picture, so that its longer edge has about `longest` pixels, and never fewer.

    Args:
        pixels: `[height, width, channels]` uint8.
        longest: pixels; a picture with fewer than twice as many is returned as it is.
    """
    side = max(pixels.shape[:2]) // longest
    if side < 2:
        return pixels
    height, width = (max(1, length // side) for length in pixels.shape[:2])
    rows, columns = (min(side, length) for length in pixels.shape[:2])
    pixels = pixels[: height * rows, : width * columns]
    averaged = np.empty((height, width, pixels.shape[2]), np.uint8)
    # In strips, so that the sums of a photograph do not need several times its memory.
    step = max(1, _STRIP // max(1, pixels[:rows].nbytes))
    for top in range(0, height, step):
        strip = pixels[top * rows : (top + step) * rows]
        blocks = strip.reshape(-1, rows, width, columns, pixels.shape[2])
        averaged[top : top + step] = np.rint(blocks.mean(axis=(1, 3), dtype=np.float32))
    return averaged


def resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale `[height, width]` or `[height, width, channels]` linearly, averaging where it becomes smaller."""
    rows, columns = _weights(picture.shape[0], height), _weights(picture.shape[1], width)
    if picture.ndim == 2:
        return np.asarray(rows @ picture @ columns.T)
    return np.stack([rows @ picture[..., each] @ columns.T for each in range(picture.shape[2])], axis=2)


def _weights(old: int, new: int) -> np.ndarray:
    """Return how much each of the old pixels of a line contributes to each new one: `[new, old]` float32."""
    scale = old / new
    reach = max(scale, 1.0)
    centres = (np.arange(new) + 0.5) * scale
    distances = np.abs(np.arange(old) + 0.5 - centres[:, np.newaxis])
    weights = np.maximum(1 - distances / reach, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
