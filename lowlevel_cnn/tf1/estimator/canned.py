"""Estimators that bring their network: fully connected layers, or a linear model, over feature columns."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.estimator import Estimator
from lowlevel_cnn.tf1.estimator.heads import Head, RegressionHead, classification_head
from lowlevel_cnn.tf1.estimator.run_configuration import RunConfig
from lowlevel_cnn.tf1.estimator.specification import EstimatorSpec, ModeKeys
from lowlevel_cnn.tf1.estimator.training import WarmStartSettings

__all__ = ["DNNClassifier", "DNNRegressor", "LinearClassifier", "LinearRegressor"]

SUM = "weighted_sum"  # tf.losses.Reduction.SUM
DNN_LEARNING_RATE = 0.05
LINEAR_LEARNING_RATE = 0.2  # at most

_OPTIMIZERS = {
    "Adagrad": "AdagradOptimizer",
    "Adam": "AdamOptimizer",
    "Ftrl": "FtrlOptimizer",
    "RMSProp": "RMSPropOptimizer",
    "SGD": "GradientDescentOptimizer",
}
WarmStart = str | WarmStartSettings | None
Logits = Callable[[Any, str], Any]


class DNNClassifier(Estimator):
    """Fully connected hidden layers over feature columns, and the classes above them."""

    def __init__(
        self,
        hidden_units: Iterable[int],
        feature_columns: Iterable[Any],
        model_dir: str | None = None,
        n_classes: int = 2,
        weight_column: Any = None,
        label_vocabulary: Sequence[str] | None = None,
        optimizer: Any = "Adagrad",
        activation_fn: Callable[[Any], Any] | None = None,
        dropout: float | None = None,
        config: RunConfig | None = None,
        warm_start_from: WarmStart = None,
        loss_reduction: str = SUM,
    ) -> None:
        head = classification_head(n_classes, weight_column, label_vocabulary, loss_reduction)
        logits = _dnn(hidden_units, feature_columns, head.dimension, activation_fn, dropout)
        model_fn = _model_fn("dnn", head, logits, optimizer, DNN_LEARNING_RATE)
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


class DNNRegressor(Estimator):
    """Fully connected hidden layers over feature columns, and `label_dimension` numbers above them."""

    def __init__(
        self,
        hidden_units: Iterable[int],
        feature_columns: Iterable[Any],
        model_dir: str | None = None,
        label_dimension: int = 1,
        weight_column: Any = None,
        optimizer: Any = "Adagrad",
        activation_fn: Callable[[Any], Any] | None = None,
        dropout: float | None = None,
        config: RunConfig | None = None,
        warm_start_from: WarmStart = None,
        loss_reduction: str = SUM,
    ) -> None:
        logits = _dnn(hidden_units, feature_columns, label_dimension, activation_fn, dropout)
        head = RegressionHead(label_dimension, weight_column, loss_reduction)
        model_fn = _model_fn("dnn", head, logits, optimizer, DNN_LEARNING_RATE)
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


class LinearClassifier(Estimator):
    """Classes by a weighted sum of feature columns."""

    def __init__(
        self,
        feature_columns: Iterable[Any],
        model_dir: str | None = None,
        n_classes: int = 2,
        weight_column: Any = None,
        label_vocabulary: Sequence[str] | None = None,
        optimizer: Any = "Ftrl",
        config: RunConfig | None = None,
        warm_start_from: WarmStart = None,
        loss_reduction: str = SUM,
        sparse_combiner: str = "sum",
    ) -> None:
        head = classification_head(n_classes, weight_column, label_vocabulary, loss_reduction)
        columns = list(feature_columns)
        logits = _linear(columns, head.dimension, sparse_combiner)
        model_fn = _model_fn("linear", head, logits, optimizer, _linear_learning_rate(columns))
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


class LinearRegressor(Estimator):
    """`label_dimension` numbers by a weighted sum of feature columns."""

    def __init__(
        self,
        feature_columns: Iterable[Any],
        model_dir: str | None = None,
        label_dimension: int = 1,
        weight_column: Any = None,
        optimizer: Any = "Ftrl",
        config: RunConfig | None = None,
        warm_start_from: WarmStart = None,
        loss_reduction: str = SUM,
        sparse_combiner: str = "sum",
    ) -> None:
        columns = list(feature_columns)
        logits = _linear(columns, label_dimension, sparse_combiner)
        head = RegressionHead(label_dimension, weight_column, loss_reduction)
        model_fn = _model_fn("linear", head, logits, optimizer, _linear_learning_rate(columns))
        super().__init__(model_fn, model_dir, config, warm_start_from=warm_start_from)


def _model_fn(
    scope: str, head: Head, logits: Logits, optimizer: Any, learning_rate: float
) -> Callable[..., EstimatorSpec]:
    def minimize(loss: Any) -> Any:
        return _optimizer(optimizer, learning_rate).minimize(loss, tf.train.get_global_step())

    def model_fn(features: Any, labels: Any, mode: str) -> EstimatorSpec:
        # Partitions, of which there is one, and the training within the scope: so the optimizer's variables have the
        # names that they have in a checkpoint of TensorFlow 1.x, `dnn/logits/kernel/t_0/Adagrad`.
        partitioner = tf.min_max_variable_partitioner(max_partitions=1)
        with tf.variable_scope(scope, partitioner=partitioner):
            return head.specification(features, labels, mode, logits(features, mode), minimize)

    return model_fn


def _optimizer(given: Any, learning_rate: float) -> Any:
    """Return an optimizer, given itself, by a function that makes it, or by its name. Raises ValueError for no name."""
    if isinstance(given, str):
        if given not in _OPTIMIZERS:
            raise ValueError(f"Unsupported optimizer name: {given}. Supported names are: {sorted(_OPTIMIZERS)}")
        return getattr(tf.train, _OPTIMIZERS[given])(learning_rate)
    return given if isinstance(given, tf.train.Optimizer) else given()


def _dnn(
    hidden_units: Iterable[int],
    feature_columns: Iterable[Any],
    dimension: int,
    activation_fn: Callable[[Any], Any] | None,
    dropout: float | None,
) -> Logits:
    sizes, columns = list(hidden_units), list(feature_columns)

    def logits(features: Any, mode: str) -> Any:
        with tf.variable_scope("input_from_feature_columns"):
            layer = tf.feature_column.input_layer(features, columns)
        for index, size in enumerate(sizes):
            name = f"hiddenlayer_{index}"
            layer = (activation_fn or tf.nn.relu)(_dense(layer, size, name))
            if dropout and mode == ModeKeys.TRAIN:
                layer = tf.nn.dropout(layer, rate=dropout)
            _summarize(layer, name)
        made = _dense(layer, dimension, "logits")
        _summarize(made, "logits")
        return made

    return logits


def _dense(inputs: Any, size: int, name: str) -> Any:
    with tf.variable_scope(name):
        initializer = tf.glorot_uniform_initializer()
        kernel = tf.get_variable("kernel", [inputs.shape[-1], size], initializer=initializer)
        bias = tf.get_variable("bias", [size], initializer=tf.zeros_initializer())
        return tf.matmul(inputs, kernel) + bias


def _summarize(layer: Any, name: str) -> None:
    tf.summary.scalar(f"{name}/fraction_of_zero_values", tf.nn.zero_fraction(layer))
    tf.summary.histogram(f"{name}/activation", layer)


def _linear(columns: Sequence[Any], dimension: int, sparse_combiner: str) -> Logits:
    def logits(features: Any, mode: str) -> Any:
        with warnings.catch_warnings():
            # TensorFlow's own function calls another that it deprecates.
            warnings.simplefilter("ignore")
            return tf.feature_column.linear_model(features, columns, dimension, sparse_combiner)

    return logits


def _linear_learning_rate(columns: Sequence[Any]) -> float:
    return min(LINEAR_LEARNING_RATE, 1 / math.sqrt(max(len(columns), 1)))
