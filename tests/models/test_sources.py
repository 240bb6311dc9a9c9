"""What the models have from their sources: optimizers, dropouts, initial values; and what the results say of it."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from lowlevel_cnn import mnist_train, models
from lowlevel_cnn.commands import results_table
from lowlevel_cnn.models import fashion_cnn, mastering
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training import optimization

LADDER = ["fashion-ladder-sgd", "fashion-ladder-adam", "fashion-ladder-convolution", "fashion-ladder-steps"]


def test_rmsprop_divides_by_the_root_of_mean_squares_that_begin_as_ones() -> None:
    weight = square = np.ones(3)
    targets = np.array([2.0, -1.0, 5.0])
    for _ in range(5):
        gradient = weight - targets
        square = 0.9 * square + 0.1 * gradient**2
        weight = weight - 0.01 * gradient / np.sqrt(square + 1e-10)

    model = replace(models.get("mastering-cifar10-tf"), optimizer="rmsprop")
    with tf.Graph().as_default(), tf.Session() as session:
        trained = tf.get_variable("weight", initializer=np.ones(3))
        step = optimization.optimizer(model, tf.constant(0.01)).minimize(tf.reduce_sum((trained - targets) ** 2) / 2)
        session.run(tf.global_variables_initializer())
        for _ in range(5):
            session.run(step)
        np.testing.assert_allclose(session.run(trained), weight, rtol=1e-6)


def dropouts(name: str, train: bool, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """The layer and the rate of each dropout in a network."""
    found: list[tuple[str, float]] = []

    def dropout(inputs: tf.Tensor, rate: float) -> tf.Tensor:
        found.append((tf.get_default_graph().get_name_scope(), rate))
        return inputs

    for module in (fashion_cnn, mastering):
        monkeypatch.setattr(module, "dropout", dropout)
    model = models.get(name)
    with tf.Graph().as_default():
        model.inference(tf.placeholder(tf.float32, [None, *model.image_shape]), train, None)
    return found


@pytest.mark.parametrize("name", LADDER)
def test_every_rung_of_the_fashion_article_has_the_dropout_after_its_first_fully_connected_layer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dropouts(name, True, monkeypatch) == [("layer7-fc1", 0.4)]
    assert dropouts(name, False, monkeypatch) == []


def test_the_last_rung_has_two_dropouts_of_a_quarter_more(monkeypatch: pytest.MonkeyPatch) -> None:
    two = [("layer4-pool2", 0.25), ("layer6-pool3", 0.25)]
    assert dropouts("fashion-cnn", True, monkeypatch) == [*two, ("layer7-fc1", 0.4)]
    assert dropouts("fashion-cnn", False, monkeypatch) == []


def test_each_rung_changes_one_thing() -> None:
    rungs = [models.get(name) for name in [*LADDER, "fashion-cnn"]]
    fields = ("optimizer", "parameters", "training_steps", "batch_size", "learning_rate_base", "validation_count")
    changed = [
        [field for field in fields if getattr(before, field) != getattr(after, field)]
        for before, after in itertools.pairwise(rungs)
    ]
    assert changed == [["optimizer"], ["parameters"], ["training_steps"], []]


def test_the_cifar10_networks_train_as_the_notebook_of_the_book_does(monkeypatch: pytest.MonkeyPatch) -> None:
    network, keras = models.get("mastering-cifar10-tf"), models.get("mastering-cifar10-keras")
    for model, epochs, batches in ((network, 20, 390), (keras, 10, 391)):
        assert (model.optimizer, model.learning_rate_base, model.batch_size) == ("rmsprop", 0.001, 128)
        assert model.training_steps == epochs * batches
    assert dropouts(network.name, True, monkeypatch) == []
    assert [rate for _, rate in dropouts(keras.name, True, monkeypatch)] == [0.2, 0.2, 0.2]


@pytest.mark.parametrize(("name", "stddev"), [("mastering-cifar10-tf", 0.01), ("mastering-mnist-tf", 0.1)])
def test_the_chapters_tensorflow_versions_begin_with_the_standard_deviations_of_the_notebook(
    name: str, stddev: float
) -> None:
    model = models.get(name)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(0)
        model.inference(tf.placeholder(tf.float32, [None, *model.image_shape]), True, None)
        session.run(tf.global_variables_initializer())
        values = session.run({each.op.name: each for each in tf.trainable_variables()})
    for name, value in values.items():
        if name.endswith("/weight"):
            assert value.std() == pytest.approx(stddev, rel=0.1), name
    biases = np.concatenate([value for name, value in values.items() if name.endswith("/bias")])
    assert biases.std() == pytest.approx(1.0, rel=0.1)


def test_the_first_loss_of_the_cifar10_network_leaves_room_for_the_chapters_first_epoch() -> None:
    # The page prints 2.1158 for all of it. With weights of 0.1 the first loss is some thirty.
    model, random = models.get("mastering-cifar10-tf"), np.random.default_rng(0)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(0)
        step = mnist_train.training_step(model, 50_000)
        session.run(tf.global_variables_initializer())
        images, labels = random.random((32, *model.image_shape), np.float32), random.integers(0, 10, 32)
        assert session.run(step.loss, {step.images: images, step.labels: labels}) < 4


def test_a_remark_stands_once_in_the_results_and_speaks_of_its_own_model() -> None:
    said = re.findall(r"^- `(.+)`: (.+)$", results_table.markdown([]), re.MULTILINE)
    assert len({remark for _, remark in said}) == len(said)
    assert all(models.get(name).remark == remark for name, remark in said)
    assert {name for name, _ in said} == {name for name in models.all_names() if models.get(name).remark}
