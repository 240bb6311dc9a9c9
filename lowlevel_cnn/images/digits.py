"""Bring the ink of a digit into the form of MNIST's images.

MNIST's makers scaled each digit to fit 20 x 20 pixels, keeping its proportions, and placed its centre of mass in the
middle of 28 x 28 (LeCun, Cortes, Burges: The MNIST database). Their pens drew strokes about 2.2 of these pixels wide.
"""

from __future__ import annotations

import numpy as np

from lowlevel_cnn.images.ground import ink_over_ground
from lowlevel_cnn.images.picture import Steps
from lowlevel_cnn.images.resampling import resized
from lowlevel_cnn.images.strokes import stroke_width, thickened

SIZE = 28
_DIGIT = 20
_STROKE = 2.2  # pixels of the 20
# Strokes are measured and thickened on an image with so many times the pixels along each edge.
_FINE = 4
_GROUND = 0.2  # of the strongest ink
# Of MNIST's 60,000 training images, all have strokes between these widths, and all but one in 1,000 so much ink.
_THINNEST, _THICKEST = 1.1, 7.6
_MOST_INK = 260.0
_LEAST_EDGE = 18  # pixels, the longer edge of MNIST's digits


def as_it_is(grey: np.ndarray, polarity: str) -> np.ndarray | None:
    """Return the ink of an image in MNIST's form already, which scaling would only blur; None if it is not."""
    if grey.shape != (SIZE, SIZE):
        return None
    ink = ink_over_ground(grey, polarity, local=False)
    if not ink.any():
        return None
    ink = (ink / ink.max()).astype(np.float32)
    rows, columns = (np.flatnonzero((ink > _GROUND).any(axis=axis)) for axis in (1, 0))
    longest = max(np.ptp(rows), np.ptp(columns)) + 1
    middle = (SIZE - 1) / 2
    centred = all(abs(place - middle) <= 1 for place in centre_of_mass(ink))
    return ink if centred and _LEAST_EDGE <= longest <= _DIGIT and stroke_width(ink) > _THINNEST else None


def in_mnist_form(ink: np.ndarray, steps: Steps) -> np.ndarray:
    """Scale and centre a digit's ink.

    Args:
        ink: `[height, width]` in [0, 1], cut out of a picture.
        steps: what is done.

    Returns:
        `[28, 28]` float32 in [0, 1].
    """
    fine = np.pad(_fitted(ink, _DIGIT * _FINE), 2 * _FINE)
    if steps.stroke_width and (missing := _STROKE * _FINE - stroke_width(fine)) > 0:
        fine = thickened(fine, missing / 2)
    rows, columns = (np.flatnonzero(fine.max(axis=axis) > _GROUND) for axis in (1, 0))
    small = _fitted(fine[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], _DIGIT)
    small = np.clip(small / small.max(), 0, 1)
    middle = (SIZE - 1) / 2
    row, column = centre_of_mass(small)
    return placed(small, round(middle - row), round(middle - column))


def unlike_mnist(image: np.ndarray) -> str:
    """Return why an image `[28, 28]` is unlike all of MNIST's; "" if it is not."""
    if stroke_width(image) > _THICKEST or float(image.sum()) > _MOST_INK:
        return "a blot rather than strokes"
    return ""


def _fitted(ink: np.ndarray, longest: int) -> np.ndarray:
    """Scale so that the longer edge has this many pixels."""
    return resized(ink, *(max(1, round(length * longest / max(ink.shape))) for length in ink.shape))


def centre_of_mass(ink: np.ndarray) -> tuple[float, float]:
    """Return the mean row and column, weighted by ink."""
    rows, columns = ink.sum(axis=1), ink.sum(axis=0)
    return tuple(float(each @ np.arange(len(each)) / each.sum()) for each in (rows, columns))  # type: ignore[return-value]


def placed(picture: np.ndarray, top: int, left: int) -> np.ndarray:
    """Place a picture on a dark background of 28 x 28, moved no further than needed to stay inside."""
    height, width = picture.shape
    top, left = (min(max(place, 0), SIZE - length) for place, length in ((top, height), (left, width)))
    canvas = np.zeros((SIZE, SIZE), np.float32)
    canvas[top : top + height, left : left + width] = picture
    return canvas
