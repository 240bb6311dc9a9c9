"""Random operations of TensorFlow 1.x become functions of the seed and the step, in training graphs alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lowlevel_cnn.model_file.randomness import make_stateless
from lowlevel_cnn.stateless_random import SLICE_OF_BATCH
from lowlevel_cnn.tensorflow_v1 import session_config, tf

Build = Callable[[Any], Any]
BUILDS: dict[str, Build] = {
    "dropout": lambda x: tf.nn.dropout(x, 0.5),
    "normal": lambda x: x + tf.random_normal(tf.shape(x)),
    "truncated": lambda x: x + tf.truncated_normal(tf.shape(x)),
    "uniform": lambda x: x * tf.random_uniform(tf.shape(x), 2, 3),
    "integers": lambda x: x + tf.cast(tf.random_uniform([1, 40], 0, 1000, tf.int32), tf.float32),
}


def values(build: Build, seed: int, steps: list[int], part: tuple[int, int] | None = None) -> list[np.ndarray]:
    """The values that a graph computes for the same inputs at these steps."""
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(seed)
        step = tf.train.get_or_create_global_step()
        x = tf.placeholder(tf.float32, [None, 40])
        if part:
            tf.add_to_collection(SLICE_OF_BATCH, part)
        out = build(x)
        assert make_stateless([out.op]) == []
        assert graph is tf.get_default_graph()
        rows = np.ones([6, 40], np.float32)
        if part:
            rows = rows[: 6 // part[1]]
        with tf.Session(config=session_config()) as session:
            session.run(step.initializer)
            found = []
            for each in steps:
                step.load(each, session)
                found.append(session.run(out, {x: rows}))
        return found


@pytest.mark.parametrize("name", BUILDS)
def test_values_depend_on_seed_and_step_and_on_nothing_else(name: str) -> None:
    first, again, later = values(BUILDS[name], 1, [4, 4, 5])
    [other_seed] = values(BUILDS[name], 2, [4])
    [anew] = values(BUILDS[name], 1, [4])
    assert np.array_equal(first, again) and np.array_equal(first, anew)
    assert not np.array_equal(first, later) and not np.array_equal(first, other_seed)


def test_two_dropouts_have_masks_of_their_own() -> None:
    [both] = values(lambda x: tf.stack([tf.nn.dropout(x, 0.5), tf.nn.dropout(x, 0.5)]), 1, [4])
    assert not np.array_equal(both[0], both[1])


def test_dropout_keeps_the_share_it_is_told_to_and_scales_it() -> None:
    found = np.stack(values(lambda x: tf.nn.dropout(x, 0.8), 1, list(range(20))))
    assert set(np.unique(found)) == {0.0, np.float32(1.25)}
    assert 0.77 < np.mean(found > 0) < 0.83


def test_a_slice_of_a_batch_has_the_values_that_it_has_in_the_whole_batch() -> None:
    [whole] = values(BUILDS["dropout"], 1, [4])
    parts = [values(BUILDS["dropout"], 1, [4], (part, 3))[0] for part in range(3)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_initial_values_are_left_as_they_are() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 3])
        out = tf.matmul(x, tf.get_variable("weight", [3, 2], initializer=tf.random_normal_initializer()))
        before = len(graph.get_operations())
        assert make_stateless([out.op]) == []
        assert len(graph.get_operations()) == before


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda x: tf.random_shuffle(x), ["RandomShuffle (RandomShuffle)"]),
        (lambda x: x + tf.cast(tf.multinomial(x, 1), tf.float32), ["multinomial/Multinomial (Multinomial)"]),
        (lambda x: tf.cond(tf.constant(True), lambda: tf.nn.dropout(x, 0.5), lambda: x), ["cond ("]),
    ],
)
def test_what_cannot_be_made_a_function_of_the_step_is_named(build: Build, expected: list[str]) -> None:
    with tf.Graph().as_default():
        found = make_stateless([build(tf.placeholder(tf.float32, [None, 3])).op])
    assert len(found) == len(expected)
    assert all(each.startswith(start) for each, start in zip(found, expected, strict=True))
