"""`tf.contrib.slim`: default arguments for a scope, a model's variables, losses, and training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.graphs import assert_close, made, old_semantics, variables

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import contrib_framework, contrib_layers, contrib_losses, slim


@pytest.fixture(autouse=True)
def as_in_tensorflow_1() -> Iterator[None]:
    with old_semantics():
        yield


@pytest.fixture
def graph() -> Iterator[tf.Graph]:
    with tf.Graph().as_default() as graph:
        yield graph


@slim.add_arg_scope
def told(inputs: Any, first: Any = 1, second: Any = 2) -> tuple[Any, ...]:
    return inputs, first, second


@slim.add_arg_scope
def also_told(first: Any = 1) -> Any:
    return first


def test_slim_has_the_layers_and_the_framework_as_the_same_objects() -> None:
    for library in (contrib_layers, contrib_framework):
        assert all(getattr(slim, name) is getattr(library, name) for name in library.__all__)
    assert slim.losses is contrib_losses


def test_a_scope_gives_functions_default_arguments() -> None:
    with slim.arg_scope([told, also_told], first=10):
        assert told(0) == (0, 10, 2)
        assert told(0, first=5) == (0, 5, 2)
        assert also_told() == 10
        with slim.arg_scope([told], second=20):
            assert told(0) == (0, 10, 20)
        assert told(0) == (0, 10, 2)
    assert told(0) == (0, 1, 2)


def test_a_scope_that_was_kept_is_entered_again_in_place_of_the_outer_ones() -> None:
    with slim.arg_scope([told], first=10) as kept:
        pass
    with slim.arg_scope([told], second=20), slim.arg_scope(kept):
        assert told(0) == (0, 10, 2)


def test_a_scope_ends_with_an_error() -> None:
    with pytest.raises(KeyError), slim.arg_scope([told], first=10):
        raise KeyError
    assert told(0) == (0, 1, 2)


def test_what_arg_scope_knows_of_a_function_can_be_asked() -> None:
    assert slim.has_arg_scope(told) and not slim.has_arg_scope(print)
    assert slim.arg_scoped_arguments(told) == ("first", "second")


def test_arg_scope_says_what_it_cannot_take() -> None:
    with pytest.raises(ValueError, match="print is not decorated with @add_arg_scope"), slim.arg_scope([print]):
        pass
    with pytest.raises(TypeError, match="list of functions"), slim.arg_scope(told, first=1):  # type: ignore[arg-type]
        pass
    with pytest.raises(ValueError, match="no arguments"), slim.arg_scope({}, first=1):
        pass


def test_a_network_written_with_scopes_has_the_names_that_it_had(graph: tf.Graph) -> None:
    images = tf.placeholder(tf.float32, [None, 32, 32, 3])
    with (
        tf.variable_scope("vgg"),
        slim.arg_scope(
            [slim.conv2d, slim.fully_connected],
            weights_regularizer=slim.l2_regularizer(0.5),
            outputs_collections="ends",
        ),
        slim.arg_scope([slim.conv2d], padding="VALID", normalizer_fn=slim.batch_norm),
        slim.arg_scope([slim.batch_norm], is_training=False, scale=True),
    ):
        net = slim.repeat(images, 2, slim.conv2d, 8, [3, 3], scope="conv1")
        net = slim.max_pool2d(net, [2, 2], scope="pool1", outputs_collections="ends")
        net = slim.flatten(net, scope="flatten")
        net = slim.fully_connected(net, 10, activation_fn=None, scope="fc2")
    assert list(variables()) == [
        *(
            f"vgg/conv1/conv1_{number}/{part}"
            for number in (1, 2)
            for part in (
                "weights",
                "BatchNorm/gamma",
                "BatchNorm/beta",
                "BatchNorm/moving_mean",
                "BatchNorm/moving_variance",
            )
        ),
        "vgg/fc2/weights",
        "vgg/fc2/biases",
    ]
    assert variables()["vgg/fc2/weights"] == [14 * 14 * 8, 10]
    assert len(tf.losses.get_regularization_losses()) == 3
    assert list(slim.utils.convert_collection_to_dict("ends")) == [
        "vgg/conv1/conv1_1",
        "vgg/conv1/conv1_2",
        "vgg/pool1",
        "vgg/fc2",
    ]


def test_a_model_runs_twice_on_the_same_variables(graph: tf.Graph) -> None:
    def model(inputs: tf.Tensor, is_training: bool, reuse: bool | None = None) -> tf.Tensor:
        with tf.variable_scope("model", reuse=reuse):
            net = slim.conv2d(
                inputs, 4, 3, normalizer_fn=slim.batch_norm, normalizer_params={"is_training": is_training}
            )
            return slim.dropout(slim.flatten(net), 0.5, is_training=is_training)

    images = tf.constant(made(2, 5, 5, 1))
    model(images, True)
    count = len(tf.global_variables())
    model(images, False, reuse=True)
    assert len(tf.global_variables()) == count == len(slim.get_model_variables())


def test_variables_are_found_by_scope_and_by_name(graph: tf.Graph) -> None:
    step = slim.get_or_create_global_step()
    with tf.variable_scope("a") as scope:
        slim.fully_connected(tf.zeros([1, 2]), 3, scope="one")
    slim.fully_connected(tf.zeros([1, 2]), 3, scope="two")
    local = slim.local_variable(0.0, name="local")
    names = ["a/one/weights", "a/one/biases", "two/weights", "two/biases"]

    def of(found: list[tf.Variable]) -> list[str]:
        return [each.op.name for each in found]

    assert of(slim.get_model_variables()) == of(slim.get_trainable_variables()) == names
    assert of(slim.get_model_variables("a")) == of(slim.get_variables(scope)) == names[:2]
    assert of(slim.get_variables_by_name("weights")) == of(slim.get_variables_by_suffix("weights")) == names[::2]
    assert of(slim.get_variables_to_restore(exclude=["two"])) == ["global_step", *names[:2]]
    assert of(slim.get_variables_to_restore(include=["two", "two"])) == names[2:]
    assert slim.get_local_variables() == [local]
    assert slim.get_unique_variable("global_step") is step is slim.get_global_step()
    with pytest.raises(ValueError, match="does not uniquely identify"):
        slim.get_unique_variable("weights")


def test_a_model_variable_has_what_it_is_given_and_what_the_scope_says(graph: tf.Graph) -> None:
    with slim.arg_scope([slim.model_variable], regularizer=slim.l2_regularizer(0.5), device="/cpu:0"):
        weights = slim.model_variable("weights", [2], initializer=tf.ones_initializer())
        slim.fully_connected(tf.zeros([1, 2]), 3)
    slim.add_model_variable(weights)
    assert {each.device for each in tf.global_variables()} == {"/device:CPU:0"}
    assert list(variables("model_variables")) == ["weights", "fully_connected/weights", "fully_connected/biases"]
    # A layer's own regularizer, here none, comes before the scope's.
    assert len(tf.losses.get_regularization_losses()) == 1


def test_variables_come_from_a_checkpoint_or_from_values(graph: tf.Graph, tmp_path: Path) -> None:
    kept, other = tf.get_variable("kept", [2]), tf.get_variable("other", [1])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        slim.assign_from_values_fn({"kept": [1.0, 2.0]})(session)
        path = tf.train.Saver([kept]).save(session, str(tmp_path / "model"))
        session.run(kept.assign([0.0, 0.0]))
        restore = slim.assign_from_checkpoint_fn(path, [kept, other], ignore_missing_vars=True)
        assert restore is not None
        restore(session)
        assert session.run(kept).tolist() == [1, 2]
        session.run(kept.assign([0.0, 0.0]))
        session.run(*slim.assign_from_checkpoint(path, {"kept": kept}))
        assert session.run(kept).tolist() == [1, 2]
        with pytest.raises(ValueError, match=r"missing variable \[other\]"):
            slim.assign_from_checkpoint(path, [other])
        with pytest.raises(ValueError, match="Variable other has the shape"):
            slim.assign_from_values({"other": [1.0, 2.0]})
    assert slim.assign_from_checkpoint_fn(path, [other], ignore_missing_vars=True) is None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name",
    [
        "absolute_difference",
        "hinge_loss",
        "log_loss",
        "mean_squared_error",
        "sigmoid_cross_entropy",
        "softmax_cross_entropy",
    ],
)
def test_losses_agree_with_those_of_tf_slim(graph: tf.Graph, name: str) -> None:
    theirs = pytest.importorskip("tf_slim").losses
    said = tf.constant(np.abs(made(4, 3)) / 4)
    labels = tf.constant(np.eye(4, 3, dtype=np.float32))
    weights = [] if name == "hinge_loss" else [tf.constant([0.0, 1.0, 2.0, 3.0])]
    if weights and name != "softmax_cross_entropy":
        weights = [weights[0][:, tf.newaxis]]
    with tf.Session() as session:
        for further in ([], weights):
            ours, expected = (getattr(library, name)(said, labels, *further) for library in (slim.losses, theirs))
            assert_close(*session.run([ours, expected]))
    assert len(slim.losses.get_losses()) == (0 if name == "hinge_loss" else 4)


def test_the_total_loss_is_the_sum_of_all(graph: tf.Graph) -> None:
    logits, labels = tf.constant(made(4, 3)), tf.constant([[0], [1], [2], [1]])
    first = slim.losses.sparse_softmax_cross_entropy(logits, labels)
    second = slim.losses.softmax_cross_entropy(logits, tf.one_hot([0, 1, 2, 1], 3))
    slim.losses.add_loss(tf.constant(5.0))
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(7.0))
    with tf.Session() as session:
        total, one, other = session.run([slim.losses.get_total_loss(), first, second])
    assert one == pytest.approx(other) and total == pytest.approx(2 * one + 12)
    assert len(slim.losses.get_losses()) == 3 and len(slim.losses.get_regularization_losses()) == 1


def test_metrics_take_the_predictions_first(graph: tf.Graph) -> None:
    said, labels = tf.constant([1.0, 1.0, 1.0, 0.0]), tf.constant([1.0, 0.0, 0.0, 1.0])
    metrics = slim.metrics
    values, updates = metrics.aggregate_metric_map(
        {
            "accuracy": metrics.streaming_accuracy(said, labels),
            "precision": metrics.streaming_precision(said, labels),
            "recall": metrics.streaming_recall(said, labels),
            "mean": metrics.streaming_mean(said),
            "error": metrics.streaming_mean_squared_error(said, labels),
        }
    )
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        session.run([updates, updates])
        found = session.run(values)
        assert session.run(metrics.accuracy(said, labels, tf.constant([3.0, 1.0, 1.0, 1.0]))) == 0.5
    expected = {"accuracy": 1 / 4, "precision": 1 / 3, "recall": 1 / 2, "mean": 3 / 4, "error": 3 / 4}
    assert found == pytest.approx(expected)
    with pytest.raises(ValueError, match="at least one"):
        metrics.aggregate_metrics()


def regression() -> tf.Tensor:
    """A loss whose smallest value is 0, of a layer with batch normalization."""
    tf.set_random_seed(0)
    inputs = made(32, 4)
    outputs = slim.fully_connected(tf.constant(inputs), 8, normalizer_fn=slim.batch_norm)
    outputs = slim.fully_connected(outputs, 1, activation_fn=None)
    slim.losses.mean_squared_error(outputs, tf.constant(inputs.sum(1, keepdims=True)))
    return slim.losses.get_total_loss()


def test_a_training_step_runs_the_updates_before(graph: tf.Graph) -> None:
    train_op = slim.learning.create_train_op(regression(), tf.train.GradientDescentOptimizer(0.1), clip_gradient_norm=1)
    [average] = slim.get_variables_by_name("moving_mean")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        losses = [session.run(train_op) for _ in range(60)]
        assert session.run(average).any()
        assert session.run(slim.get_global_step()) == 60
    assert losses[-1] < losses[0] / 2
    assert tf.get_collection(tf.GraphKeys.TRAIN_OP)[-1] is train_op


def test_a_loss_that_is_no_number_stops_the_training(graph: tf.Graph) -> None:
    weights = tf.get_variable("weights", initializer=-1.0)
    train_op = slim.learning.create_train_op(tf.log(weights), tf.train.GradientDescentOptimizer(0.1))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match="LossTensor is inf or nan"):
            session.run(train_op)


@pytest.mark.parametrize("logdir", [True, False])
def test_training_ends_at_its_number_of_steps_and_goes_on_from_its_checkpoint(tmp_path: Path, logdir: bool) -> None:
    directory = str(tmp_path) if logdir else None
    losses = []
    for number in (10, 30):
        with tf.Graph().as_default():
            train_op = slim.learning.create_train_op(regression(), tf.train.AdamOptimizer(0.01))
            losses.append(slim.learning.train(train_op, directory, number_of_steps=number, log_every_n_steps=5))
    assert losses[0] is not None and losses[1] is not None and losses[1] < losses[0]
    if logdir:
        assert tf.train.latest_checkpoint(directory) == str(tmp_path / "model.ckpt-30")
    else:
        assert list(tmp_path.iterdir()) == []
