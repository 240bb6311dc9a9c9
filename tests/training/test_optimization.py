"""Learning rates and optimizers against the formulas of the book and of TensorFlow, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lowlevel_cnn import models
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training import optimization

BOOK = replace(
    models.get("book-lenet"), batch_size=100, learning_rate_base=0.01, learning_rate_decay=0.9, training_steps=100
)
FAST = replace(BOOK, learning_rate_schedule="warm-up-and-linear-decay")


def test_the_smoothed_cross_entropy_is_that_of_labels_mixed_with_all_classes_alike() -> None:
    logits = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    labels = np.array([0, 1, 2, 3, 3, 0])
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    for share in (0.0, 0.1, 0.4):
        expected = np.eye(4)[labels] * (1 - share) + share / 4
        found = optimization.cross_entropy(tf.constant(logits), tf.constant(labels), share)
        np.testing.assert_allclose(found, -(expected * log_probabilities).sum(axis=1), rtol=1e-5)


def learning_rate(model: models.Model, step: int, num_examples: int = 1_000) -> float:
    with tf.Graph().as_default(), tf.Session() as session:
        global_step = tf.train.get_or_create_global_step()
        rate = optimization.learning_rate(model, global_step, num_examples)
        global_step.load(step, session)
        return float(session.run(rate))


@pytest.mark.parametrize(("step", "expected"), [(0, 0.01), (9, 0.01), (10, 0.009), (19, 0.009), (20, 0.0081)])
def test_the_book_s_learning_rate_falls_by_its_decay_after_each_epoch(step: int, expected: float) -> None:
    assert learning_rate(BOOK, step) == pytest.approx(expected, rel=1e-6)


def test_an_epoch_may_end_within_a_batch() -> None:
    # 1,050 images in batches of 100: the second epoch begins with step 11, not with step 10.
    assert learning_rate(BOOK, 10, 1_050) == pytest.approx(0.01, rel=1e-6)
    assert learning_rate(BOOK, 11, 1_050) == pytest.approx(0.009, rel=1e-6)


def test_with_a_decay_of_one_the_learning_rate_stays() -> None:
    assert learning_rate(replace(BOOK, learning_rate_decay=1.0), 99) == pytest.approx(0.01, rel=1e-6)


@pytest.mark.parametrize(
    ("step", "expected"),
    # Of 100 steps the first 15 rise to 0.01, the other 85 fall to zero.
    [(0, 0.01 / 15), (7, 0.01 * 8 / 15), (14, 0.01), (15, 0.01), (58, 0.01 * 42 / 85), (99, 0.01 / 85), (100, 0.0)],
)
def test_the_fast_model_s_learning_rate_rises_and_then_falls_to_zero(step: int, expected: float) -> None:
    assert learning_rate(FAST, step) == pytest.approx(expected, rel=1e-5, abs=1e-9)


def after_two_steps(name: str) -> float:
    """A weight that begins with 1.0, after two steps with gradients of 0.5 at a learning rate of 0.1."""
    with tf.Graph().as_default(), tf.Session() as session:
        weight = tf.get_variable("weight", initializer=1.0)
        step = optimization.optimizer(replace(BOOK, optimizer=name), tf.constant(0.1)).minimize(0.5 * weight)
        session.run(tf.global_variables_initializer())
        session.run(step)
        session.run(step)
        return float(session.run(weight))


def by_hand(name: str) -> float:
    weight, gradient, rate = 1.0, 0.5, 0.1
    mean, square = 0.0, 1.0 if name == "rmsprop" else 0.0
    for step in (1, 2):
        if name == "gradient-descent":
            weight -= rate * gradient
        elif name == "adam":
            mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
            corrected = rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            weight -= corrected * mean / (np.sqrt(square) + 1e-8)
        else:
            square = 0.9 * square + 0.1 * gradient**2
            weight -= rate * gradient / np.sqrt(square + 1e-10)
    return weight


@pytest.mark.parametrize("name", models.OPTIMIZERS)
def test_an_optimizer_does_what_its_documentation_says(name: str) -> None:
    assert after_two_steps(name) == pytest.approx(by_hand(name), rel=1e-6)
