"""Functions called in the order that their arguments had before TensorFlow 1.0, and in today's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import old_calls
from lowlevel_cnn.tf1.old_calls import CALLS

LOGITS = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]], np.float32)
LABELS = np.array([[0.0, 1.0, 0.0], [0.2, 0.3, 0.5]], np.float32)


@pytest.fixture(autouse=True)
def graph() -> Iterator[None]:
    old_calls._say_order.cache_clear()
    with tf.Graph().as_default():
        yield


def value(tensor: Any) -> Any:
    with tf.Session() as session:
        return session.run(tensor)


def softmax_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return np.asarray(-(labels * np.log(probabilities)).sum(axis=1))


def sigmoid_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    probabilities = 1 / (1 + np.exp(-logits))
    return np.asarray(-labels * np.log(probabilities) - (1 - labels) * np.log(1 - probabilities))


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("softmax_cross_entropy_with_logits", softmax_cross_entropy),
        ("sigmoid_cross_entropy_with_logits", sigmoid_cross_entropy),
    ],
)
def test_two_arguments_by_place_are_logits_and_labels_and_it_is_said_once(
    name: str, oracle: Callable[..., np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    function, expected = CALLS[f"nn.{name}"], oracle(LOGITS, LABELS)
    assert value(function(LOGITS, LABELS)) == pytest.approx(expected, rel=1e-5)
    assert value(function(LOGITS, LABELS)) == pytest.approx(expected, rel=1e-5)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and f"the arguments of {name}(a, b) are taken as (logits, labels)" in said[0]
    assert "test_argument_orders.py, line " in said[0]


def test_arguments_by_name_are_what_they_say_and_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    function, expected = CALLS["nn.softmax_cross_entropy_with_logits"], softmax_cross_entropy(LOGITS, LABELS)
    assert value(function(labels=LABELS, logits=LOGITS)) == pytest.approx(expected, rel=1e-5)
    assert value(function(LOGITS, labels=LABELS)) == pytest.approx(expected, rel=1e-5)
    assert value(function(LABELS, logits=LOGITS)) == pytest.approx(expected, rel=1e-5)
    assert value(function(None, LABELS, LOGITS)) == pytest.approx(expected, rel=1e-5)
    assert capsys.readouterr().err == ""


def test_sparse_labels_come_second_by_place() -> None:
    function = CALLS["nn.sparse_softmax_cross_entropy_with_logits"]
    expected = softmax_cross_entropy(LOGITS, np.eye(3)[[1, 2]])
    assert value(function(LOGITS, [1, 2], name="loss")) == pytest.approx(expected, rel=1e-5)


def test_concat_takes_axis_and_values_in_either_order() -> None:
    expected = np.concatenate([LOGITS, LABELS], axis=1)
    concat = CALLS["concat"]
    for tensor in (
        concat(1, [LOGITS, LABELS]),
        concat([LOGITS, LABELS], 1),
        concat(concat_dim=1, values=[LOGITS, LABELS]),
        concat(1, values=[LOGITS, LABELS]),
        concat(values=[LOGITS, LABELS], axis=1),
        concat(tf.constant(1), (LOGITS, LABELS), name="joined"),
    ):
        assert np.array_equal(value(tensor), expected)


def test_split_takes_axis_count_and_value_in_either_order() -> None:
    expected = np.split(LOGITS, 3, axis=1)
    split = CALLS["split"]
    for tensors in (
        split(1, 3, LOGITS),
        split(LOGITS, 3, 1),
        split(split_dim=1, num_split=3, value=LOGITS),
        split(1, 3, value=LOGITS),
        split(LOGITS, num_or_size_splits=[1, 1, 1], axis=1),
    ):
        assert np.array_equal(value(tensors), expected)


def test_reverse_takes_a_truth_value_per_dimension_or_the_dimensions() -> None:
    reverse = CALLS["reverse"]
    for tensor in (reverse(LOGITS, [False, True]), reverse(LOGITS, [1]), reverse(LOGITS, axis=[1])):
        assert np.array_equal(value(tensor), LOGITS[:, ::-1])


def test_resize_images_takes_height_and_width_or_one_size() -> None:
    image = np.arange(32, dtype=np.float32).reshape(1, 4, 8, 1)
    resize = CALLS["image.resize_images"]
    expected = value(resize(image, [2, 4]))
    assert expected.shape == (1, 2, 4, 1)
    assert np.array_equal(value(resize(image, 2, 4)), expected)
    nearest = tf.image.ResizeMethod.NEAREST_NEIGHBOR
    assert np.array_equal(value(resize(image, 2, 4, method=nearest)), image[:, ::2, ::2])
    assert np.array_equal(value(resize(image, [2, 4], nearest)), image[:, ::2, ::2])


def test_batch_matmul_multiplies_each_pair_of_matrices() -> None:
    both = np.stack([LOGITS, LABELS])
    product = value(CALLS["batch_matmul"](both, both, adj_y=True))
    assert product == pytest.approx(np.einsum("nij,nkj->nik", both, both), rel=1e-5)


def test_summaries_take_their_old_arguments() -> None:
    tensors = [
        CALLS["scalar_summary"]("loss", 0.5),
        CALLS["scalar_summary"](tags="accuracy", values=0.75),
        CALLS["histogram_summary"]("weights", LOGITS),
        CALLS["histogram_summary"](tag="biases", values=LOGITS),
        CALLS["image_summary"]("digits", np.zeros((2, 4, 4, 1), np.float32), max_images=1),
    ]
    written = [tf.Summary.FromString(each) for each in value(tensors)]
    assert [each.value[0].tag for each in written] == ["loss", "accuracy", "weights", "biases", "digits/image"]
    assert [each.value[0].simple_value for each in written[:2]] == [0.5, 0.75]


@pytest.mark.parametrize("name", ["nce_loss", "sampled_softmax_loss"])
def test_losses_over_a_sample_tell_labels_and_inputs_apart_by_their_types(name: str) -> None:
    loss = old_calls.CALLS[f"nn.{name}"]
    with tf.Session() as session:
        weights, biases = tf.ones([20, 4]), tf.zeros([20])
        labels, inputs = tf.constant([[1], [7]], tf.int64), tf.constant(np.arange(8.0).reshape(2, 4), tf.float32)
        sample = tf.random.log_uniform_candidate_sampler(labels, 1, 5, True, 20, seed=1)
        old = loss(weights, biases, inputs, labels, 5, 20, sampled_values=sample)
        new = loss(weights, biases, labels, inputs, 5, 20, sampled_values=sample)
        named = loss(
            weights, biases, labels=labels, inputs=inputs, num_sampled=5, num_classes=20, sampled_values=sample
        )
        found = session.run([old, new, named])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
