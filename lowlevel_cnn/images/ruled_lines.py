"""Take ruled lines out of a mask of ink, and leave the strokes that cross them whole."""

from __future__ import annotations

import numpy as np

from lowlevel_cnn.images.components import Components, components

_SMALLEST = 64  # pixels; on a smaller picture a line is as thick as a stroke
_RUN = 0.12  # of the picture's width: the least length of the horizontal runs in a line, which may be slightly tilted
_TILT = 3  # pixels
_THICK = 0.03  # of the picture's height: the greatest thickness of a line
_MARGIN = 0.08  # of the picture's height: what is nearer to the edge may be a stroke of a digit that fills the picture


def without_ruled_lines(mask: np.ndarray) -> np.ndarray:
    """Return a mask `[height, width]` without the thin lines that go from edge to edge, horizontally or vertically."""
    if min(mask.shape) < _SMALLEST:
        return mask
    return _without_horizontal_lines(_without_horizontal_lines(mask).T).T


def _without_horizontal_lines(mask: np.ndarray) -> np.ndarray:
    height, width = mask.shape
    shortest = max(2, round(_RUN * width))
    thickest = max(2, round(_THICK * height))
    # Strokes of a digit are thicker, or go on above and below the line.
    thin = mask & ~_opened(mask.T, thickest + 1).T
    runs = _closed(_opened(thin, shortest), width // 2)
    if not runs.any():
        return mask
    pieces = components(runs)
    thickness = pieces.area / np.maximum(pieces.widths, 1)
    inside = (pieces.boxes[:, 0] >= _MARGIN * height) & (pieces.boxes[:, 2] <= (1 - _MARGIN) * height)
    # A tilted line loses the short runs at its ends.
    spanning = (pieces.boxes[:, 1] <= shortest) & (pieces.boxes[:, 3] >= width - shortest)
    lines = inside & (thickness <= thickest) & spanning & _reaches_both_edges(mask, pieces)
    if not lines.any():
        return mask
    chosen = np.pad(_all_of(pieces, lines), ((1, 1), (0, 0)))
    # With the steps beside it, where a tilted line goes over to the next row.
    line = (chosen[:-2] | chosen[1:-1] | chosen[2:]) & thin
    left = mask & ~line
    # Where there is ink on both sides of the line, a stroke crosses it.
    reach = 2 + int(np.ceil(thickness[lines].max()))
    return np.asarray(left | (_closed(left.T, 2 * reach).T & line))


def _reaches_both_edges(mask: np.ndarray, pieces: Components) -> np.ndarray:
    """Return of which pieces the mask goes on to the left and the right edge, at about their height."""
    ends = [np.asarray(columns.any(axis=1)) for columns in (mask[:, :2], mask[:, -2:])]
    rows = [slice(max(top - _TILT, 0), bottom + _TILT) for top, bottom in pieces.boxes[:, [0, 2]]]
    return np.array([all(end[each].any() for end in ends) for each in rows])


def _all_of(pieces: Components, chosen: np.ndarray) -> np.ndarray:
    return np.asarray(np.append(chosen, False)[pieces.labels])


def _opened(mask: np.ndarray, length: int) -> np.ndarray:
    """Keep the horizontal runs of at least this length."""
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    first, last = np.argwhere(steps == 1), np.argwhere(steps == -1)
    long = last[:, 1] - first[:, 1] >= length
    kept = np.zeros((mask.shape[0], mask.shape[1] + 1), np.int8)
    kept[first[long, 0], first[long, 1]] = 1
    kept[last[long, 0], last[long, 1]] = -1
    return np.asarray(np.cumsum(kept, axis=1)[:, :-1] > 0)


def _closed(mask: np.ndarray, length: int) -> np.ndarray:
    """Fill the horizontal gaps shorter than this between set pixels."""
    padded = np.pad(mask, ((0, 0), (length, length)))
    return ~_opened(~padded, length)[:, length:-length]
