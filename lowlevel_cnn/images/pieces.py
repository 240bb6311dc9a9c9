"""Choose the pieces of ink that are digits: not the frame around them, nor lines, specks, and what neighbours left."""

from __future__ import annotations

import numpy as np

from lowlevel_cnn.images.components import Components

_ACROSS = 0.8  # of the picture's height or width: how far a frame or line at the edge goes
_SIDE = 0.1  # of a box: how near to its sides the ink of a frame is
_ON_SIDES = 0.85  # of the ink of a frame is so near to its sides
_SOLID = 0.8  # of its box: what is filled so much has no strokes
_LEAST = 0.12  # of the picture's shorter edge: the least length of a digit for which a frame is given up
_SPECK = 0.02  # of the area of the greatest piece of a digit
_NEAR, _TOUCHING = 0.15, 0.06  # of a digit's longer edge: how far away a piece of a broken stroke may be
_SMALL = 32  # pixels
_TALL = 0.5  # of a digit's height: what is that tall beside it is another digit
_LIKE = 0.2  # of the greatest digit's ink: what has less is none


def edges_touched(pieces: Components) -> np.ndarray:
    """Return which edges of the picture each piece touches: `[pieces, 4]` booleans, top, left, bottom, right."""
    touched: np.ndarray = pieces.boxes == np.array([0, 0, *pieces.labels.shape])
    return touched


def frames(pieces: Components) -> np.ndarray:
    """Return which pieces are lines along the edges, or boxes around others; none if nothing else is left."""
    height, width = pieces.labels.shape
    touched = edges_touched(pieces)
    across = (touched[:, 1] & touched[:, 3]) | (touched[:, 0] & touched[:, 2])
    long = (pieces.widths >= _ACROSS * width) | (pieces.heights >= _ACROSS * height)
    found = (across & long) | _boxes_around_others(pieces)
    return found if may_hold_a_digit(pieces, ~found) else np.zeros(len(pieces), bool)


def may_hold_a_digit(pieces: Components, chosen: np.ndarray) -> bool:
    """Return whether one of the chosen pieces is long enough for a digit."""
    longest = np.maximum(pieces.heights, pieces.widths)[chosen]
    return bool((longest >= _LEAST * min(pieces.labels.shape)).any())


def _boxes_around_others(pieces: Components) -> np.ndarray:
    """Return which pieces are outlines with straight sides, and a piece inside that may be a digit."""
    found = np.zeros(len(pieces), bool)
    tops, lefts, bottoms, rights = pieces.boxes.T
    for each, (top, left, bottom, right) in enumerate(pieces.boxes):
        inside = (tops > top) & (lefts > left) & (bottoms < bottom) & (rights < right)
        if not (inside & (pieces.heights >= 2 * _LEAST * (bottom - top))).any():
            continue
        found[each] = _is_outline(pieces.labels[top:bottom, left:right] == each)
    return found


def _is_outline(box: np.ndarray) -> bool:
    rows, columns = (max(1, round(_SIDE * length)) for length in box.shape)
    return bool(box[rows:-rows, columns:-columns].sum() <= (1 - _ON_SIDES) * box.sum())


def is_a_block_or_frame(pieces: Components, digit: np.ndarray) -> bool:
    """Return whether the pieces chosen are a filled part of the picture, as a table's edge is, or the frame of it."""
    if edges_touched(pieces)[digit].any(axis=0).sum() < 3:
        return False
    rows, columns = (slice(*places) for places in zip(*_box(pieces, digit), strict=True))
    box = np.append(digit, False)[pieces.labels[rows, columns]]
    return bool(box.mean() > _SOLID) or (min(box.shape) >= _SMALL and _is_outline(box))


def _box(pieces: Components, digit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return top and left, and bottom and right, of the box around some pieces."""
    return pieces.boxes[digit, :2].min(axis=0), pieces.boxes[digit, 2:].max(axis=0)


def main_piece(pieces: Components) -> int:
    """Return the number of the piece that is most likely a digit or the greatest part of one."""
    middles = (pieces.boxes[:, :2] + pieces.boxes[:, 2:]) / 2 / pieces.labels.shape - 0.5
    central = np.exp(-4 * (middles**2).sum(axis=1))
    whole = 0.3 ** edges_touched(pieces).sum(axis=1)
    return int(np.argmax(np.maximum(pieces.heights, pieces.widths) * np.sqrt(pieces.area) * central * whole))


def digit_around(pieces: Components, main: int) -> np.ndarray:
    """Return which pieces make up the digit around its main piece: those near it, as of a broken stroke."""
    chosen = np.zeros(len(pieces), bool)
    chosen[main] = True
    # A picture as small as MNIST's was made of one digit, and all that is near belongs to it.
    alone = max(pieces.labels.shape) <= _SMALL
    at_edge = edges_touched(pieces).any(axis=1) & ~edges_touched(pieces)[main].any() & (not alone)
    large = pieces.area >= _SPECK * pieces.area[main]
    while True:
        top_left, bottom_right = _box(pieces, chosen)
        gaps = np.maximum(pieces.boxes[:, :2] - bottom_right, top_left - pieces.boxes[:, 2:])
        size = bottom_right - top_left
        near = np.where(at_edge, -np.inf, _NEAR * size.max())
        # What is as tall and beside it is a neighbour; what is above, below or shares columns with it, is not.
        beside = (gaps[:, 1] > -0.25 * pieces.widths) & (pieces.heights >= _TALL * size[0])
        beside &= (gaps.max(axis=1) > _TOUCHING * size.max()) & (not alone)
        found = large & (gaps.max(axis=1) <= near) & ~beside & ~chosen
        if not found.any():
            return chosen
        chosen |= found


def all_digits(pieces: Components) -> list[np.ndarray]:
    """Return for each digit which pieces it consists of: `[pieces]` booleans. The most prominent is the first."""
    first = digit_around(pieces, main_piece(pieces))
    digits, taken = [first], first.copy()
    tallest, ink = _height(pieces, first), pieces.area[first].sum()
    whole = np.asarray(~edges_touched(pieces).any(axis=1))
    for each in np.argsort(-pieces.area, kind="stable"):
        if taken[each] or not whole[each]:
            continue
        digit = digit_around(pieces, int(each)) & ~taken
        taken |= digit
        if _height(pieces, digit) >= _TALL * tallest and pieces.area[digit].sum() >= _LIKE * ink:
            digits.append(digit)
    return digits


def _height(pieces: Components, digit: np.ndarray) -> int:
    return int(pieces.boxes[digit, 2].max() - pieces.boxes[digit, 0].min())


def in_reading_order(boxes: np.ndarray) -> list[int]:
    """Return the order of boxes `[count, 4]` (top, left, bottom, right): line by line, each from left to right.

    A box belongs to a line if its middle is within the height of the box that began the line.
    """
    left = sorted(range(len(boxes)), key=lambda each: int(boxes[each][0]))
    order: list[int] = []
    while left:
        first = boxes[left[0]]
        line = [each for each in left if (boxes[each][0] + boxes[each][2]) / 2 <= first[2]]
        line = line or left[:1]
        order += sorted(line, key=lambda each: int(boxes[each][1]))
        left = [each for each in left if each not in line]
    return order
