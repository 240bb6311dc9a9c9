"""Normalization of examples one by one, maxout and columns of numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import contrib_layers

IMAGES = np.random.default_rng(1).normal(size=(2, 3, 4, 6)).astype(np.float32)


@pytest.fixture(autouse=True)
def graph() -> Iterator[None]:
    with tf.Graph().as_default():
        yield


def run(tensor: tf.Tensor) -> np.ndarray:
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values: np.ndarray = session.run(tensor)
        return values


@pytest.mark.parametrize(
    ("name", "axes", "scope"), [("layer_norm", (1, 2, 3), "LayerNorm"), ("instance_norm", (1, 2), "InstanceNorm")]
)
def test_each_example_is_normalized_by_itself(name: str, axes: tuple[int, ...], scope: str) -> None:
    outputs = getattr(contrib_layers, name)(tf.constant(IMAGES), activation_fn=tf.nn.relu)
    mean, deviation = IMAGES.mean(axes, keepdims=True), IMAGES.std(axes, keepdims=True)
    np.testing.assert_allclose(run(outputs), np.maximum((IMAGES - mean) / deviation, 0), rtol=1e-3, atol=1e-4)
    found = {each.op.name: each.shape.as_list() for each in tf.global_variables()}
    assert found == {f"{scope}/beta": [6], f"{scope}/gamma": [6]}


def test_the_channels_may_be_first() -> None:
    outputs = contrib_layers.instance_norm(tf.constant(IMAGES), data_format="NCHW", center=False)
    mean, deviation = IMAGES.mean((2, 3), keepdims=True), IMAGES.std((2, 3), keepdims=True)
    np.testing.assert_allclose(run(outputs), (IMAGES - mean) / deviation, rtol=1e-3, atol=1e-4)
    assert [each.shape.as_list() for each in tf.global_variables()] == [[3]]


def test_maxout_leaves_the_largest_of_each_group() -> None:
    outputs = run(contrib_layers.maxout(tf.constant(IMAGES), 2))
    np.testing.assert_array_equal(outputs, IMAGES.reshape(2, 3, 4, 2, 3).max(-1))
    with pytest.raises(ValueError, match="not a multiple"):
        contrib_layers.maxout(tf.constant(IMAGES), 4)


def test_a_column_of_numbers_has_its_dimension() -> None:
    column = contrib_layers.real_valued_column("x", 4)
    assert (column.key, column.shape) == ("x", (4,))
