"""`tf.estimator.inputs.numpy_input_fn`: which rows its batches hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.inputs import numpy_input_fn, pandas_input_fn


def batches(input_fn: Any, most: int | None = None) -> list[Any]:
    """The batches that an input function gives, up to the end, or the first of them."""
    found: list[Any] = []
    with tf.Graph().as_default():
        wanted = input_fn()
        with tf.Session() as session:
            while len(found) != most:
                try:
                    found.append(session.run(wanted))
                except tf.errors.OutOfRangeError:
                    break
    return found


def cut(rows: list[int], size: int) -> list[list[int]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


@settings(max_examples=20)
@given(count=some.integers(0, 12), size=some.integers(1, 15), epochs=some.integers(1, 3), shuffle=some.booleans())
def test_each_epoch_has_every_row_once_in_batches_that_are_full_but_the_last(
    count: int, size: int, epochs: int, shuffle: bool
) -> None:
    x = np.arange(count * 6, dtype=np.float64).reshape(count, 3, 2)
    y = np.arange(count, dtype=np.int32)
    found = batches(numpy_input_fn(x, y, size, epochs, shuffle))
    rows = [int(row) for _, labels in found for row in labels]
    for features, labels in found:
        np.testing.assert_array_equal(features, x[labels])
    assert [len(labels) for _, labels in found] == [len(each) for each in cut(list(range(count)) * epochs, size)]
    # In each epoch a permutation; the same order without a shuffle.
    in_epochs = cut(rows, count) if count else []
    assert [sorted(each) for each in in_epochs] == [list(range(count))] * (epochs if count else 0)
    assert shuffle or in_epochs == [list(range(count))] * (epochs if count else 0)


def test_without_a_number_of_epochs_there_is_no_end_and_every_batch_is_full() -> None:
    input_fn = numpy_input_fn(np.arange(5), None, 3, num_epochs=None, shuffle=False)
    assert [each.tolist() for each in batches(input_fn, most=4)] == [[0, 1, 2], [3, 4, 0], [1, 2, 3], [4, 0, 1]]
    with tf.Graph().as_default():
        assert input_fn().shape == [3]


def test_a_shuffle_is_of_all_rows_and_differs_between_epochs() -> None:
    [found] = batches(numpy_input_fn(np.arange(200), None, 400, num_epochs=2, shuffle=True))
    first, second = found[:200].tolist(), found[200:].tolist()
    assert first != sorted(first)
    assert first != second


def test_a_seed_gives_the_same_order_again() -> None:
    def order(seed: int) -> list[int]:
        input_fn = numpy_input_fn(np.arange(50), None, 50, shuffle=True)

        def seeded() -> Any:
            tf.set_random_seed(seed)
            return input_fn()

        return [int(row) for each in batches(seeded) for row in each]

    assert order(1) == order(1) != order(2)


def test_features_and_labels_keep_their_names_types_and_shapes() -> None:
    x = {"image": np.zeros([4, 28, 28, 1], np.float32), "word": np.array(["a", "bc", "d", "e"])}
    y = {"class": np.arange(4), "odd": np.array([False, True, False, True])}
    with tf.Graph().as_default():
        features, labels = numpy_input_fn(x, y, 2, shuffle=False)()
        assert {name: (each.dtype.name, each.shape.as_list()) for name, each in features.items()} == {
            "image": ("float32", [None, 28, 28, 1]),
            "word": ("string", [None]),
        }
        assert {name: each.dtype.name for name, each in labels.items()} == {"class": "int64", "odd": "bool"}
    features, labels = batches(numpy_input_fn(x, y, 4, shuffle=False))[0]
    assert features["word"].tolist() == [b"a", b"bc", b"d", b"e"]
    assert labels["odd"].tolist() == [False, True, False, True]


def test_the_operations_leave_the_names_at_the_top_to_the_model() -> None:
    with tf.Graph().as_default() as graph:
        numpy_input_fn(np.zeros(3), shuffle=True)()
        assert {each.name.partition("/")[0] for each in graph.get_operations()} == {"numpy_input"}


def test_the_arrays_stay_out_of_the_graph() -> None:
    with tf.Graph().as_default() as graph:
        numpy_input_fn(np.zeros([1000, 1000]), shuffle=True)()
        assert graph.as_graph_def().ByteSize() < 10_000


@pytest.mark.parametrize(
    ("x", "y", "shuffle", "error", "line"),
    [
        (np.zeros(3), None, None, ValueError, "shuffle must be provided"),
        (np.zeros(3), np.zeros(2), False, ValueError, "must have the same length"),
        ({}, None, False, ValueError, "x cannot be an empty dict"),
        (np.zeros(3), {}, False, ValueError, "use None instead"),
        ([1, 2], None, False, TypeError, "x must be a dict or array"),
    ],
)
def test_wrong_arrays_are_refused(x: Any, y: Any, shuffle: Any, error: type[Exception], line: str) -> None:
    with pytest.raises(error, match=line):
        numpy_input_fn(x, y, shuffle=shuffle)


def test_a_data_frame_gives_its_columns_and_its_index() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}, index=[7, 8])
    [(features, labels)] = batches(pandas_input_fn(frame, pandas.Series([0, 1]), shuffle=False))
    assert {name: each.tolist() for name, each in features.items()} == {
        "index": [7, 8],
        "a": [1.0, 2.0],
        "b": [b"x", b"y"],
    }
    assert labels.tolist() == [0, 1]
