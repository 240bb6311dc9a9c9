"""What the estimators with a network of their own make of its logits: loss, metrics, predictions, signatures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.export import ClassificationOutput, ExportOutput, PredictOutput, RegressionOutput
from lowlevel_cnn.tf1.estimator.specification import DEFAULT_SIGNATURE, EstimatorSpec, ModeKeys

__all__ = ["BinaryHead", "Head", "MultiClassHead", "RegressionHead", "classification_head"]

THRESHOLD = 0.5  # of the probability from which on an example is of class 1


@dataclass(frozen=True)
class Head(ABC):
    """How logits become a loss, metrics and predictions. All tensors are matrices of a row for each example."""

    dimension: int
    weight_column: Any = None
    reduction: str = "weighted_sum"

    @abstractmethod
    def losses(self, labels: Any, logits: Any) -> Any:
        """Return a loss for each example, [batch, 1], or for each number that is asked for."""

    @abstractmethod
    def predictions(self, logits: Any) -> dict[str, Any]:
        """Return what `predict` yields, by name."""

    @abstractmethod
    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any) -> dict[str, tuple[Any, Any]]:
        """Return a value and its update operation for each metric."""

    @abstractmethod
    def export_outputs(self, predictions: dict[str, Any]) -> dict[str, ExportOutput]:
        """Return the outputs of the exported signatures."""

    def labels(self, labels: Any) -> Any:
        """Return the labels as a matrix."""
        labels = tf.convert_to_tensor(labels)
        return tf.expand_dims(labels, 1) if labels.shape.ndims == 1 else labels

    def weights(self, features: Mapping[str, Any]) -> Any:
        """Return the weight of each example, [batch, 1], or 1.0 for all."""
        if self.weight_column is None:
            return 1.0
        key = getattr(self.weight_column, "key", self.weight_column)
        return tf.reshape(tf.cast(features[key], tf.float32), [-1, 1])

    def specification(
        self, features: Mapping[str, Any], labels: Any, mode: str, logits: Any, minimize: Callable[[Any], Any]
    ) -> EstimatorSpec:
        """Return what a model function returns; `minimize` makes the training operation of a loss."""
        with tf.name_scope("head"):
            predictions = self.predictions(logits)
            if mode == ModeKeys.PREDICT:
                return EstimatorSpec(mode, predictions, export_outputs=self.export_outputs(predictions))
            labels, weights = self.labels(labels), self.weights(features)
            losses = self.losses(labels, logits)
            loss = tf.losses.compute_weighted_loss(losses, weights, reduction=self.reduction)
            if mode == ModeKeys.TRAIN:
                return EstimatorSpec(mode, predictions, loss, minimize(loss))
            metrics = {**self.metrics(labels, predictions, weights), "average_loss": tf.metrics.mean(losses, weights)}
            return EstimatorSpec(mode, predictions, loss, eval_metric_ops=metrics)


@dataclass(frozen=True)
class RegressionHead(Head):
    """Numbers, by their squared errors."""

    def losses(self, labels: Any, logits: Any) -> Any:
        return tf.math.squared_difference(logits, tf.cast(labels, tf.float32))

    def predictions(self, logits: Any) -> dict[str, Any]:
        return {"predictions": logits}

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any) -> dict[str, tuple[Any, Any]]:
        return {
            "prediction/mean": tf.metrics.mean(predictions["predictions"], weights),
            "label/mean": tf.metrics.mean(tf.cast(labels, tf.float32), weights),
        }

    def export_outputs(self, predictions: dict[str, Any]) -> dict[str, ExportOutput]:
        regression = RegressionOutput(predictions["predictions"])
        return {DEFAULT_SIGNATURE: regression, "regression": regression, "predict": PredictOutput(predictions)}


@dataclass(frozen=True)
class _ClassificationHead(Head):
    """Classes, by their numbers, or by their names in a vocabulary."""

    vocabulary: Sequence[str] | None = None

    @property
    def classes(self) -> int:
        return self.dimension

    def labels(self, labels: Any) -> Any:
        """Return the numbers of the classes. A name that is not in the vocabulary, or a wrong number, is an error."""
        labels = super().labels(labels)
        if self.vocabulary is not None:
            values = tf.range(len(self.vocabulary), dtype=tf.int64)
            table = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(tf.constant(list(self.vocabulary)), values), default_value=-1
            )
            labels = table.lookup(labels)
        labels = tf.cast(labels, tf.int64)
        in_range = [
            tf.debugging.assert_less(labels, tf.cast(self.classes, tf.int64), message="Labels must be < n_classes"),
            tf.debugging.assert_non_negative(labels, message="Labels must be >= 0"),
        ]
        with tf.control_dependencies(in_range):
            return tf.identity(labels)

    def named(self, class_ids: Any) -> Any:
        """Return the names of classes: those of the vocabulary, else their digits."""
        return tf.as_string(class_ids) if self.vocabulary is None else tf.gather(list(self.vocabulary), class_ids)

    def export_outputs(self, predictions: dict[str, Any]) -> dict[str, ExportOutput]:
        scores = predictions["probabilities"]
        names = self.named(tf.range(self.classes, dtype=tf.int64))
        all_names = tf.tile(tf.expand_dims(names, 0), [tf.shape(scores)[0], 1])
        classes = ClassificationOutput(scores, all_names)
        return {DEFAULT_SIGNATURE: classes, "classification": classes, "predict": PredictOutput(predictions)}


@dataclass(frozen=True)
class MultiClassHead(_ClassificationHead):
    """More than two classes, by cross-entropy of their softmax."""

    def losses(self, labels: Any, logits: Any) -> Any:
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.squeeze(labels, 1), logits=logits)
        return tf.expand_dims(each, 1)

    def predictions(self, logits: Any) -> dict[str, Any]:
        class_ids = tf.expand_dims(tf.argmax(logits, 1), 1)
        return {
            "logits": logits,
            "probabilities": tf.nn.softmax(logits),
            "class_ids": class_ids,
            "classes": self.named(class_ids),
        }

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any) -> dict[str, tuple[Any, Any]]:
        return {"accuracy": tf.metrics.accuracy(labels, predictions["class_ids"], weights)}


@dataclass(frozen=True)
class BinaryHead(_ClassificationHead):
    """Two classes, by one logit: that of class 1."""

    @property
    def classes(self) -> int:
        return 2

    def losses(self, labels: Any, logits: Any) -> Any:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.cast(labels, tf.float32), logits=logits)

    def predictions(self, logits: Any) -> dict[str, Any]:
        both = tf.concat([tf.zeros_like(logits), logits], 1)
        class_ids = tf.expand_dims(tf.argmax(both, 1), 1)
        return {
            "logits": logits,
            "logistic": tf.sigmoid(logits),
            "probabilities": tf.nn.softmax(both),
            "class_ids": class_ids,
            "classes": self.named(class_ids),
        }

    def metrics(self, labels: Any, predictions: dict[str, Any], weights: Any) -> dict[str, tuple[Any, Any]]:
        logistic, class_ids = predictions["logistic"], predictions["class_ids"]
        label_mean = tf.metrics.mean(tf.cast(labels, tf.float32), weights)
        # Of always the more frequent class.
        baseline = tuple(tf.maximum(each, 1.0 - each) for each in label_mean)
        return {
            "accuracy": tf.metrics.accuracy(labels, class_ids, weights),
            "precision": tf.metrics.precision(labels, class_ids, weights),
            "recall": tf.metrics.recall(labels, class_ids, weights),
            "prediction/mean": tf.metrics.mean(logistic, weights),
            "label/mean": label_mean,
            "accuracy_baseline": (baseline[0], baseline[1]),
            "auc": tf.metrics.auc(labels, logistic, weights),
            "auc_precision_recall": tf.metrics.auc(
                labels, logistic, weights, curve="PR", summation_method="careful_interpolation"
            ),
        }


def classification_head(
    n_classes: int, weight_column: Any, vocabulary: Sequence[str] | None, reduction: str
) -> _ClassificationHead:
    """Return the head of a classifier: a single logit for two classes. Raises ValueError for fewer."""
    if n_classes < 2:
        raise ValueError(f"n_classes must be at least 2, given: {n_classes}")
    if n_classes == 2:
        return BinaryHead(1, weight_column, reduction, vocabulary)
    return MultiClassHead(n_classes, weight_column, reduction, vocabulary)
