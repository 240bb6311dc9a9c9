"""Find the digits on a picture: which of its ink is a digit, and how strong it is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.components import Components, components
from lowlevel_cnn.images.ground import DARK_ON_LIGHT, ink_over_ground, otsu_threshold
from lowlevel_cnn.images.picture import Steps
from lowlevel_cnn.images.pieces import (
    all_digits,
    edges_touched,
    frames,
    in_reading_order,
    is_a_block_or_frame,
    may_hold_a_digit,
)
from lowlevel_cnn.images.ruled_lines import without_ruled_lines
from lowlevel_cnn.images.strokes import thickened

NOTHING = "there is no digit on it"

_FIXED = 0.2  # of the strongest ink, where no threshold is looked for
_SATURATED = 60  # percentile of a digit's ink that becomes fully black, or white
_FAINT = 0.1  # of that, which is still ground
_CONTRAST = 8  # grey levels, the least of the strongest ink
# What ink and ground have, at least, on a picture of a digit. Noise and slopes have less of one of them.
_BETWEEN = 0.74  # of the variance of all pixels is between ink and ground; Gaussian noise has 0.64, a slope 0.75
_CLEAR = 4.8  # the digit's ink, in standard deviations of the ground; digits have 6 or more
_CLEAR_AT_EDGES = 7.3  # the same where the ink touches two edges or more, as that of a slope does, which has 7.2
_BESIDE = 35  # percentile of what is beside the digit's strokes that is more like the ground than like ink
_OWN = 0.75  # of all ink that is not at the edges belongs to digits
_LONGEST_OUTLINE = 14  # times the longer edge of the digit; MNIST's have up to 8
_FINE = 64  # pixels; on a smaller picture the strokes of a digit are close to each other
_MOST_PIECES = 40  # beyond the number of digits


@dataclass(frozen=True)
class Found:
    """A digit on a picture.

    Attributes:
        ink: `[height, width]` float32 in [0, 1], cut out of the picture.
        box: top, left, bottom, right in pixels; the last two are exclusive.
    """

    ink: np.ndarray
    box: tuple[int, int, int, int]


def find(grey: np.ndarray, polarity: str, steps: Steps) -> tuple[Found, list[Found]]:
    """Return the most prominent digit on a picture, and all of its digits in reading order.

    Args:
        grey: `[height, width]` float32, 0 to 255.
        polarity: see `ground`.
        steps: what is done.

    Raises:
        InputError: there is none.
    """
    ink = ink_over_ground(grey, polarity, local=steps.local_ground)
    mask = _mask(ink, steps)
    if not steps.pieces:
        found = _cut_out(ink, mask, steps)
        return found, [found]
    ink, pieces = _without_frames(ink, mask, steps)
    chosen = all_digits(pieces)
    masks = [np.append(each, False)[pieces.labels] for each in chosen]
    if steps.own_threshold:
        _check(ink, pieces, masks, chosen[0])
        _check_ground(grey if polarity == DARK_ON_LIGHT else 255 - grey, masks[0])
    digits = [_cut_out(ink, each, steps) for each in masks]
    order = in_reading_order(np.array([each.box for each in digits]))
    return digits[0], [digits[each] for each in order]


def _mask(ink: np.ndarray, steps: Steps) -> np.ndarray:
    mask = ink > (otsu_threshold(ink) if steps.own_threshold else _FIXED * ink.max())
    if not mask.any() or ink.max() < _CONTRAST:
        raise InputError(NOTHING)
    return mask


def _without_frames(ink: np.ndarray, mask: np.ndarray, steps: Steps) -> tuple[np.ndarray, Components]:
    """Return the ink without frames and lines, and its pieces."""
    pieces = components(kept := without_ruled_lines(mask))
    if may_hold_a_digit(pieces, np.full(len(pieces), True)):
        ink = np.where(mask & ~kept, 0, ink)
    else:
        # A single line may be a 1.
        pieces = components(mask)
        if len(pieces) > 1:
            raise InputError(NOTHING)
    dropped = frames(pieces)
    if not dropped.any():
        return ink, pieces
    # A frame's shades too; then the threshold is that of what is left, which may be fainter than the frame.
    frame = thickened(np.append(dropped, False)[pieces.labels].astype(np.float32), 2) > 0
    left = np.where(frame, 0, ink)
    mask = _mask(left, steps)
    return left, components(mask)


def _cut_out(ink: np.ndarray, mask: np.ndarray, steps: Steps) -> Found:
    """Cut the ink under a mask out of a picture, with a pixel around it, where strokes fade."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left, bottom, right = int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
    around = (slice(max(top - 1, 0), bottom + 1), slice(max(left - 1, 0), right + 1))
    own = thickened(mask[around].astype(np.float32), 1)
    full = np.percentile(ink[mask], _SATURATED) if steps.own_threshold else ink.max()
    shades = np.clip((ink[around] / full - _FAINT) / (1 - _FAINT), 0, 1)
    return Found((shades * own).astype(np.float32), (top, left, bottom, right))


def _check(ink: np.ndarray, pieces: Components, masks: list[np.ndarray], main: np.ndarray) -> None:
    """Refuse what noise, slopes of light and the edge of a table leave.

    Otsu's threshold cuts noise and slopes, too, in two, but these are not far apart.

    Raises:
        InputError: it is such ink.
    """
    digits, covered = np.logical_or.reduce(masks), pieces.labels >= 0
    ground = ink[~covered]
    between = covered.mean() * (1 - covered.mean()) * (ink[covered].mean() - ground.mean()) ** 2
    touched = edges_touched(pieces)
    at_edges = touched[main].any(axis=0).sum() > 1
    others = ~touched.any(axis=1) & ~np.isin(np.arange(len(pieces)), pieces.labels[digits])
    contrast = float(np.median(ink[digits])) / max(float(ground.std()), 1e-6)
    if (
        between < _BETWEEN * ink.var()
        or contrast < (_CLEAR_AT_EDGES if at_edges else _CLEAR)
        or digits.sum() < _OWN * (pieces.area[others].sum() + digits.sum())
        or len(pieces) > _MOST_PIECES + len(masks)
        or is_a_block_or_frame(pieces, main)
        or _outline(masks[0]) > _LONGEST_OUTLINE * max(masks[0].any(axis=axis).sum() for axis in (0, 1))
    ):
        raise InputError(NOTHING)


def _check_ground(light: np.ndarray, mask: np.ndarray) -> None:
    """Refuse what has ground on one side only, as the edge of a dark half has, or is in the midst of noise.

    Raises:
        InputError: it is such ink.
    """
    fine = max(mask.shape) < _FINE
    near, far = (1, 2) if fine else (2, 4)
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    around = tuple(slice(max(each[0] - far, 0), each[-1] + 1 + far) for each in (rows, columns))
    own, levels = mask[around].astype(np.float32), light[around]
    beside = levels[(thickened(own, far) > 0) & (thickened(own, near) == 0)]
    if not beside.size:
        return
    darker, ground = np.percentile(beside, (_BESIDE, 90))
    if darker < (ground + float(np.median(light[mask]))) / 2:
        raise InputError(NOTHING)


def _outline(mask: np.ndarray) -> int:
    """Return how many pixels' edges are between a mask and what is around it."""
    padded = np.pad(mask, 1)
    return int(sum(np.diff(padded, axis=axis).sum() for axis in (0, 1)))
