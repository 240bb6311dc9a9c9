"""The pieces of a mask, against a flood fill, and lines and frames taken out of masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn.images.components import components
from lowlevel_cnn.images.pieces import in_reading_order
from lowlevel_cnn.images.ruled_lines import without_ruled_lines


def flooded(mask: np.ndarray) -> np.ndarray:
    """The number of each pixel's piece, found one pixel after the other; -1 outside of all."""
    labels, count = np.full(mask.shape, -1), 0
    for start in map(tuple, np.argwhere(mask)):
        if labels[start] >= 0:
            continue
        found = [start]
        while found:
            row, column = found.pop()
            inside = 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]
            if inside and mask[row, column] and labels[row, column] < 0:
                labels[row, column] = count
                found += [(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        count += 1
    return labels


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    share=st.sampled_from([0.1, 0.3, 0.5, 0.8, 1.0]),
)
@settings(max_examples=60, deadline=None)
def test_the_pieces_of_any_mask_are_those_that_a_flood_fill_finds(
    seed: int, height: int, width: int, share: float
) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < share
    found, expected = components(mask), flooded(mask)
    assert np.array_equal(found.labels, expected)
    assert found.area.tolist() == [(expected == each).sum() for each in range(expected.max() + 1)]
    for each, box in enumerate(found.boxes):
        rows, columns = np.nonzero(expected == each)
        assert box.tolist() == [rows.min(), columns.min(), rows.max() + 1, columns.max() + 1]


@pytest.mark.parametrize("turned", [False, True])
def test_a_ruled_line_is_taken_out_and_the_stroke_that_crosses_it_stays_whole(turned: bool) -> None:
    stroke = np.zeros((120, 200), bool)
    stroke[20:100, 90:100] = True
    lined = stroke.copy()
    # It is tilted by a degree.
    for column in range(200):
        lined[58 + column // 60 : 60 + column // 60, column] = True
    masks = (lined.T, stroke.T) if turned else (lined, stroke)
    left = without_ruled_lines(masks[0])
    assert (left & masks[1]).sum() >= 0.99 * stroke.sum()
    assert (left & ~masks[1]).sum() <= 4


def test_boxes_are_read_line_by_line_and_each_line_from_left_to_right() -> None:
    boxes = [[10, 50, 40, 70], [60, 10, 90, 30], [14, 10, 44, 30], [55, 50, 85, 70], [8, 90, 30, 99]]
    assert in_reading_order(np.array(boxes)) == [2, 0, 4, 1, 3]
