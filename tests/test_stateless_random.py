"""Dropout: how much is dropped, and that the mask is a function of seed, global step and scope alone."""

from __future__ import annotations

import numpy as np
import pytest

from lowlevel_cnn import stateless_random
from lowlevel_cnn.tensorflow_v1 import tf

COUNT = 20_000


def dropped(seed: int = 1, step: int = 5, scope: str = "layer5-fc1", rate: float = 0.5) -> np.ndarray:
    """What is left of ones, in a graph and a session of its own."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(seed)
        with tf.variable_scope(scope):
            result = stateless_random.dropout(tf.ones([COUNT]), rate)
        session.run(tf.global_variables_initializer())
        tf.train.get_global_step().load(step, session)
        return np.asarray(session.run(result))


@pytest.mark.parametrize("rate", [0.25, 0.5, 0.75])
def test_about_the_rate_is_dropped_and_the_survivors_are_scaled(rate: float) -> None:
    left = dropped(rate=rate)
    assert abs((left == 0).mean() - rate) < 0.02
    np.testing.assert_allclose(left[left != 0], 1 / (1 - rate), rtol=1e-6)


def test_the_mask_is_the_same_again_in_a_new_graph_and_session() -> None:
    np.testing.assert_array_equal(dropped(), dropped())


@pytest.mark.parametrize(
    "other",
    [{"step": 6}, {"seed": 2}, {"scope": "layer6-fc2"}, {"seed": 5, "step": 1}],
    ids=["step", "seed", "scope", "seed and step exchanged"],
)
def test_the_mask_is_another_for_another(other: dict[str, int | str]) -> None:
    agreeing = (dropped() == dropped(**other)).mean()  # type: ignore[arg-type]
    assert abs(agreeing - 0.5) < 0.02


def test_the_mask_does_not_depend_on_what_else_is_in_the_graph_or_was_run() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        noise = tf.random.normal([3])
        with tf.variable_scope("layer1"):
            stateless_random.dropout(tf.ones([7]), 0.5)
        with tf.variable_scope("layer5-fc1"):
            result = stateless_random.dropout(tf.ones([COUNT]), 0.5)
        session.run(tf.global_variables_initializer())
        for step in (3, 9, 5):
            tf.train.get_global_step().load(step, session)
            left, _ = session.run([result, noise])
    np.testing.assert_array_equal(left, dropped())
