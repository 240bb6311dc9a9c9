"""`tf.contrib.metrics` of TensorFlow 1.x: the metrics of `tf.metrics`, with what a network says before the labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = [
    "accuracy",
    "aggregate_metric_map",
    "aggregate_metrics",
    "streaming_accuracy",
    "streaming_auc",
    "streaming_mean",
    "streaming_mean_absolute_error",
    "streaming_mean_squared_error",
    "streaming_precision",
    "streaming_recall",
    "streaming_root_mean_squared_error",
]

# A value so far, and the operation that adds a batch to it.
Metric = tuple[Any, Any]


def accuracy(predictions: tf.Tensor, labels: tf.Tensor, weights: Any = None, name: str | None = None) -> tf.Tensor:
    """Return the part of a batch's predictions that are right."""
    with tf.name_scope(name, "accuracy", [predictions, labels]):
        right = tf.cast(tf.equal(predictions, labels), tf.float32)
        return tf.reduce_mean(right) if weights is None else tf.reduce_sum(right * weights) / tf.reduce_sum(weights)


def aggregate_metrics(*value_update_tuples: Metric) -> tuple[list[Any], list[Any]]:
    """Return the values of several metrics, and their updates.

    Raises:
        ValueError: there are no metrics.
    """
    if not value_update_tuples:
        raise ValueError("Expected at least one value_tensor/update_op pair")
    values, updates = zip(*value_update_tuples, strict=True)
    return list(values), list(updates)


def aggregate_metric_map(names_to_tuples: Mapping[str, Metric]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of several metrics by name, and their updates by name."""
    values, updates = aggregate_metrics(*names_to_tuples.values())
    return dict(zip(names_to_tuples, values, strict=True)), dict(zip(names_to_tuples, updates, strict=True))


def streaming_mean(values: Any, *arguments: Any, **keywords: Any) -> Metric:
    """The mean of all values so far; the other arguments are those of `tf.metrics.mean`."""
    return tf.metrics.mean(values, *arguments, **keywords)  # type: ignore[no-any-return]


def streaming_accuracy(predictions: Any, labels: Any, *arguments: Any, **keywords: Any) -> Metric:
    """The part of all predictions so far that are right; the other arguments are those of `tf.metrics.accuracy`."""
    return tf.metrics.accuracy(labels, predictions, *arguments, **keywords)  # type: ignore[no-any-return]


def streaming_precision(predictions: Any, labels: Any, *arguments: Any, **keywords: Any) -> Metric:
    """The part of what is said to be true that is; the other arguments are those of `tf.metrics.precision`."""
    return tf.metrics.precision(labels, predictions, *arguments, **keywords)  # type: ignore[no-any-return]


def streaming_recall(predictions: Any, labels: Any, *arguments: Any, **keywords: Any) -> Metric:
    """The part of what is true that is said to be; the other arguments are those of `tf.metrics.recall`."""
    return tf.metrics.recall(labels, predictions, *arguments, **keywords)  # type: ignore[no-any-return]


def streaming_auc(predictions: Any, labels: Any, *arguments: Any, **keywords: Any) -> Metric:
    """The area under the curve; the other arguments are those of `tf.metrics.auc`."""
    return tf.metrics.auc(labels, predictions, *arguments, **keywords)  # type: ignore[no-any-return]


def streaming_mean_squared_error(predictions: Any, labels: Any, *arguments: Any, **keywords: Any) -> Metric:
    """The mean of the squares; the other arguments are those of `tf.metrics.mean_squared_error`."""
    return tf.metrics.mean_squared_error(labels, predictions, *arguments, **keywords)  # type: ignore[no-any-return]


def streaming_mean_absolute_error(predictions: Any, labels: Any, *arguments: Any, **keywords: Any) -> Metric:
    """The mean of the differences; the other arguments are those of `tf.metrics.mean_absolute_error`."""
    return tf.metrics.mean_absolute_error(labels, predictions, *arguments, **keywords)  # type: ignore[no-any-return]


def streaming_root_mean_squared_error(predictions: Any, labels: Any, *arguments: Any, **keywords: Any) -> Metric:
    """The root of the mean of the squares; the other arguments are those of `tf.metrics.root_mean_squared_error`."""
    return tf.metrics.root_mean_squared_error(labels, predictions, *arguments, **keywords)  # type: ignore[no-any-return]
