"""Tell the ink of a picture from its ground: paper in uneven light, a blackboard, a canvas."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lowlevel_cnn.images.resampling import resized

DARK_ON_LIGHT, LIGHT_ON_DARK = "dark-on-light", "light-on-dark"
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)

_SMALL = 64  # pixels; a smaller picture has no light of its own in every part
_CLOSE = 0.1  # to one half: a share of light pixels from which nothing is concluded
_BLOCKS = 16  # along the longer edge
_REACH = 2  # blocks: what is as wide as twice that is not taken for ground
_BRIGHT = 75  # percentile of a block that is ground, where ink is in it
_DARKEST = 40  # grey level of paper in a shadow
_LEVELS = 256
_ROUNDS = 3  # of fitting a plane and leaving out what is far from it
_BETTER = 0.5  # of the distance from a level: what a plane must come down to


def polarity_of(grey: np.ndarray) -> str:
    """Judge whether a picture has dark ink on light ground, or light ink on dark ground.

    Most of a picture is ground; where neither is most, the edges are.
    """
    middle = (float(grey.min()) + float(grey.max())) / 2
    light = float((grey > middle).mean())
    if abs(light - 0.5) < _CLOSE:
        light = float(edge_level(grey) > middle)
    return DARK_ON_LIGHT if light > 0.5 else LIGHT_ON_DARK


def edge_level(grey: np.ndarray) -> float:
    """Return the median grey level of the pixels along the four edges."""
    return float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))


def ink_over_ground(grey: np.ndarray, polarity: str, *, local: bool = True) -> np.ndarray:
    """Return how far each pixel `[height, width]` is from the ground in the direction of ink, in grey levels from 0.

    Args:
        grey: `[height, width]` float32, 0 to 255.
        polarity: `DARK_ON_LIGHT` or `LIGHT_ON_DARK`.
        local: whether the ground may differ from place to place, as it does where a shadow falls on paper.
    """
    light = grey if polarity == DARK_ON_LIGHT else 255 - grey
    if local and max(grey.shape) >= _SMALL:
        ground = _local_ground(light)
        ink = np.maximum(ground - light, 0)
        if polarity == DARK_ON_LIGHT:
            # Ink takes its share of the light: in a shadow it differs less from the paper.
            ink *= ground.max() / np.maximum(ground, _DARKEST)
        return np.asarray(np.clip(ink, 0, _LEVELS - 1))
    level: np.ndarray | float = _sloped_ground(light) if local else edge_level(light)
    return np.asarray(np.maximum(level - light, 0))


def _sloped_ground(light: np.ndarray) -> np.ndarray:
    """Estimate the ground of a small picture as a plane through its edges; level, if that fits as well."""
    height, width = light.shape
    rows, columns = np.indices(light.shape, np.float32)
    places = np.stack([np.ones_like(rows), rows / height, columns / width], axis=2)
    at_edges = np.ones(light.shape, bool)
    at_edges[1:-1, 1:-1] = False
    along, levels = places[at_edges], light[at_edges]
    kept = np.ones(len(levels), bool)
    for _ in range(_ROUNDS):
        plane = np.linalg.lstsq(along[kept], levels[kept], rcond=None)[0]
        off = np.abs(levels - along @ plane)
        kept = off <= 2 * np.median(off) + 1
    level = edge_level(light)
    if np.median(off) > _BETTER * np.median(np.abs(levels - level)):
        return np.full_like(light, level)
    return np.asarray(np.clip(places @ plane, 0, _LEVELS - 1), np.float32)


def _local_ground(light: np.ndarray) -> np.ndarray:
    """Estimate the level of a light ground everywhere from what is brightest in blocks and in those around them."""
    side = -(-max(light.shape) // _BLOCKS)
    rows, columns = (-(-length // side) for length in light.shape)
    bottom, right = rows * side - light.shape[0], columns * side - light.shape[1]
    whole = np.pad(light, ((0, bottom), (0, right)), mode="symmetric" if min(light.shape) > side else "edge")
    blocks = whole.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(rows, columns, -1)
    # A closing: it fills blocks that are all ink from around them, and leaves the slope of a shadow as it is.
    levels = -_widened(-_widened(np.percentile(blocks, _BRIGHT, axis=2).astype(np.float32), _REACH), _REACH)
    smooth = sliding_window_view(np.pad(levels, 1, mode="edge"), (3, 3)).mean(axis=(2, 3))
    return resized(smooth, *whole.shape)[: light.shape[0], : light.shape[1]]


def _widened(levels: np.ndarray, reach: int) -> np.ndarray:
    """Give each block the highest level within a square around it."""
    for axis in (0, 1):
        pad = [(reach, reach) if each == axis else (0, 0) for each in (0, 1)]
        padded = np.pad(levels, pad, mode="edge")
        levels = sliding_window_view(padded, 2 * reach + 1, axis=axis).max(axis=-1)
    return levels


def otsu_threshold(values: np.ndarray) -> float:
    """Return the level that separates values 0 to 255 into two classes with the greatest variance between them.

    Source: N. Otsu, A threshold selection method from gray-level histograms, IEEE Trans. SMC 9 (1979).
    """
    counts = np.bincount(values.astype(np.uint8).ravel(), minlength=_LEVELS)
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * np.arange(_LEVELS))
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    best = np.nan_to_num(between)
    # Of a gap without values, the middle.
    return float(np.flatnonzero(best >= best.max() * (1 - 1e-9)).mean()) + 0.5
