"""`tf.contrib.learn`: estimators that are fitted to arrays and evaluated by metrics given then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import contrib_learn as learn

X = np.random.default_rng(1).normal(size=(64, 2)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int32)


def model_fn(features: Any, labels: Any, mode: str) -> learn.ModelFnOps:
    with tf.variable_scope("line"):
        logits = tf.matmul(features, tf.get_variable("w", [2, 2], initializer=tf.zeros_initializer()))
    loss = train_op = None
    if mode != learn.ModeKeys.INFER:
        loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    if mode == learn.ModeKeys.TRAIN:
        train_op = tf.train.GradientDescentOptimizer(1.0).minimize(loss, tf.train.get_global_step())
    return learn.ModelFnOps(mode, {"classes": tf.argmax(logits, 1), "logits": logits}, loss, train_op)


def test_a_model_function_is_fitted_evaluated_and_used(tmp_path: Path) -> None:
    estimator = learn.Estimator(model_fn, model_dir=str(tmp_path))
    assert estimator.fit(x=X, y=Y, batch_size=32, steps=20) is estimator
    metrics = {"accuracy": learn.MetricSpec(tf.metrics.accuracy, prediction_key="classes")}
    found = estimator.evaluate(x=X, y=Y, metrics=metrics)
    classes = estimator.predict(x=X, as_iterable=False)["classes"]
    assert found["global_step"] == 20
    assert found["accuracy"] == pytest.approx((classes == Y).mean()) and found["accuracy"] > 0.95
    rows = list(estimator.predict(x=X[:2], outputs=["classes"]))
    assert [sorted(row) for row in rows] == [["classes"], ["classes"]]
    assert learn.SKCompat(estimator).score(X, Y)["loss"] == pytest.approx(found["loss"])


def test_a_model_function_may_return_a_tuple_and_have_its_features_made(tmp_path: Path) -> None:
    def function(features: Any, labels: Any, mode: str) -> tuple[Any, Any, Any]:
        made = model_fn(features, labels, mode)
        return made.predictions, made.loss, made.train_op

    def doubled(features: Any, labels: Any) -> tuple[Any, Any]:
        return tf.concat([features, features], 1), labels

    estimator = learn.Estimator(function, str(tmp_path), feature_engineering_fn=doubled)
    estimator.fit(X[:, :1], Y, steps=2)
    assert estimator.get_variable_value("line/w").shape == (2, 2)


def test_a_classifier_that_brings_its_network_takes_arrays(tmp_path: Path) -> None:
    columns = learn.infer_real_valued_columns_from_input(X)
    seeded = learn.RunConfig(tf_random_seed=0)
    classifier = learn.DNNClassifier([8], columns, str(tmp_path), n_classes=2, config=seeded)
    classifier.fit(X, Y, batch_size=64, steps=30)
    accuracy = classifier.evaluate(X, Y)["accuracy"]
    assert accuracy > 0.9
    assert np.mean(np.array(list(classifier.predict_classes(X))) == Y) == pytest.approx(accuracy)
    assert [len(each) for each in classifier.predict_proba(X[:1])] == [2]
