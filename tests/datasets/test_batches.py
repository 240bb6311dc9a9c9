"""The order of batches: each example once an epoch, and batch k a function of (seed, k) alone."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.made_data import made_images
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn.datasets.batches import Batches, Split, scale

COUNTS, SIZES, SEEDS = st.integers(1, 60), st.integers(1, 80), st.integers(0, 2**31 - 1)


def made_batches(count: int, batch_size: int, seed: int) -> Batches:
    images = np.zeros((count, 1, 1, 1), np.uint8)
    return Batches(Split(images, np.zeros(count, np.uint8)), batch_size, seed)


def epochs(count: int, batch_size: int, seed: int, number: int) -> list[list[int]]:
    """The first epochs, as places in the split, from batches asked for one after the other."""
    batches = made_batches(count, batch_size, seed)
    needed = -(-number * count // batch_size)
    row = np.concatenate([batches.indices(step) for step in range(needed)]).tolist()
    return [row[epoch * count : (epoch + 1) * count] for epoch in range(number)]


@settings(deadline=None)
@given(COUNTS, SIZES, SEEDS)
def test_every_example_comes_once_an_epoch(count: int, batch_size: int, seed: int) -> None:
    for epoch in epochs(count, batch_size, seed, 3):
        assert sorted(epoch) == list(range(count))


@settings(deadline=None)
@given(COUNTS, SIZES, SEEDS, st.lists(st.integers(0, 200), min_size=2, max_size=12))
def test_a_batch_depends_on_seed_and_step_only(count: int, batch_size: int, seed: int, steps: list[int]) -> None:
    batches = made_batches(count, batch_size, seed)
    for step in steps:
        indices = batches.indices(step)
        assert indices.shape == (batch_size,)
        np.testing.assert_array_equal(indices, made_batches(count, batch_size, seed).indices(step))


@settings(deadline=None)
@given(COUNTS, SIZES, SIZES, SEEDS)
def test_the_order_of_examples_is_the_same_for_every_batch_size(count: int, one: int, other: int, seed: int) -> None:
    assert epochs(count, one, seed, 2) == epochs(count, other, seed, 2)


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = [tuple(epoch) for seed in (0, 1, 2) for epoch in epochs(50, 7, seed, 4)]
    assert len(set(orders)) == len(orders)


def test_a_batch_larger_than_the_set_holds_whole_epochs() -> None:
    indices = made_batches(5, 13, 0).indices(0)
    assert sorted(indices[:5]) == sorted(indices[5:10]) == [0, 1, 2, 3, 4]
    assert len(set(indices[10:])) == 3


def test_a_step_far_out_needs_none_of_those_before() -> None:
    assert sorted(made_batches(10, 10, 3).indices(10**9)) == list(range(10))


def test_a_batch_brings_images_with_their_own_labels() -> None:
    images, labels = made_images(30, seed=4)
    batches = Batches(Split(images, labels), 8, seed=2)
    for step in (0, 3, 1):
        places = batches.indices(step)
        batch_images, batch_labels = batches.batch(step)
        np.testing.assert_array_equal(batch_images, scale(images[places]))
        np.testing.assert_array_equal(batch_labels, labels[places])
        assert (batch_images.dtype, batch_images.shape) == (np.dtype(np.float32), (8, 28, 28, 1))
        assert (batch_labels.dtype, batch_labels.shape) == (np.dtype(np.int64), (8,))


def test_the_images_of_a_split_are_not_changed() -> None:
    images, labels = made_images(6, seed=4)
    kept = images.copy()
    batch, _ = Batches(Split(images, labels), 4, seed=0).batch(0)
    batch[:] = 9
    np.testing.assert_array_equal(images, kept)


@pytest.mark.parametrize("pixel, expected", [(0, 0.0), (255, 1.0)])
def test_black_is_exactly_zero_and_white_exactly_one(pixel: int, expected: float) -> None:
    scaled = scale(np.array([pixel], np.uint8))
    assert scaled.dtype == np.float32
    assert float(scaled[0]) == expected


def test_every_shade_keeps_its_place_between_zero_and_one() -> None:
    scaled = scale(np.arange(256, dtype=np.uint8))
    np.testing.assert_allclose(scaled, np.arange(256) / 255, rtol=1e-6)
    assert (np.diff(scaled) > 0).all()
    assert 0 <= scaled.min() <= scaled.max() <= 1
