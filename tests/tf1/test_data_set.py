"""The batches of the tutorials' `DataSet`, against a specification that is written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.data_set import DataSet


def numbered(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images whose pixels are their numbers, which are their labels."""
    numbers = np.arange(count, dtype=np.uint8)
    return np.broadcast_to(numbers[:, None, None, None], (count, 28, 28, 1)), numbers


class Specification:
    """`next_batch`, written out: an endless row of epochs, each in an order of its own, cut into batches.

    An epoch is drawn when a batch first needs it, by NumPy's generator, from the order of the epoch before.
    """

    def __init__(self, count: int, generator: np.random.RandomState) -> None:
        self.generator = generator
        self.order = list(range(count))
        self.left: list[int] | None = None
        self.epochs_completed = 0

    def begin_epoch(self, shuffle: bool) -> None:
        if shuffle:
            permutation = np.arange(len(self.order))
            self.generator.shuffle(permutation)
            self.order = [self.order[place] for place in permutation]
        self.left = list(self.order)

    def next_batch(self, size: int, shuffle: bool) -> list[int]:
        batch: list[int] = []
        if self.left is None:
            self.begin_epoch(shuffle)
        while len(batch) < size:
            assert self.left is not None
            if not self.left:
                self.epochs_completed += 1
                self.begin_epoch(shuffle)
            batch.append(self.left.pop(0))
        return batch


@given(
    count=st.integers(1, 30),
    seed=st.integers(0, 2**32 - 1),
    calls=st.lists(st.tuples(st.integers(1, 70), st.booleans()), max_size=8),
)
def test_the_batches_are_those_of_the_specification(count: int, seed: int, calls: list[tuple[int, bool]]) -> None:
    data = DataSet(*numbered(count), dtype=np.uint8, seed=seed)
    expected = Specification(count, np.random.RandomState(seed))
    for size, shuffle in calls:
        images, labels = data.next_batch(size, shuffle=shuffle)
        assert labels.tolist() == expected.next_batch(size, shuffle)
        assert (images == labels[:, np.newaxis]).all()
        assert data.epochs_completed == expected.epochs_completed
    assert data.num_examples == count


@given(count=st.integers(1, 40), size=st.integers(1, 40), calls=st.integers(1, 10))
def test_every_epoch_has_each_example_once(count: int, size: int, calls: int) -> None:
    data = DataSet(*numbered(count))
    row = np.concatenate([data.next_batch(size)[1] for _ in range(calls)])
    for begin in range(0, len(row) - count + 1, count):
        assert sorted(row[begin : begin + count]) == list(range(count))
    assert data.epochs_completed == (len(row) - 1) // count


def test_the_graphs_seed_decides_where_no_other_does() -> None:
    with tf.Graph().as_default():
        tf.set_random_seed(5)
        first, second = (DataSet(*numbered(50)).next_batch(50)[1] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, DataSet(*numbered(50), seed=5).next_batch(50)[1])


def test_a_script_seeds_the_order_by_numpys_generator() -> None:
    np.random.seed(3)
    first = DataSet(*numbered(50)).next_batch(50)[1]
    np.random.seed(3)
    np.testing.assert_array_equal(first, DataSet(*numbered(50)).next_batch(50)[1])
    assert first.tolist() != list(range(50))


def test_images_and_labels_must_belong_together() -> None:
    images, labels = numbered(5)
    with pytest.raises(ValueError, match="labels"):
        DataSet(images, labels[:4])
    with pytest.raises(ValueError, match="depth of 1"):
        DataSet(np.zeros((5, 32, 32, 3), np.uint8), labels)
