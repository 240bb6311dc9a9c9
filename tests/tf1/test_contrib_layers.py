"""`tf.contrib.layers`: the values of `tf_slim`, and TensorFlow 1.15's names, collections and defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from helpers.graphs import Build, assert_agree, assert_close, made, old_semantics, variables

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import contrib_layers as layers

IMAGES = made(4, 8, 8, 3)

CASES: dict[str, Build] = {
    "fully connected": lambda library, x: library.fully_connected(library.flatten(x), 7),
    "linear": lambda library, x: library.linear(library.flatten(x), 7, weights_regularizer=library.l2_regularizer(0.1)),
    "convolution": lambda library, x: library.conv2d(x, 4, [3, 3], weights_regularizer=library.l1_regularizer(0.01)),
    "convolution, strided": lambda library, x: library.convolution2d(x, 4, 3, 2, "VALID", activation_fn=tf.nn.tanh),
    "convolution, dilated": lambda library, x: library.convolution(x, 4, 3, rate=2, biases_initializer=None),
    "transposed": lambda library, x: library.conv2d_transpose(x, 4, 3, 2, scope="up"),
    "separable": lambda library, x: library.separable_conv2d(
        x, 5, 3, 2, weights_regularizer=library.l1_l2_regularizer(0.1, 0.2)
    ),
    "depthwise": lambda library, x: library.separable_conv2d(x, None, [3, 3], 2, stride=2),
    "largest": lambda library, x: library.max_pool2d(x, 2),
    "largest, same": lambda library, x: library.max_pool2d(x, [3, 3], 1, "SAME"),
    "average": lambda library, x: library.avg_pool2d(x, [3, 3], stride=2),
    "softmax": lambda library, x: library.softmax(x),
    "one-hot": lambda library, x: library.one_hot_encoding([2, 0], 3, 2.0, -1.0),
    "dropout, evaluating": lambda library, x: library.dropout(x, 0.1, is_training=False),
    "repeated": lambda library, x: library.repeat(x, 2, library.conv2d, 4, [3, 3], scope="conv1"),
    "repeated, without a name": lambda library, x: library.repeat(x, 2, library.conv2d, 4, [3, 3]),
    "stacked": lambda library, x: library.stack(x, library.conv2d, [(3, 3), (4, [1, 1], 2)]),
    "stacked numbers": lambda library, x: library.stack(
        library.flatten(x), library.fully_connected, [5, 6], scope="fc"
    ),
}


@pytest.fixture(scope="module")
def theirs() -> Any:
    return pytest.importorskip("tf_slim")


@pytest.fixture(autouse=True)
def as_in_tensorflow_1() -> Iterator[None]:
    with old_semantics():
        yield


@pytest.fixture
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


def value(tensor: tf.Tensor) -> Any:
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(tensor)


@pytest.mark.filterwarnings("ignore")
def test_layers_agree_with_those_of_tf_slim(theirs: Any) -> None:
    for build in CASES.values():
        assert_agree(layers, theirs, build, IMAGES)


def trained(step_of: Callable[[tf.Tensor, tf.Variable], tf.Tensor]) -> np.ndarray:
    """The weights after three steps."""
    with tf.Graph().as_default(), tf.Session() as session:
        weights = tf.get_variable("weights", initializer=IMAGES[0, 0])
        step = step_of(tf.reduce_mean(tf.square(weights - 3.0)), weights)
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(step)
        assert session.run(tf.train.get_global_step()) == 3
        return np.asarray(session.run(weights))


@pytest.mark.parametrize("optimizer", layers.OPTIMIZER_CLS_NAMES)
def test_optimize_loss_does_what_its_parts_do(optimizer: str) -> None:
    def at_once(loss: tf.Tensor, weights: tf.Variable) -> tf.Tensor:
        return layers.optimize_loss(
            loss,
            tf.train.get_or_create_global_step(),
            0.1,
            optimizer,
            gradient_multipliers={weights: 2.0},
            clip_gradients=0.5,
            learning_rate_decay_fn=lambda rate, step: tf.train.exponential_decay(rate, step, 1, 0.5),
            summaries=layers.OPTIMIZER_SUMMARIES,
        )

    def by_parts(loss: tf.Tensor, weights: tf.Variable) -> tf.Tensor:
        step = tf.train.get_or_create_global_step()
        rate = tf.train.exponential_decay(0.1, step, 1, 0.5)
        parts = {
            "SGD": lambda: tf.train.GradientDescentOptimizer(rate),
            "Momentum": lambda: tf.train.MomentumOptimizer(rate, 0.9),
        }
        made_of = parts.get(optimizer, lambda: getattr(tf.train, f"{optimizer}Optimizer")(rate))()
        [gradient] = tf.gradients(loss, weights)
        return made_of.apply_gradients([(tf.clip_by_norm(2 * gradient, 0.5), weights)], step)

    assert_close(trained(at_once), trained(by_parts))


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda rate: tf.train.GradientDescentOptimizer(rate),
        lambda: tf.train.GradientDescentOptimizer(0.1),
        "SGD",
    ],
)
def test_an_optimizer_may_be_a_name_or_a_function(optimizer: Any) -> None:
    takes_rate = isinstance(optimizer, str) or optimizer.__code__.co_argcount == 1

    def at_once(loss: tf.Tensor, _: tf.Variable) -> tf.Tensor:
        step = tf.train.get_or_create_global_step()
        return layers.optimize_loss(loss, step, 0.1 if takes_rate else None, optimizer)

    def by_hand(loss: tf.Tensor, _: tf.Variable) -> tf.Tensor:
        return tf.train.GradientDescentOptimizer(0.1).minimize(loss, tf.train.get_or_create_global_step())

    assert_close(trained(at_once), trained(by_hand))


def test_optimize_loss_runs_the_updates_before_and_names_its_learning_rate(graph: tf.Graph) -> None:
    loss = tf.reduce_mean(layers.batch_norm(tf.constant(IMAGES) + 1.0, scale=True) ** 2)
    step = layers.optimize_loss(loss, tf.train.get_or_create_global_step(), 0.1, tf.train.AdamOptimizer)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        values = session.run({each.op.name: each for each in tf.global_variables()})
    assert values["BatchNorm/moving_mean"].all() and values["OptimizeLoss/learning_rate"] == np.float32(0.1)


def test_a_network_has_the_names_and_shapes_that_it_had(graph: tf.Graph) -> None:
    images = tf.placeholder(tf.float32, [None, 28, 28, 1])
    layer = layers.conv2d(images, 32, 5, normalizer_fn=layers.batch_norm)
    pooled = layers.max_pool2d(layer, [2, 2])
    second = layers.conv2d(pooled, 64, [5, 5])
    hidden = layers.fully_connected(layers.flatten(second), 100)
    layers.fully_connected(hidden, 10, activation_fn=None, scope="logits")
    expected = {
        "Conv/weights": [5, 5, 1, 32],
        "Conv/BatchNorm/beta": [32],
        "Conv/BatchNorm/moving_mean": [32],
        "Conv/BatchNorm/moving_variance": [32],
        "Conv_1/weights": [5, 5, 32, 64],
        "Conv_1/biases": [64],
        "fully_connected/weights": [14 * 14 * 64, 100],
        "fully_connected/biases": [100],
        "logits/weights": [100, 10],
        "logits/biases": [10],
    }
    assert variables() == variables(tf.GraphKeys.MODEL_VARIABLES) == expected
    assert pooled.op.name == "MaxPool2D/MaxPool"
    assert (second.op.name, hidden.op.name) == ("Conv_1/Relu", "fully_connected/Relu")
    assert len(tf.get_collection(tf.GraphKeys.UPDATE_OPS)) == 2


def test_variables_and_outputs_are_in_the_collections_that_are_named(graph: tf.Graph) -> None:
    images = tf.zeros([1, 4, 4, 1])
    layers.conv2d(images, 2, 3, variables_collections={"weights": ["w"], "biases": ["b"]}, outputs_collections="ends")
    layers.conv2d(images, 2, 3, variables_collections=["w"])
    layers.batch_norm(images, variables_collections=["n"])
    assert list(variables("w")) == ["Conv/weights", "Conv_1/weights", "Conv_1/biases"]
    assert list(variables("b")) == ["Conv/biases"]
    assert list(variables("n")) == ["BatchNorm/beta", "BatchNorm/moving_mean", "BatchNorm/moving_variance"]
    assert [each.op.name for each in tf.get_collection("ends")] == ["Conv/Relu"]


@pytest.mark.parametrize("shape", [(6, 3), (2, 4, 5, 3), (2, 4, 3)])
def test_batch_norm_in_training_takes_the_batch_and_moves_the_averages(graph: tf.Graph, shape: tuple[int, ...]) -> None:
    inputs = made(*shape).astype(np.float64)
    outputs = layers.batch_norm(tf.constant(inputs, tf.float32), decay=0.9)
    over = tuple(range(len(shape) - 1))
    mean, variance = inputs.mean(over), inputs.var(over)
    count = inputs.size // shape[-1]
    # Vectors and images go through the fused operation, which divides by one less.
    moved = variance * (count / (count - 1) if len(shape) in (2, 4) else 1)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert_close(session.run(outputs), (inputs - mean) / np.sqrt(variance + 0.001))
        session.run(tf.get_collection(tf.GraphKeys.UPDATE_OPS))
        averages = session.run({each.op.name: each for each in tf.global_variables()})
    assert_close(averages["BatchNorm/moving_mean"], 0.1 * mean)
    assert_close(averages["BatchNorm/moving_variance"], 0.9 + 0.1 * moved)


@pytest.mark.parametrize("shape", [(6, 3), (2, 4, 5, 3), (2, 4, 3)])
def test_batch_norm_in_evaluation_takes_the_averages_and_moves_nothing(graph: tf.Graph, shape: tuple[int, ...]) -> None:
    inputs = made(*shape)
    averages = {"moving_mean": [1.0, 2.0, 3.0], "moving_variance": [4.0, 5.0, 6.0], "gamma": [7.0, 8.0, 9.0]}
    outputs = layers.batch_norm(
        tf.constant(inputs),
        scale=True,
        is_training=False,
        param_initializers={name: tf.constant_initializer(each) for name, each in averages.items()},
        activation_fn=tf.nn.relu,
    )
    mean, variance, scale = map(np.array, averages.values())
    assert_close(value(outputs), np.maximum(0, (inputs - mean) / np.sqrt(variance + 0.001) * scale))
    assert tf.get_collection(tf.GraphKeys.UPDATE_OPS) == []


def test_batch_norm_without_a_collection_moves_the_averages_itself(graph: tf.Graph) -> None:
    training = tf.placeholder(tf.bool)
    outputs = layers.batch_norm(tf.constant(IMAGES) + 1.0, updates_collections=None, is_training=training)
    average = tf.global_variables()[1]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(outputs, {training: False})
        assert not session.run(average).any()
        session.run(outputs, {training: True})
        assert_close(session.run(average), 0.001 * (IMAGES.mean((0, 1, 2)) + 1))


def test_channels_first_are_normalized_by_channel(graph: tf.Graph) -> None:
    outputs = layers.batch_norm(tf.constant(IMAGES.transpose(0, 3, 1, 2)), data_format="NCHW")
    expected = layers.batch_norm(tf.constant(IMAGES))
    assert_close(value(tf.transpose(outputs, [0, 2, 3, 1]) - expected), 0)


def test_regularizers_are_what_the_formulas_say(graph: tf.Graph) -> None:
    weights = made(3, 4)
    l1, l2 = 0.1 * np.abs(weights).sum(), 0.2 * (weights**2).sum() / 2
    first, second = layers.l1_regularizer(0.1), layers.l2_regularizer(0.2)
    tensor = tf.constant(weights)
    found = [each(tensor) for each in (first, second, layers.l1_l2_regularizer(0.1, 0.2))]
    found.append(layers.sum_regularizer([first, None, second])(tensor))
    assert_close(value(found), [l1, l2, l1 + l2, l1 + l2])
    assert found[1] is not None and found[1].op.name == "l2_regularizer"


def test_apply_regularization_fills_the_collection(graph: tf.Graph) -> None:
    tf.add_to_collection(tf.GraphKeys.WEIGHTS, tf.constant([3.0, 4.0]))
    total = layers.apply_regularization(layers.l2_regularizer(0.5))
    also = layers.apply_regularization(layers.l1_regularizer(0.5), [tf.constant([-2.0]), tf.constant([4.0])])
    assert value([total, also]) == [6.25, 3.0]
    assert tf.losses.get_regularization_losses() == [total, also]


def test_a_regularizer_of_nothing_makes_no_loss(graph: tf.Graph) -> None:
    assert layers.l2_regularizer(0.0)(tf.constant([1.0])) is None
    assert layers.sum_regularizer([None]) is None
    layers.fully_connected(tf.zeros([1, 2]), 3, weights_regularizer=layers.l1_regularizer(0.0))
    assert tf.losses.get_regularization_losses() == []


@pytest.mark.parametrize(
    "build, text",
    [
        (lambda: layers.l2_regularizer(1), "scale cannot be an integer: 1"),
        (lambda: layers.l1_regularizer(-1.0), "less than 0"),
        (lambda: layers.apply_regularization(layers.l2_regularizer(0.1)), "No weights to regularize"),
        (lambda: layers.apply_regularization(tf.abs, [tf.zeros([2])]), "instead of a Tensor with rank 1"),
        (lambda: layers.variance_scaling_initializer(mode="FAN"), "Unknown mode FAN"),
        (lambda: layers.conv2d(tf.zeros([1, 4, 4]), 2, 3), "expects input with rank 4, got 3"),
        (lambda: layers.conv2d(tf.zeros([1, 4, 4, 1]), 2, 3, data_format="HWC"), "data_format has to be"),
        (lambda: layers.stack(tf.zeros([1, 4]), layers.fully_connected, "3"), "list or tuple"),
        (lambda: layers.optimize_loss(tf.zeros([]), None, 0.1, "Best"), "Optimizer name should be one of"),
        (lambda: layers.optimize_loss(tf.zeros([]), None, -0.1, "SGD"), "Invalid learning_rate -0.1"),
    ],
)
def test_what_cannot_be_done_is_said(graph: tf.Graph, build: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        build()


@pytest.mark.parametrize("shape, inputs, outputs", [([300, 200], 300, 200), ([5, 5, 40, 60], 1000, 1500)])
@pytest.mark.parametrize("uniform", [True, False])
def test_xavier_weights_have_the_variance_of_the_article(
    graph: tf.Graph, shape: list[int], inputs: int, outputs: int, uniform: bool
) -> None:
    weights = value(layers.xavier_initializer(uniform, seed=1)(shape))
    variance = 2 / (inputs + outputs)
    # The normal distribution loses about a quarter where it is cut, of which 1.3 is an approximation.
    assert weights.var() == pytest.approx(variance, rel=0.03)
    limit = np.sqrt(3 * variance) if uniform else 2 * np.sqrt(1.3 * variance)
    assert np.abs(weights).max() <= limit and np.abs(weights).max() == pytest.approx(limit, rel=0.01)


@pytest.mark.parametrize("mode, nodes", [("FAN_IN", 300), ("FAN_OUT", 200), ("FAN_AVG", 250)])
def test_variance_scaling_counts_the_nodes_that_it_is_told_to(graph: tf.Graph, mode: str, nodes: int) -> None:
    weights = value(layers.variance_scaling_initializer(mode=mode, seed=1)([300, 200]))
    assert weights.var() == pytest.approx(2 / nodes, rel=0.03)


def test_dropout_takes_the_part_to_keep_also_from_a_feed(graph: tf.Graph) -> None:
    keep = tf.placeholder(tf.float32)
    dropped = layers.dropout(tf.ones([1000]), keep, seed=1)
    with tf.Session() as session:
        values = session.run(dropped, {keep: 0.8})
        assert session.run(dropped, {keep: 1.0}).min() == 1
    assert set(values.round(5)) == {0.0, 1.25}
    assert 0.7 < (values != 0).mean() < 0.9


def test_summaries_are_of_what_is_in_the_collections(graph: tf.Graph) -> None:
    tf.add_to_collection(tf.GraphKeys.ACTIVATIONS, layers.fully_connected(tf.zeros([1, 2]), 3))
    layers.summarize_activations()
    layers.summarize_variables("fully")
    assert [each.op.name for each in tf.get_collection(tf.GraphKeys.SUMMARIES)] == [
        "fully_connected/Relu/zeros",
        "fully_connected/Relu/activation",
        "fully_connected/weights_1",
        "fully_connected/biases_1",
    ]
