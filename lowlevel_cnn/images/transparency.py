"""Put transparent pictures on a ground."""

from __future__ import annotations

import numpy as np

from lowlevel_cnn.images.ground import LUMINANCE

_FEW = 0.75  # of the pixels in the box of what is opaque: fewer are ink, more are a picture with its own ground
_MIDDLE = 128
_STRIP = 256  # rows


def without_transparency(pixels: np.ndarray) -> np.ndarray:
    """Lay a picture on a ground of one grey level where it is transparent.

    Ink on a transparent ground is laid on white or, if it is light, on black. A picture with a transparent margin or
    with transparent corners gets its own ground there.

    Args:
        pixels: `[height, width, 2 or 4]` uint8, the last channel being the opacity.

    Returns:
        `[height, width, 1 or 3]` uint8.
    """
    opaque = pixels[..., -1]
    ground = _ground(pixels, opaque >= _MIDDLE)
    laid = np.empty((*pixels.shape[:2], pixels.shape[2] - 1), np.uint8)
    for top in range(0, len(pixels), _STRIP):
        rows = slice(top, top + _STRIP)
        share = opaque[rows, :, np.newaxis].astype(np.float32) / 255
        laid[rows] = np.rint(pixels[rows, :, :-1] * share + ground * (1 - share))
    return laid


def _ground(pixels: np.ndarray, opaque: np.ndarray) -> float:
    if not opaque.any():
        return 255
    # Some thousand pixels tell the levels as well as all of a photograph's.
    seen = pixels[opaque][:: max(1, int(opaque.sum()) // 10_000), :-1].astype(np.float32)
    levels = seen[:, 0] if seen.shape[1] == 1 else seen @ LUMINANCE
    rows, columns = (np.flatnonzero(opaque.any(axis=axis)) for axis in (1, 0))
    if opaque.sum() > _FEW * (np.ptp(rows) + 1) * (np.ptp(columns) + 1) and np.ptp(levels) > _MIDDLE / 2:
        return float(np.median(levels))
    return 255 if np.median(levels) < _MIDDLE else 0
