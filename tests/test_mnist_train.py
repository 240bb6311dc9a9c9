"""One training step: after some of them, weights and averages are what the same steps written out eagerly give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from lowlevel_cnn import mnist_inference, models
from lowlevel_cnn.mnist_train import training_step
from lowlevel_cnn.tensorflow_v1 import tf

STEPS, BATCH, EXAMPLES = 14, 4, 10
EQUAL, DIFFERENT = 1e-5, 2e-4
IMAGES = np.random.default_rng(0).random((STEPS, BATCH, 2, 3, 1), np.float32)
LABELS = np.random.default_rng(1).integers(0, 3, (STEPS, BATCH))
START = {
    "layer/weight": np.random.default_rng(2).normal(size=(6, 3)).astype(np.float32),
    "layer/bias": np.array([0.3, -0.2, 0.1], np.float32),
}
Values = dict[str, np.ndarray]


def one_layer(images: tf.Tensor, train: bool, regularizer: mnist_inference.Regularizer | None) -> tf.Tensor:
    with tf.variable_scope("layer"):
        return mnist_inference.fully_connected(mnist_inference.flatten(images), 3, regularizer)


MODEL = models.Model(
    name="one-layer",
    title="a linear classifier of 2 x 3 pixels",
    source="made up",
    dataset="mnist",
    image_shape=(2, 3, 1),
    inference=one_layer,
    parameters=21,
    batch_size=BATCH,
    learning_rate_base=0.5,
    learning_rate_decay=0.6,
    regularization_rate=0.05,
    moving_average_decay=0.55,  # reached by (1 + step) / (10 + step) at step 10
    training_steps=STEPS,
    reported_accuracy=0.0,
)


@dataclass(frozen=True)
class Trained:
    """Where the steps led: weights, their moving averages, and the loss of each step."""

    weights: Values
    averages: Values
    losses: list[float]


def trained_by_the_graph() -> Trained:
    with tf.Graph().as_default(), tf.Session() as session:
        step = training_step(MODEL, EXAMPLES)
        session.run(tf.global_variables_initializer())
        variables = {each.op.name: each for each in tf.global_variables()}
        for name, value in START.items():
            variables[name].load(value, session)
            variables[f"{name}/ExponentialMovingAverage"].load(value, session)
        losses = []
        for number in range(STEPS):
            feeds = {step.images: IMAGES[number], step.labels: LABELS[number]}
            losses.append(float(session.run([step.loss, step.train_op], feeds)[0]))
            assert session.run(variables["global_step"]) == number + 1
        values = session.run(variables)
    averages = {name: values[f"{name}/ExponentialMovingAverage"] for name in START}
    return Trained({name: values[name] for name in START}, averages, losses)


def trained_eagerly(
    *, staircase: bool = True, averages_follow: bool = True, step_is_counted: bool = True, most: float = 0.55
) -> Trained:
    weights = {name: tf.Variable(value) for name, value in START.items()}
    averages = {name: value.astype(np.float64) for name, value in START.items()}
    losses = []
    for number in range(STEPS):
        before = {name: weight.numpy() for name, weight in weights.items()}
        with tf.GradientTape() as tape:
            logits = tf.reshape(IMAGES[number], [BATCH, 6]) @ weights["layer/weight"] + weights["layer/bias"]
            chosen = tf.gather(tf.nn.log_softmax(logits), LABELS[number], batch_dims=1)
            squares = tf.reduce_sum(weights["layer/weight"] ** 2)
            loss = -tf.reduce_mean(chosen) + 0.05 * squares / 2
        losses.append(float(loss))
        epochs = number * BATCH / EXAMPLES
        rate = 0.5 * 0.6 ** (np.floor(epochs) if staircase else epochs)
        for name, gradient in tape.gradient(loss, weights).items():
            weights[name].assign_sub(rate * gradient)
        # The step just done is counted before the averages are updated: the first step's `num_updates` is 1.
        num_updates = number + 1 if step_is_counted else number
        decay = min(most, (1 + num_updates) / (10 + num_updates))
        for name, weight in weights.items():
            followed = weight.numpy() if averages_follow else before[name]
            averages[name] = decay * averages[name] + (1 - decay) * followed
    return Trained({name: weight.numpy() for name, weight in weights.items()}, averages, losses)


def distance(one: Values, other: Values) -> float:
    return max(float(np.abs(one[name] - other[name]).max()) for name in START)


def test_the_weights_are_those_of_gradient_descent_with_a_rate_that_falls_in_stairs() -> None:
    assert distance(trained_by_the_graph().weights, trained_eagerly().weights) < EQUAL
    assert distance(trained_by_the_graph().weights, trained_eagerly(staircase=False).weights) > DIFFERENT


def test_the_loss_is_the_cross_entropy_plus_the_regularization_before_the_update() -> None:
    np.testing.assert_allclose(trained_by_the_graph().losses, trained_eagerly().losses, rtol=1e-5)


def test_the_averages_follow_the_weights_after_the_update() -> None:
    for _ in range(3):
        averages = trained_by_the_graph().averages
        assert distance(averages, trained_eagerly().averages) < EQUAL
        assert distance(averages, trained_eagerly(averages_follow=False).averages) > DIFFERENT


def test_the_decay_of_the_averages_rises_with_the_steps_done_to_its_limit() -> None:
    averages = trained_by_the_graph().averages
    assert distance(averages, trained_eagerly().averages) < EQUAL
    assert distance(averages, trained_eagerly(step_is_counted=False).averages) > DIFFERENT
    assert distance(averages, trained_eagerly(most=1.0).averages) > DIFFERENT


def test_the_averages_begin_as_the_initial_weights() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        training_step(MODEL, EXAMPLES)
        session.run(tf.global_variables_initializer())
        values = session.run({each.op.name: each for each in tf.global_variables()})
    for name in START:
        np.testing.assert_array_equal(values[f"{name}/ExponentialMovingAverage"], values[name])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", list(START))
def test_one_weight_that_is_not_finite_is_seen(name: str, bad: float) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        step = training_step(MODEL, EXAMPLES)
        session.run(tf.global_variables_initializer())
        assert session.run(step.weights_are_finite)
        value = START[name].copy()
        value.flat[-1] = bad
        next(each for each in tf.trainable_variables() if each.op.name == name).load(value, session)
        assert not session.run(step.weights_are_finite)


def test_the_book_s_moving_average_worked_by_hand() -> None:
    seen = []
    with tf.Graph().as_default(), tf.Session() as session:
        v1, step = tf.Variable(0, dtype=tf.float32), tf.Variable(0, trainable=False)
        averages = tf.train.ExponentialMovingAverage(0.99, step)
        maintain = averages.apply([v1])
        session.run(tf.global_variables_initializer())
        for value, number in ((0, 0), (5, 0), (10, 10_000), (10, 10_000)):
            v1.load(value, session)
            step.load(number, session)
            session.run(maintain)
            seen.append(float(session.run(averages.average(v1))))
    np.testing.assert_allclose(seen, [0.0, 4.5, 4.555, 4.60945], rtol=1e-6)
