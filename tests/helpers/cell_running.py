"""A batch of short sequences, and cells that run over them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell import static_rnn

BATCH, STEPS, DEPTH, UNITS = 2, 3, 4, 5
SEQUENCES = np.random.default_rng(0).normal(size=(BATCH, STEPS, DEPTH)).astype(np.float32)


@contextmanager
def graph_of_version_1() -> Iterator[None]:
    """A new graph, with the variables and the loops that scripts of TensorFlow 1.x have."""
    tf.disable_resource_variables()
    tf.disable_control_flow_v2()
    try:
        with tf.Graph().as_default():
            tf.set_random_seed(1)
            yield
    finally:
        tf.enable_control_flow_v2()
        tf.enable_resource_variables()


def run(*fetches: Any, feed: Any = None) -> Any:
    """The values, once the variables have theirs."""
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feed)


def variables() -> dict[str, list[int]]:
    """The shapes of the variables by their names."""
    return {variable.op.name: variable.shape.as_list() for variable in tf.global_variables()}


def dynamic(cell: Any) -> tuple[Any, Any]:
    """Outputs `[batch, steps, units]` and last state, by a loop in the graph."""
    return tf.nn.dynamic_rnn(cell, tf.constant(SEQUENCES), dtype=tf.float32)  # type: ignore[no-any-return]


def static(cell: Any) -> tuple[Any, Any]:
    """The same, unrolled."""
    outputs, state = static_rnn(cell, tf.unstack(tf.constant(SEQUENCES), axis=1), dtype=tf.float32)
    return tf.stack(outputs, axis=1), state
