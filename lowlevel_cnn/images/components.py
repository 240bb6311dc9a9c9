"""Find the connected pieces of a mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Components:
    """The pieces of a mask; pixels that touch at an edge or a corner belong to the same one.

    Attributes:
        labels: `[height, width]` int, the number of each pixel's piece; -1 outside of all.
        area: `[pieces]` pixels.
        boxes: `[pieces, 4]`: top, left, bottom, right in pixels; the last two are exclusive.
    """

    labels: np.ndarray
    area: np.ndarray
    boxes: np.ndarray

    def __len__(self) -> int:
        return len(self.area)

    @property
    def heights(self) -> np.ndarray:
        """The heights of the boxes, pixels."""
        return np.asarray(self.boxes[:, 2] - self.boxes[:, 0])

    @property
    def widths(self) -> np.ndarray:
        """The widths of the boxes, pixels."""
        return np.asarray(self.boxes[:, 3] - self.boxes[:, 1])


def components(mask: np.ndarray) -> Components:
    """Find the pieces of a mask `[height, width]` of booleans, numbered by their first pixels in reading order."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    # One row of the mask after the other, as runs of set pixels.
    steps = np.diff(padded, axis=1).ravel()
    row, first = np.divmod(np.flatnonzero(steps == 1), width + 1)
    last = np.flatnonzero(steps == -1) % (width + 1) - 1
    number, names = _joined(*_touching(row, first, last, width), len(row))
    boxes = np.empty((names, 4), int)
    area = np.bincount(number, last - first + 1, names).astype(int)
    boxes[:, :2], boxes[:, 2:] = max(height, width), 0
    for column, values in ((0, row), (1, first)):
        np.minimum.at(boxes[:, column], number, values)
    for column, values in ((2, row + 1), (3, last + 1)):
        np.maximum.at(boxes[:, column], number, values)
    labels = np.full((height, width), -1)
    labels[mask] = np.repeat(number, last - first + 1)
    return Components(labels, area, boxes)


def _touching(row: np.ndarray, first: np.ndarray, last: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of runs that touch, one of each pair in the row above the other's."""
    # A row has its own range of places, with a gap between two rows, so that one search serves all.
    stride = width + 4
    begins, ends = row * stride + first, row * stride + last
    low = np.searchsorted(ends, begins - stride - 1)
    high = np.searchsorted(begins, ends - stride + 1, side="right")
    counts = np.maximum(high - low, 0)
    below = np.repeat(np.arange(len(row)), counts)
    offsets = np.arange(len(below)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(low, counts) + offsets, below


def _joined(one: np.ndarray, other: np.ndarray, count: int) -> tuple[np.ndarray, int]:
    """Return the number of each run's piece, given the pairs that touch, and how many pieces there are."""
    parent = np.arange(count)
    while True:
        lowest = np.minimum(parent[one], parent[other])
        joined = parent.copy()
        for each in (one, other):
            np.minimum.at(joined, parent[each], lowest)
        while not np.array_equal(joined, followed := joined[joined]):
            joined = followed
        if np.array_equal(joined, parent):
            break
        parent = joined
    roots, number = np.unique(parent, return_inverse=True)
    return number.reshape(-1), len(roots)
