"""`tf.layers`: the values of Keras's own old layers, and TensorFlow 1.15's names, scopes and collections."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers.graphs import Build, assert_agree, assert_close, computed, made, old_semantics, variables

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import layers

IMAGES = made(4, 8, 8, 3)
VECTORS = made(6, 5)


def square(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.square(values))


OF_IMAGES: dict[str, Build] = {
    "convolution": lambda library, x: library.conv2d(x, 4, 3),
    "convolution, same": lambda library, x: library.conv2d(x, 4, [3, 2], (2, 1), "same", activation=tf.nn.relu),
    "convolution, SAME": lambda library, x: library.conv2d(x, 4, 5, strides=2, padding="SAME", activation="tanh"),
    "convolution, dilated": lambda library, x: library.conv2d(x, 4, 3, dilation_rate=2, use_bias=False),
    "convolution, regularized": lambda library, x: library.conv2d(
        x, 4, 3, kernel_regularizer=square, bias_regularizer=square, activity_regularizer=square
    ),
    "transposed, valid": lambda library, x: library.conv2d_transpose(x, 4, 3, (2, 3)),
    "transposed, same": lambda library, x: library.conv2d_transpose(x, 4, 5, 2, "same", activation=tf.nn.relu),
    "separable": lambda library, x: library.separable_conv2d(
        x, 4, 3, 2, "same", depth_multiplier=2, depthwise_regularizer=square, pointwise_regularizer=square
    ),
    "largest": lambda library, x: library.max_pooling2d(x, 2, 2),
    "largest, same": lambda library, x: library.max_pooling2d(x, [3, 2], (2, 1), "same"),
    "average": lambda library, x: library.average_pooling2d(x, (3, 3), 2, padding="same"),
    "flatten": lambda library, x: library.flatten(x),
    "dense on images": lambda library, x: library.dense(x, 7, tf.nn.sigmoid),
    "dropout, evaluating": lambda library, x: library.dropout(x, 0.9),
    "normalization, training": lambda library, x: library.batch_normalization(x, training=True),
    "normalization, evaluating": lambda library, x: library.batch_normalization(x),
    "normalization, not fused": lambda library, x: library.batch_normalization(x, training=True, fused=False),
    "normalization, rows": lambda library, x: library.batch_normalization(x, axis=2, training=True, momentum=0.5),
    "normalization, bare": lambda library, x: library.batch_normalization(
        x, -1, 0.9, 0.01, False, False, training=True
    ),
    "normalization, regularized": lambda library, x: library.batch_normalization(
        x, beta_regularizer=square, gamma_regularizer=square, trainable=False
    ),
}
OF_VECTORS: dict[str, Build] = {
    "dense": lambda library, x: library.dense(x, 7, activation="relu", kernel_regularizer=square),
    "dense, shared": lambda library, x: [
        library.dense(x, 7, name="same", kernel_regularizer=square),
        library.dense(x, 7, name="same", kernel_regularizer=square, reuse=True),
    ],
    "normalization, training": lambda library, x: library.batch_normalization(x, training=True),
    "normalization, evaluating": lambda library, x: library.batch_normalization(x, training=False),
}
OF_SEQUENCES: dict[str, Build] = {
    "convolution": lambda library, x: library.conv1d(x, 4, 3, 2, "same", activation="elu"),
    "convolution, dilated": lambda library, x: library.conv1d(x, 4, 3, dilation_rate=2),
    "largest": lambda library, x: library.max_pooling1d(x, 2, 2),
    "average": lambda library, x: library.average_pooling1d(x, 3, 2, "same"),
}
OF_VOLUMES: dict[str, Build] = {
    "convolution": lambda library, x: library.conv3d(x, 2, 3, 2, "same"),
    "largest": lambda library, x: library.max_pooling3d(x, 2, 2),
    "average": lambda library, x: library.average_pooling3d(x, 2, 1),
}


@pytest.fixture(scope="module")
def theirs() -> Any:
    pytest.importorskip("tf_keras")
    path = "tf_keras.src.legacy_tf_layers"
    names = ("convolutional", "core", "normalization", "pooling")
    return SimpleNamespace(
        **{name: value for each in names for name, value in vars(importlib.import_module(f"{path}.{each}")).items()}
    )


@pytest.fixture(autouse=True)
def as_in_tensorflow_1() -> Iterator[None]:
    with old_semantics():
        yield


@pytest.fixture
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("inputs, cases", [
    (IMAGES, OF_IMAGES), (VECTORS, OF_VECTORS), (made(3, 9, 2), OF_SEQUENCES), (made(2, 4, 5, 6, 2), OF_VOLUMES),
])  # fmt: skip
def test_layers_agree_with_those_of_keras(theirs: Any, inputs: np.ndarray, cases: dict[str, Build]) -> None:
    for build in cases.values():
        assert_agree(layers, theirs, build, inputs)


@pytest.mark.parametrize(
    "build",
    [
        lambda data_format, x: layers.conv2d(x, 4, 3, 2, "same", data_format, activation=tf.nn.relu),
        lambda data_format, x: layers.conv2d_transpose(x, 4, 3, 2, "same", data_format),
        lambda data_format, x: layers.separable_conv2d(x, 4, 3, data_format=data_format),
        lambda data_format, x: layers.max_pooling2d(x, 2, 2, data_format=data_format),
        lambda data_format, x: layers.average_pooling2d(x, 3, 1, "same", data_format),
        lambda data_format, x: layers.batch_normalization(
            x, axis=1 if data_format == "channels_first" else -1, training=True
        ),
    ],
)
def test_channels_first_are_the_same_numbers_in_another_order(build: Build) -> None:
    last = computed("channels_last", build, IMAGES)
    first = computed("channels_first", build, IMAGES.transpose(0, 3, 1, 2))
    assert first.shapes == last.shapes
    assert_close(first.outputs.transpose(0, 2, 3, 1), last.outputs)
    for name, value in last.after.items():
        assert_close(first.after[name], value)


def test_flatten_with_channels_first_gives_them_last() -> None:
    first = computed(
        layers, lambda library, x: library.flatten(x, None, "channels_first"), IMAGES.transpose(0, 3, 1, 2)
    )
    np.testing.assert_array_equal(first.outputs, IMAGES.reshape(4, -1))


def test_a_network_has_the_names_and_shapes_that_it_had(graph: tf.Graph) -> None:
    images = tf.placeholder(tf.float32, [None, 28, 28, 1])
    first = layers.conv2d(images, 32, [5, 5], padding="same", activation=tf.nn.relu)
    pooled = layers.max_pooling2d(first, pool_size=[2, 2], strides=2)
    second = layers.conv2d(pooled, 64, [5, 5], padding="same", activation=tf.nn.relu)
    normal = layers.batch_normalization(second, training=True)
    flat = layers.flatten(layers.max_pooling2d(normal, [2, 2], 2))
    hidden = layers.dropout(layers.dense(flat, 1024, activation=tf.nn.relu), rate=0.4, training=True)
    logits = layers.dense(hidden, 10, name="logits")
    assert variables() == {
        "conv2d/kernel": [5, 5, 1, 32],
        "conv2d/bias": [32],
        "conv2d_1/kernel": [5, 5, 32, 64],
        "conv2d_1/bias": [64],
        "batch_normalization/gamma": [64],
        "batch_normalization/beta": [64],
        "batch_normalization/moving_mean": [64],
        "batch_normalization/moving_variance": [64],
        "dense/kernel": [16 * 7 * 7 * 4, 1024],
        "dense/bias": [1024],
        "logits/kernel": [1024, 10],
        "logits/bias": [10],
    }
    outputs = [first, pooled, second, flat, hidden, logits]
    assert [each.op.name for each in outputs] == [
        "conv2d/Relu",
        "max_pooling2d/MaxPool",
        "conv2d_1/Relu",
        "flatten/Reshape",
        hidden.op.name,
        "logits/BiasAdd",
    ]
    assert hidden.op.name.startswith("dropout/dropout/")
    assert [each.shape.as_list() for each in outputs[3:]] == [[None, 3136], [None, 1024], [None, 10]]
    assert len(tf.get_collection(tf.GraphKeys.UPDATE_OPS)) == 2
    assert "batch_normalization/moving_mean" not in variables("trainable_variables")


def test_scopes_and_reuse_find_the_variables_that_are_there(graph: tf.Graph) -> None:
    inputs = tf.zeros([2, 3])

    def network() -> tuple[tf.Tensor, tf.Tensor]:
        return layers.dense(layers.dense(inputs, 3), 3), layers.dense(inputs, 3, name="named")

    with tf.variable_scope("network"):
        network()
    expected = [f"network/{layer}/{part}" for layer in ("dense", "dense_1", "named") for part in ("kernel", "bias")]
    with tf.variable_scope("network", reuse=True):
        second = network()[1]
    with tf.variable_scope("network", reuse=tf.AUTO_REUSE):
        network()
    assert list(variables()) == expected
    assert second.op.name == "network_1/named/BiasAdd"


def test_a_name_that_is_taken_is_an_error_for_a_function_and_counted_up_for_an_object(graph: tf.Graph) -> None:
    inputs = tf.zeros([2, 3])
    layers.dense(inputs, 3, name="same")
    with pytest.raises(ValueError, match="same/kernel already exists"):
        layers.dense(inputs, 3, name="same")
    layers.Dense(3, name="same")(inputs)
    assert list(variables())[-1] == "same_1/bias"


def test_reuse_without_the_variables_is_an_error(graph: tf.Graph) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        layers.dense(tf.zeros([2, 3]), 3, name="other", reuse=True)


def test_an_object_shares_its_variables_between_its_calls(graph: tf.Graph) -> None:
    layer = layers.Dense(4, kernel_regularizer=square)
    first, second = layer(tf.zeros([2, 3])), layer.apply(tf.zeros([5, 3]))
    assert (first.op.name, second.op.name) == ("dense/BiasAdd", "dense/BiasAdd_1")
    assert layer.variables == layer.trainable_weights == [layer.kernel, layer.bias]
    assert (layer.scope_name, layer.name, layer.count_params()) == ("dense", "dense", 16)
    assert layer.losses == tf.losses.get_regularization_losses() and len(layer.losses) == 1


def test_a_layer_that_is_not_trainable_has_no_trainable_variables(graph: tf.Graph) -> None:
    layer = layers.Conv2D(4, 3, trainable=False)
    layer(tf.zeros([1, 5, 5, 1]))
    assert layer.trainable_variables == tf.trainable_variables() == []
    assert layer.non_trainable_weights == [layer.kernel, layer.bias]


def test_a_layer_of_ones_own_makes_its_variables_in_its_scope(graph: tf.Graph) -> None:
    class TimesTwoFactors(layers.Layer):
        def build(self, input_shape: tf.TensorShape) -> None:
            self.factor = self.add_variable("factor", [input_shape[-1]], initializer=tf.ones_initializer())

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs * self.factor

    outputs = TimesTwoFactors()(np.ones([2, 3], np.float32))
    assert variables() == {"times_two_factors/factor": [3]}
    assert outputs.op.name == "times_two_factors/mul"


def test_the_first_weights_are_glorot_uniform_and_the_scope_may_say_otherwise(graph: tf.Graph) -> None:
    layers.conv2d(tf.zeros([1, 9, 9, 20]), 30, 5)
    with tf.variable_scope("", initializer=tf.constant_initializer(2.0)):
        layers.dense(tf.zeros([1, 2]), 2)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = session.run({each.op.name: each for each in tf.global_variables()})
    kernel, limit = values["conv2d/kernel"], np.sqrt(6 / (25 * 20 + 25 * 30))
    assert np.abs(kernel).max() == pytest.approx(limit, rel=1e-2) and np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)
    assert not values["conv2d/bias"].any() and (values["dense/kernel"] == 2).all()


@pytest.mark.parametrize("inputs", [IMAGES, VECTORS])
def test_training_may_be_fed(graph: tf.Graph, inputs: np.ndarray) -> None:
    training = tf.placeholder(tf.bool)
    values = tf.constant(inputs)
    fed = [layers.batch_normalization(values, training=training), layers.dropout(values, 0.5, training=training)]
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    known = [layers.batch_normalization(values, training=each) for each in (False, True)]
    known_updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)[len(updates) :]
    averages = [each for each in tf.global_variables() if "moving" in each.op.name and "_1/" not in each.op.name]
    of_training = [each for each in tf.global_variables() if "moving" in each.op.name and "_2/" in each.op.name]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for value in (False, True):
            normalized, dropped = session.run(fed, {training: value})
            assert_close(normalized, session.run(known[value]))
            assert (dropped == 0).any() == value
        session.run(updates, {training: False})
        assert not session.run(averages[0]).any()
        session.run(updates, {training: True})
        session.run(known_updates)
        for fed_average, known_average in zip(averages[:2], of_training, strict=True):
            assert_close(session.run(fed_average), session.run(known_average))


def test_dropout_scales_what_it_keeps(graph: tf.Graph) -> None:
    rate = tf.placeholder(tf.float32)
    dropped = layers.dropout(tf.ones([1000]), rate, seed=1, training=True)
    with tf.Session() as session:
        values = session.run(dropped, {rate: 0.2})
    assert set(values.round(5)) == {0.0, 1.25}
    assert 0.7 < (values != 0).mean() < 0.9


def test_a_constraint_holds_after_a_training_step(graph: tf.Graph) -> None:
    loss = tf.reduce_sum(layers.dense(tf.ones([1, 2]), 2, kernel_constraint=lambda kernel: tf.maximum(kernel, 0.0)))
    step = tf.train.GradientDescentOptimizer(100.0).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert not session.run(tf.trainable_variables()[0]).any()


@pytest.mark.parametrize(
    "build, text",
    [
        (lambda: layers.conv2d(tf.zeros([2, 9]), 4, 3), "expected ndim=4, found ndim=2"),
        (lambda: layers.conv2d(tf.zeros([1, 9, 9, 1]), 4, [3, 3, 3]), "`kernel_size` argument must be"),
        (lambda: layers.conv2d(tf.zeros([1, 9, 9, 1]), 4, "x"), "`kernel_size` argument must be"),
        (lambda: layers.conv2d(tf.zeros([1, 9, 9, 1]), 4, 3, padding="full"), "`padding` argument must be one of"),
        (lambda: layers.max_pooling2d(tf.zeros([1, 9, 9, 1]), 2, 2, data_format="NHWC"), "`data_format` argument"),
        (lambda: layers.dense(tf.placeholder(tf.float32, [2, None]), 4), "last dimension of the inputs to `Dense`"),
        (lambda: layers.dense(tf.zeros([2, 3]), 4, activation="swoosh"), "Unknown activation: 'swoosh'"),
        (lambda: layers.dense(tf.zeros([2, 3]), 4, kernel_initializer="warm"), "Unknown initializer: 'warm'"),
        (lambda: layers.batch_normalization(tf.zeros([2, 3]), axis=2), "Invalid axis"),
        (lambda: layers.batch_normalization(tf.zeros([2, 3]), fused=True), "Fused batch normalization needs"),
        (lambda: layers.Dense(3).scope_name, "has not been used yet"),
    ],
)
def test_what_cannot_be_done_is_said(graph: tf.Graph, build: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        build()


def test_renormalization_is_refused(graph: tf.Graph) -> None:
    with pytest.raises(NotImplementedError, match=r"batch_normalization\(renorm=...\) is not given back"):
        layers.batch_normalization(tf.zeros([2, 3]), renorm=True)
