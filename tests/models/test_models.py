"""Every network of the sources: parameter counts, and the forward pass against Keras's layers on the same weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lowlevel_cnn import datasets, mnist_train, models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.stateless_random import random_shift
from lowlevel_cnn.tensorflow_v1 import session_config, tf


def _keras_layers() -> dict[str, Callable[[], list[Any]]]:
    """The networks as their sources describe them, in Keras's layers."""
    from tensorflow.keras import layers

    def conv(filters: int, size: int, padding: str = "same") -> Any:
        return layers.Conv2D(filters, size, padding=padding, activation="relu")

    def pool(padding: str = "same") -> Any:
        return layers.MaxPooling2D(2, padding=padding)

    def dense(*sizes: int) -> list[Any]:
        hidden = [layers.Dense(size, activation="relu") for size in sizes]
        return [layers.Flatten(), *hidden, layers.Dense(10)]

    def book() -> list[Any]:
        return [conv(32, 5), pool(), conv(64, 5), pool(), *dense(512)]

    def mastering() -> list[Any]:
        return [conv(32, 4), pool(), conv(64, 4), pool(), *dense(1024)]

    def two() -> list[Any]:
        return [conv(32, 5), pool(), conv(64, 5), pool(), *dense(1024)]

    def three() -> list[Any]:
        return [conv(32, 5), pool(), conv(64, 5), pool(), conv(128, 5), pool("valid"), *dense(1024)]

    def lenet() -> list[Any]:
        return [layers.ZeroPadding2D(2), conv(6, 5, "valid"), pool(), conv(16, 5, "valid"), pool(), *dense(120, 84)]

    return {
        "book-lenet": book,
        "book-lenet-fast": book,
        "book-lenet-99": book,
        **dict.fromkeys([*models.ladder("book-lenet-best"), "book-lenet-best"], book),
        "lenet-5": lenet,
        "layers-guide": two,
        "mastering-mnist-tf": mastering,
        "mastering-mnist-keras": mastering,
        "mastering-cifar10-tf": mastering,
        "mastering-cifar10-keras": mastering,
        "fashion-cnn": three,
        "fashion-ladder-sgd": two,
        "fashion-ladder-adam": two,
        "fashion-ladder-convolution": three,
        "fashion-ladder-steps": three,
    }


@pytest.mark.parametrize("name", models.all_names())
def test_the_logits_are_those_of_keras_layers_on_the_same_weights(name: str) -> None:
    from tensorflow import keras

    model = models.get(name)
    images = np.random.default_rng(1).random((5, *model.image_shape), dtype=np.float32)
    with tf.Graph().as_default():
        tf.set_random_seed(3)
        placeholder = tf.placeholder(tf.float32, [None, *model.image_shape])
        logits = model.inference(placeholder, False, None)
        with tf.Session(config=session_config()) as session:
            session.run(tf.global_variables_initializer())
            ours = session.run(logits, {placeholder: images})
            weights = session.run(tf.trainable_variables())

    reference = keras.Sequential([keras.Input(model.image_shape), *_keras_layers()[name]()])
    reference.set_weights(weights)
    theirs = np.asarray(reference(images, training=False))
    assert ours.shape == (5, 10)
    assert np.abs(ours - theirs).max() <= 1e-5 * max(1.0, np.abs(theirs).max())


@pytest.mark.parametrize("name", models.all_names())
def test_a_model_has_the_parameters_it_states_and_takes_the_images_of_its_data_set(name: str) -> None:
    model = models.get(name)
    assert model.name == name
    assert datasets.image_shape(model.dataset) == model.image_shape
    assert _parameters(model) == model.parameters


@pytest.mark.parametrize("name", models.all_names())
def test_only_the_last_layer_follows_the_number_of_classes(name: str) -> None:
    shapes = []
    for labels in (10, 62):
        model = models.fitted(models.get(name), models.get(name).image_shape, labels)
        with tf.Graph().as_default():
            logits = model.inference(tf.placeholder(tf.float32, [None, *model.image_shape]), False, None)
            shapes.append({each.op.name: each.shape.as_list() for each in tf.trainable_variables()})
        assert logits.shape.as_list() == [None, labels]
    ten, sixty_two = shapes
    weight, bias = list(ten)[-2:]
    assert {key for key in ten if ten[key] != sixty_two[key]} == {weight, bias}
    assert (sixty_two[weight], sixty_two[bias]) == ([ten[weight][0], 62], [62])


def test_a_model_fitted_to_its_own_images_and_classes_is_the_same() -> None:
    model = models.get("lenet-5")
    assert models.fitted(model, (28, 28, 1), 10) == model


def test_the_parameters_are_those_of_the_sources() -> None:
    assert {name: models.get(name).parameters for name in models.names()} == {
        "book-lenet": 1_663_370,
        "book-lenet-fast": 1_663_370,
        "book-lenet-99": 1_663_370,
        "book-lenet-best": 1_663_370,
        "lenet-5": 61_706,
        "layers-guide": 3_274_634,
        "mastering-mnist-tf": 3_255_914,
        "mastering-mnist-keras": 3_255_914,
        "mastering-cifar10-tf": 4_239_978,
        "mastering-cifar10-keras": 4_239_978,
        "fashion-cnn": 1_447_946,
    }


def test_lenet_5_has_the_articles_parameters_layer_by_layer() -> None:
    with tf.Graph().as_default():
        models.get("lenet-5").inference(tf.placeholder(tf.float32, [None, 28, 28, 1]), False, None)
        layers: dict[str, int] = {}
        for variable in tf.trainable_variables():
            layer = variable.op.name.split("/")[0]
            layers[layer] = layers.get(layer, 0) + int(np.prod(variable.shape))
    assert layers == {
        "layer1-conv1": 156,
        "layer3-conv2": 2_416,
        "layer5-fc1": 48_120,
        "layer6-fc2": 10_164,
        "layer7-fc3": 850,
    }


def test_an_unknown_model_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InputError, match="no model 'alexnet'; choose one of book-lenet, "):
        models.get("alexnet")


def test_shifted_images_are_the_images_moved_and_filled_with_zeros() -> None:
    images = np.random.default_rng(0).random((40, 6, 6, 2), dtype=np.float32) + 1
    with tf.Graph().as_default():
        tf.set_random_seed(5)
        shifted = random_shift(tf.constant(images), 1)
        with tf.Session(config=session_config()) as session:
            session.run(tf.global_variables_initializer())
            first, again = session.run(shifted), session.run(shifted)
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    moves = set()
    for image, around in zip(first, padded, strict=True):
        found = [
            (row, column)
            for row in range(3)
            for column in range(3)
            if np.array_equal(image, around[row : row + 6, column : column + 6])
        ]
        assert len(found) == 1
        moves.add(found[0])
    assert len(moves) == 9
    assert np.array_equal(first, again)  # The same step, the same shifts.


def _parameters(model: models.Model) -> int:
    with tf.Graph().as_default():
        mnist_train.training_step(model, 1_000)
        return sum(int(np.prod(variable.shape)) for variable in tf.trainable_variables())
