"""Measure how thick the strokes of a digit are, and make them thicker or thinner."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np


def stroke_width(ink: np.ndarray) -> float:
    """Return the mean width of the strokes in pixels.

    A stroke's two sides are about twice as long as itself, so its width is twice its area by the length of the outline;
    for ink in shades the outline's length is the sum of all gradients' magnitudes (the total variation).

    Args:
        ink: `[height, width]` in [0, 1].
    """
    padded = np.pad(ink, 1)
    # Central differences over two pixels would miss strokes that are one pixel wide.
    down, right = np.diff(padded, axis=0)[:, :-1], np.diff(padded, axis=1)[:-1]
    outline = float(np.sqrt(down**2 + right**2).sum())
    return 2 * float(ink.sum()) / outline if outline else 0.0


def thickened(ink: np.ndarray, radius: float) -> np.ndarray:
    """Spread the ink by a radius in pixels, or take as much off its outline if the radius is negative."""
    if radius < 0:
        return np.asarray(1 - thickened(1 - ink, -radius))
    whole = math.floor(radius)
    inner = _spread(ink, whole)
    return np.asarray(inner + (radius - whole) * (_spread(ink, whole + 1) - inner))


def _spread(ink: np.ndarray, radius: int) -> np.ndarray:
    """Give every pixel the strongest ink within a disc."""
    height, width = ink.shape
    padded = np.pad(ink, radius, mode="edge")
    spread = ink.copy()
    for down, right in _disc(radius):
        np.maximum(spread, padded[down : down + height, right : right + width], out=spread)
    return spread


@lru_cache
def _disc(radius: int) -> tuple[tuple[int, int], ...]:
    """Return the offsets of a disc's pixels, from the corner of the square around it."""
    places = range(-radius, radius + 1)
    within = radius * (radius + 0.5)
    return tuple((y + radius, x + radius) for y in places for x in places if 0 < y * y + x * x <= within)
