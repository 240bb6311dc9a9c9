"""The estimators that bring their network: names of variables, values against NumPy, what they predict and export."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator import (
    DNNClassifier,
    DNNRegressor,
    Estimator,
    LinearClassifier,
    LinearRegressor,
    RunConfig,
)
from lowlevel_cnn.tf1.estimator.export import build_parsing_serving_input_receiver_fn
from lowlevel_cnn.tf1.estimator.inputs import numpy_input_fn

ROWS = 16
X = np.random.RandomState(1).normal(size=(ROWS, 4)).astype(np.float32)
SEEDED = RunConfig(tf_random_seed=1)


def columns() -> list[Any]:
    return [tf.feature_column.numeric_column("x", shape=[4])]


def inputs(labels: Any, forever: bool = False) -> Any:
    return numpy_input_fn({"x": X}, labels, ROWS, num_epochs=None if forever else 1, shuffle=False)


def logits_of(made: Estimator) -> Any:
    """The logits of a network with one hidden layer, by NumPy."""
    value = made.get_variable_value
    hidden = np.maximum(X @ value("dnn/hiddenlayer_0/kernel") + value("dnn/hiddenlayer_0/bias"), 0)
    return hidden @ value("dnn/logits/kernel") + value("dnn/logits/bias")


def softmax(logits: Any) -> Any:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def shapes(made: Estimator) -> dict[str, list[int]]:
    return {name: list(np.shape(made.get_variable_value(name))) for name in made.get_variable_names()}


def test_a_classifier_has_the_variables_of_tensorflow_1_and_numpys_values(tmp_path: Path) -> None:
    labels = np.arange(ROWS) % 3
    made = DNNClassifier([8], columns(), str(tmp_path), n_classes=3, config=SEEDED, optimizer="SGD")
    made.train(inputs(labels, forever=True), steps=2)
    assert shapes(made) == {
        "dnn/hiddenlayer_0/bias": [8],
        "dnn/hiddenlayer_0/kernel": [4, 8],
        "dnn/logits/bias": [3],
        "dnn/logits/kernel": [8, 3],
        "global_step": [],
    }
    logits = logits_of(made)
    losses = -np.log(softmax(logits)[np.arange(ROWS), labels])
    assert made.evaluate(inputs(labels)) == {
        "accuracy": pytest.approx((logits.argmax(1) == labels).mean()),
        "average_loss": pytest.approx(losses.mean(), rel=1e-4),
        "loss": pytest.approx(losses.sum(), rel=1e-4),
        "global_step": 2,
    }
    found = list(made.predict(inputs(None)))
    assert set(found[0]) == {"logits", "probabilities", "class_ids", "classes"}
    np.testing.assert_allclose([each["probabilities"] for each in found], softmax(logits), rtol=1e-4)
    assert [each["class_ids"].tolist() for each in found] == logits.argmax(1)[:, None].tolist()
    assert [each["classes"].tolist() for each in found] == [[str(each).encode()] for each in logits.argmax(1)]


def test_two_classes_have_one_logit_and_their_own_metrics(tmp_path: Path) -> None:
    labels = (X[:, 0] > 0.3).astype(np.int64)
    made = DNNClassifier([8], columns(), str(tmp_path), config=SEEDED).train(inputs(labels, forever=True), steps=3)
    logits = logits_of(made)[:, 0]
    logistic, guessed = 1 / (1 + np.exp(-logits)), logits > 0
    losses = -np.log(np.where(labels, logistic, 1 - logistic))
    found = made.evaluate(inputs(labels))
    expected = {
        "accuracy": (guessed == labels).mean(),
        "precision": labels[guessed].mean(),
        "recall": guessed[labels == 1].mean(),
        "prediction/mean": logistic.mean(),
        "label/mean": labels.mean(),
        "accuracy_baseline": max(labels.mean(), 1 - labels.mean()),
        "average_loss": losses.mean(),
        "loss": losses.sum(),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-4)
    assert set(found) - set(expected) == {"auc", "auc_precision_recall", "global_step"}
    pairs = [a > b for a in logistic[labels == 1] for b in logistic[labels == 0]]
    assert found["auc"] == pytest.approx(np.mean(pairs), abs=0.05)
    probabilities = [each["probabilities"] for each in made.predict(inputs(None))]
    np.testing.assert_allclose(probabilities, np.stack([1 - logistic, logistic], 1), rtol=1e-4)


def test_a_classifier_learns(tmp_path: Path) -> None:
    labels = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0)
    made = DNNClassifier([16, 16], columns(), str(tmp_path), n_classes=3, config=SEEDED)
    assert made.train(inputs(labels, forever=True), steps=150).evaluate(inputs(labels))["accuracy"] == 1.0


def test_classes_have_the_names_of_a_vocabulary(tmp_path: Path) -> None:
    names = np.array(["cat", "dog", "owl"])[np.arange(ROWS) % 3]
    made = DNNClassifier(
        [4], columns(), str(tmp_path), n_classes=3, label_vocabulary=["cat", "dog", "owl"], config=SEEDED
    )
    made.train(inputs(names, forever=True), steps=1)
    accuracy = made.evaluate(inputs(names))["accuracy"]
    found = [each["classes"][0].decode() for each in made.predict(inputs(None))]
    assert accuracy == pytest.approx((np.array(found) == names).mean())


def test_a_label_that_is_no_class_is_refused(tmp_path: Path) -> None:
    made = DNNClassifier([4], columns(), str(tmp_path), n_classes=3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Labels must be < n_classes"):
        made.train(inputs(np.full(ROWS, 3)), steps=1)


def test_a_regressor_has_numpys_values(tmp_path: Path) -> None:
    labels = X[:, :2] @ np.array([[1.0, 2.0], [3.0, 4.0]])
    made = DNNRegressor([8], columns(), str(tmp_path), label_dimension=2, config=SEEDED, activation_fn=tf.nn.relu)
    made.train(inputs(labels, forever=True), steps=2)
    outputs = logits_of(made)
    squares = (outputs - labels) ** 2
    found = made.evaluate(inputs(labels))
    assert found["average_loss"] == pytest.approx(squares.mean(), rel=1e-4)
    assert found["loss"] == pytest.approx(squares.sum(), rel=1e-4)
    np.testing.assert_allclose([each["predictions"] for each in made.predict(inputs(None))], outputs, rtol=1e-4)


def test_a_linear_classifier_has_the_variables_of_tensorflow_1_and_numpys_values(tmp_path: Path) -> None:
    labels = np.arange(ROWS) % 3
    made = LinearClassifier(columns(), str(tmp_path), n_classes=3, optimizer="SGD")
    made.train(inputs(labels, forever=True), steps=1)
    assert shapes(made) == {
        "global_step": [],
        "linear/linear_model/bias_weights": [3],
        "linear/linear_model/x/weights": [4, 3],
    }
    # From zeros, one step of the summed loss; the rate is 0.2 at most.
    gradient = np.full([ROWS, 3], 1 / 3) - np.eye(3)[labels]
    weights = made.get_variable_value("linear/linear_model/x/weights")
    np.testing.assert_allclose(weights, -0.2 * X.T @ gradient, rtol=1e-4, atol=1e-5)


def test_a_linear_regressor_learns_a_linear_function(tmp_path: Path) -> None:
    labels = X @ np.array([1.0, -2.0, 0.5, 3.0])
    made = LinearRegressor(columns(), str(tmp_path), optimizer=lambda: tf.train.GradientDescentOptimizer(0.03))
    assert made.train(inputs(labels, forever=True), steps=200).evaluate(inputs(labels))["average_loss"] < 1e-3


def test_weights_weigh_examples(tmp_path: Path) -> None:
    labels, weights = np.arange(ROWS) % 2, np.linspace(0, 1, ROWS)
    weighted = numpy_input_fn({"x": X, "weight": weights}, labels, ROWS, shuffle=False)
    made = LinearClassifier(columns(), str(tmp_path), weight_column="weight")
    found = made.evaluate(weighted)
    # Untrained, every logit is zero: class 0, with a loss of log 2.
    assert found["loss"] == pytest.approx(weights.sum() * np.log(2), rel=1e-5)
    assert found["average_loss"] == pytest.approx(np.log(2), rel=1e-5)
    assert found["accuracy"] == pytest.approx(weights[labels == 0].sum() / weights.sum(), rel=1e-5)


def test_an_optimizer_made_before_serves_every_training(tmp_path: Path) -> None:
    labels = np.arange(ROWS) % 3
    optimizer = tf.train.AdamOptimizer(1e-2)
    made = DNNClassifier([8], columns(), str(tmp_path), n_classes=3, optimizer=optimizer, config=SEEDED)
    made.train(inputs(labels, forever=True), steps=1).train(inputs(labels, forever=True), steps=2)
    # The power of beta1 went on from the checkpoint.
    assert made.get_variable_value("dnn/head/beta1_power") == pytest.approx(0.9**4)


@pytest.mark.parametrize(
    ("make", "slots"),
    [
        (lambda directory: DNNClassifier([8], columns(), directory), {"dnn/logits/kernel/t_0/Adagrad": [8, 1]}),
        (
            lambda directory: LinearClassifier(columns(), directory),
            {
                "linear/linear_model/x/weights/part_0/Ftrl": [4, 1],
                "linear/linear_model/x/weights/part_0/Ftrl_1": [4, 1],
            },
        ),
    ],
)
def test_an_optimizers_variables_have_the_names_of_tensorflow_1(
    make: Any, slots: dict[str, list[int]], tmp_path: Path
) -> None:
    found = shapes(make(str(tmp_path)).train(inputs(np.arange(ROWS) % 2, forever=True), steps=1))
    assert slots.items() <= found.items()


def test_dropout_is_of_the_training_alone(tmp_path: Path) -> None:
    labels = np.arange(ROWS) % 3
    made = DNNClassifier([8], columns(), str(tmp_path), n_classes=3, dropout=0.5, config=SEEDED)
    made.train(inputs(labels, forever=True), steps=2)
    probabilities = [each["probabilities"] for each in made.predict(inputs(None))]
    np.testing.assert_allclose(probabilities, softmax(logits_of(made)), rtol=1e-4)


def test_an_exported_classifier_classifies_serialized_examples(tmp_path: Path) -> None:
    labels = np.arange(ROWS) % 3
    made = DNNClassifier([8], columns(), str(tmp_path / "model"), n_classes=3, config=SEEDED)
    made.train(inputs(labels, forever=True), steps=1)
    receiver = build_parsing_serving_input_receiver_fn(tf.feature_column.make_parse_example_spec(columns()))
    path = made.export_savedmodel(str(tmp_path / "export"), receiver)
    tensorflow = importlib.import_module("tensorflow")
    signatures = tensorflow.saved_model.load(os.fsdecode(path)).signatures
    assert set(signatures) == {"serving_default", "classification", "predict"}
    rows = [tf.train.Feature(float_list=tf.train.FloatList(value=row)) for row in X]
    features = [tf.train.Features(feature={"x": row}) for row in rows]
    examples = tensorflow.constant([tf.train.Example(features=each).SerializeToString() for each in features])
    found = signatures["serving_default"](inputs=examples)
    np.testing.assert_allclose(found["scores"], softmax(logits_of(made)), rtol=1e-4)
    assert found["classes"].numpy().tolist() == [[b"0", b"1", b"2"]] * ROWS


@pytest.mark.parametrize("n_classes", [0, 1])
def test_fewer_than_two_classes_are_refused(n_classes: int) -> None:
    with pytest.raises(ValueError, match="n_classes must be at least 2"):
        DNNClassifier([4], columns(), n_classes=n_classes)


def test_an_optimizer_without_such_a_name_is_refused(tmp_path: Path) -> None:
    made = DNNClassifier([4], columns(), str(tmp_path), optimizer="Adamax")
    with pytest.raises(ValueError, match=r"Supported names are: \['Adagrad'"):
        made.train(inputs(np.zeros(ROWS, np.int64)), steps=1)
