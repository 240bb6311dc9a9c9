"""The book's network: its variables, their initial values, its losses, and its logits beside two other networks."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import numpy_oracle as oracle

from lowlevel_cnn import models
from lowlevel_cnn.mnist_eval import evaluation_graph
from lowlevel_cnn.mnist_inference import inference, l2_regularizer
from lowlevel_cnn.mnist_train import training_step
from lowlevel_cnn.tensorflow_v1 import tf

BOOK_VARIABLES = {
    "layer1-conv1/weight": [5, 5, 1, 32],
    "layer1-conv1/bias": [32],
    "layer3-conv2/weight": [5, 5, 32, 64],
    "layer3-conv2/bias": [64],
    "layer5-fc1/weight": [3136, 512],
    "layer5-fc1/bias": [512],
    "layer6-fc2/weight": [512, 10],
    "layer6-fc2/bias": [10],
}
IMAGES = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)


def names_and_shapes(variables: list[tf.Variable]) -> dict[str, list[int]]:
    return {variable.op.name: variable.shape.as_list() for variable in variables}


def made_weights() -> dict[str, np.ndarray]:
    """Weights of the size of the initial ones, with biases that are not all the same."""
    random = np.random.default_rng(1)
    return {name: random.normal(0, 0.1, shape).astype(np.float32) for name, shape in BOOK_VARIABLES.items()}


def logits_of(images: np.ndarray, weights: dict[str, np.ndarray], train: bool = False, step: int = 0) -> np.ndarray:
    with tf.Graph().as_default(), tf.Session() as session:
        placeholder = tf.placeholder(tf.float32, [None, 28, 28, 1])
        logits = inference(placeholder, train, None)
        assert logits.shape.as_list() == [None, 10]
        session.run(tf.global_variables_initializer())
        for variable in tf.trainable_variables():
            variable.load(weights[variable.op.name], session)
        if train:
            tf.train.get_global_step().load(step, session)
        return np.asarray(session.run(logits, {placeholder: images}))


@pytest.fixture(scope="module")
def initial_values() -> dict[str, np.ndarray]:
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(3)
        inference(tf.constant(IMAGES), True, None)
        session.run(tf.global_variables_initializer())
        values: dict[str, np.ndarray] = session.run({each.op.name: each for each in tf.trainable_variables()})
    return values


def test_the_variables_have_the_names_and_shapes_of_the_book() -> None:
    with tf.Graph().as_default():
        inference(tf.placeholder(tf.float32, [None, 28, 28, 1]), False, None)
        assert names_and_shapes(tf.global_variables()) == BOOK_VARIABLES


def test_training_adds_a_moving_average_to_each_and_the_global_step() -> None:
    averages = {f"{name}/ExponentialMovingAverage": shape for name, shape in BOOK_VARIABLES.items()}
    with tf.Graph().as_default():
        training_step(models.get("book-lenet"), 55_000)
        assert names_and_shapes(tf.trainable_variables()) == BOOK_VARIABLES
        assert names_and_shapes(tf.global_variables()) == {**BOOK_VARIABLES, **averages, "global_step": []}


@pytest.mark.parametrize("weights, suffix", [("average", "/ExponentialMovingAverage"), ("raw", "")])
def test_evaluation_restores_exactly_the_weights_asked_for(weights: str, suffix: str) -> None:
    with tf.Graph().as_default():
        graph = evaluation_graph(models.get("book-lenet"), weights)
        assert names_and_shapes(tf.global_variables()) == BOOK_VARIABLES
    assert {name: variable.op.name for name, variable in graph.network.variables.items()} == {
        f"{name}{suffix}": name for name in BOOK_VARIABLES
    }


def test_there_are_as_many_parameters_as_the_model_says(initial_values: dict[str, np.ndarray]) -> None:
    count = sum(values.size for values in initial_values.values())
    assert count == models.get("book-lenet").parameters == 1_663_370


def test_weights_begin_as_a_normal_distribution_cut_off_at_two_deviations(
    initial_values: dict[str, np.ndarray],
) -> None:
    for name in (name for name in BOOK_VARIABLES if name.endswith("weight")):
        weights = initial_values[name]
        # Cutting a normal distribution off at two deviations leaves 0.8796 of its deviation.
        error = 4 * 0.1 / np.sqrt(weights.size)
        assert abs(weights.std() - 0.08796) < error
        assert abs(weights.mean()) < error
        assert 0.18 < np.abs(weights).max() <= 0.2


def test_biases_begin_at_zero_in_convolutions_and_at_a_tenth_behind(initial_values: dict[str, np.ndarray]) -> None:
    for name, value in (("layer1-conv1", 0.0), ("layer3-conv2", 0.0), ("layer5-fc1", 0.1), ("layer6-fc2", 0.1)):
        np.testing.assert_array_equal(initial_values[f"{name}/bias"], np.float32(value))


def test_the_losses_are_those_of_the_two_fully_connected_weights() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        inference(tf.constant(IMAGES), True, l2_regularizer(0.0001))
        losses = tf.get_collection("losses")
        session.run(tf.global_variables_initializer())
        values, weights = session.run([losses, {each.op.name: each for each in tf.trainable_variables()}])
    expected = [
        0.0001 * (weights[f"{name}/weight"].astype(np.float64) ** 2).sum() / 2 for name in ("layer5-fc1", "layer6-fc2")
    ]
    np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_evaluation_has_no_losses_and_nothing_random() -> None:
    def random_operations(graph: tf.Graph) -> list[str]:
        initial = ("Initializer", "ExponentialMovingAverage")
        named = [each for each in graph.get_operations() if "random" in each.type.lower()]
        return [each.name for each in named if not any(word in each.name for word in initial)]

    with tf.Graph().as_default() as evaluating:
        evaluation_graph(models.get("book-lenet"), "average")
        assert tf.get_collection("losses") == []
    with tf.Graph().as_default() as training:
        training_step(models.get("book-lenet"), 55_000)
    assert random_operations(evaluating) == []
    assert random_operations(training) != []


def test_dropout_changes_the_logits_from_step_to_step_in_training_alone() -> None:
    weights = made_weights()
    first, again, second = (logits_of(IMAGES, weights, train=True, step=step) for step in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - second).max() > 0.1
    assert np.abs(first - logits_of(IMAGES, weights)).max() > 0.1


def test_the_batch_dimension_is_free_and_images_do_not_mix() -> None:
    weights = made_weights()
    together = logits_of(IMAGES, weights)
    assert together.shape == (3, 10)
    alone = np.concatenate([logits_of(IMAGES[place : place + 1], weights) for place in range(3)])
    np.testing.assert_allclose(together, alone, atol=1e-5 * np.abs(alone).max())


def test_the_logits_are_those_of_the_textbooks_loops() -> None:
    weights = made_weights()
    expected = oracle.book_logits(IMAGES[:2], weights)
    np.testing.assert_allclose(logits_of(IMAGES[:2], weights), expected, atol=1e-4, rtol=0)


def test_the_logits_are_those_of_keras_layers_with_the_same_weights() -> None:
    from tensorflow import keras

    weights = made_weights()
    layers = {
        "layer1-conv1": keras.layers.Conv2D(32, 5, padding="same", activation="relu"),
        "layer2-pool1": keras.layers.MaxPooling2D(2, padding="same"),
        "layer3-conv2": keras.layers.Conv2D(64, 5, padding="same", activation="relu"),
        "layer4-pool2": keras.layers.MaxPooling2D(2, padding="same"),
        "reshape": keras.layers.Flatten(),
        "layer5-fc1": keras.layers.Dense(512, activation="relu"),
        "layer6-fc2": keras.layers.Dense(10),
    }
    network = keras.Sequential([keras.Input((28, 28, 1)), *layers.values()])
    for name, layer in layers.items():
        if layer.weights:
            layer.set_weights([weights[f"{name}/weight"], weights[f"{name}/bias"]])
    expected = np.asarray(network(IMAGES, training=False))
    np.testing.assert_allclose(logits_of(IMAGES, weights), expected, atol=1e-5 * np.abs(expected).max(), rtol=0)
