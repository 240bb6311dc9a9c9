"""Graphs built twice, with a library of layers and with its oracle, on the same inputs and values of the variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from lowlevel_cnn.tensorflow_v1 import tf

Build = Callable[[Any, tf.Tensor], Any]


@dataclass(frozen=True)
class Computed:
    """What a graph computed.

    Attributes:
        outputs: what the function that built it returned.
        losses: the regularization terms.
        shapes: of all variables, in the order in which they were made.
        trainable: the names of those that are.
        after: the values of all variables after the updates have run once.
    """

    outputs: Any
    losses: list[np.ndarray]
    shapes: dict[str, list[int]]
    trainable: list[str]
    after: dict[str, np.ndarray]


@contextmanager
def old_semantics() -> Iterator[None]:
    """Variables and conditions are those of TensorFlow 1.x, as after `disable_v2_behavior`, which has no way back."""
    variables, conditions = tf.resource_variables_enabled(), tf.control_flow_v2_enabled()
    tf.disable_resource_variables()
    tf.disable_control_flow_v2()
    yield
    if variables:
        tf.enable_resource_variables()
    if conditions:
        tf.enable_control_flow_v2()


def made(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def variables(collection: str = "variables") -> dict[str, list[int]]:
    """The names and shapes of the graph's variables."""
    return {each.op.name: each.shape.as_list() for each in tf.get_collection(collection)}


def computed(library: Any, build: Build, inputs: np.ndarray) -> Computed:
    """Build a graph with a library, give its variables values that only depend on their order, and compute."""
    with tf.Graph().as_default(), tf.Session() as session:
        images = tf.placeholder(tf.float32, [None, *inputs.shape[1:]], name="x-input")
        outputs = build(library, images)
        session.run(tf.global_variables_initializer())
        for seed, each in enumerate(tf.global_variables()):
            # A variance is positive.
            each.load(np.abs(made(*each.shape.as_list(), seed=seed)) + 0.1, session)
        feeds = {images: inputs}
        values, losses = session.run([outputs, tf.losses.get_regularization_losses()], feeds)
        session.run(tf.get_collection(tf.GraphKeys.UPDATE_OPS), feeds)
        after = session.run({each.op.name: each for each in tf.global_variables()})
        return Computed(values, losses, variables(), [each.op.name for each in tf.trainable_variables()], after)


def assert_agree(ours: Any, theirs: Any, build: Build, inputs: np.ndarray) -> None:
    """Both libraries make the same variables, outputs, regularization terms and updates."""
    found, expected = computed(ours, build, inputs), computed(theirs, build, inputs)
    assert list(found.shapes.items()) == list(expected.shapes.items())
    assert found.trainable == expected.trainable
    for each, other in ((found.outputs, expected.outputs), (found.losses, expected.losses)):
        for value, wanted in zip(tf.nest.flatten(each), tf.nest.flatten(other), strict=True):
            assert_close(value, wanted)
    for name, value in expected.after.items():
        assert_close(found.after[name], value)


def assert_close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
