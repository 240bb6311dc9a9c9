"""`tf.contrib.losses` of TensorFlow 1.x: the losses of `tf.losses`, with what a network says before the labels."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = [
    "absolute_difference",
    "add_loss",
    "compute_weighted_loss",
    "cosine_distance",
    "get_losses",
    "get_regularization_losses",
    "get_total_loss",
    "hinge_loss",
    "log_loss",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]


def softmax_cross_entropy(
    logits: Any, onehot_labels: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: str | None = None
) -> tf.Tensor:
    """Return the mean cross entropy of one-hot labels."""
    return tf.losses.softmax_cross_entropy(onehot_labels, logits, weights, label_smoothing, scope)


def sparse_softmax_cross_entropy(logits: Any, labels: Any, weights: Any = 1.0, scope: str | None = None) -> tf.Tensor:
    """Return the mean cross entropy of labels that are numbers, `[batch]` or `[batch, 1]`."""
    labels = tf.convert_to_tensor(labels)
    if labels.shape.rank is not None and labels.shape.rank == tf.convert_to_tensor(logits).shape.rank:
        labels = tf.squeeze(labels, [-1])
    return tf.losses.sparse_softmax_cross_entropy(labels, logits, weights, scope)


def sigmoid_cross_entropy(
    logits: Any, multi_class_labels: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: str | None = None
) -> tf.Tensor:
    """Return the mean cross entropy of classes that do not exclude each other."""
    return tf.losses.sigmoid_cross_entropy(multi_class_labels, logits, weights, label_smoothing, scope)


def mean_squared_error(predictions: Any, labels: Any, weights: Any = 1.0, scope: str | None = None) -> tf.Tensor:
    """Return the mean of the squares of the differences."""
    return tf.losses.mean_squared_error(labels, predictions, weights, scope)


def absolute_difference(predictions: Any, labels: Any, weights: Any = 1.0, scope: str | None = None) -> tf.Tensor:
    """Return the mean of the differences without their signs."""
    return tf.losses.absolute_difference(labels, predictions, weights, scope)


def log_loss(
    predictions: Any, labels: Any, weights: Any = 1.0, epsilon: float = 1e-7, scope: str | None = None
) -> tf.Tensor:
    """Return the mean cross entropy of probabilities."""
    return tf.losses.log_loss(labels, predictions, weights, epsilon, scope)


def hinge_loss(logits: Any, labels: Any, scope: str | None = None) -> tf.Tensor:
    """Return what each logit lacks of 1 on the side of its label; neither a mean nor in the collection."""
    with tf.name_scope(scope, "hinge_loss", [logits, labels]):
        return tf.nn.relu(1.0 - (2.0 * tf.cast(labels, tf.float32) - 1.0) * logits)


def cosine_distance(
    predictions: Any,
    labels: Any,
    axis: int | None = None,
    weights: Any = 1.0,
    scope: str | None = None,
    dim: int | None = None,
) -> tf.Tensor:
    """Return the mean of one less the cosine of vectors of length 1, along an axis (`dim` in older scripts)."""
    return tf.losses.cosine_distance(labels, predictions, dim if axis is None else axis, weights, scope)


def compute_weighted_loss(losses: Any, weights: Any = 1.0, scope: str | None = None) -> tf.Tensor:
    """Return the mean of losses, those with a weight of zero left out, and add it to the collection."""
    return tf.losses.compute_weighted_loss(losses, weights, scope)


def add_loss(loss: tf.Tensor, loss_collection: str | None = "losses") -> None:
    """Add a loss to a collection."""
    tf.losses.add_loss(loss, loss_collection)


def get_losses(scope: str | None = None, loss_collection: str = "losses") -> list[tf.Tensor]:
    """The losses of a collection, those of a scope."""
    return tf.losses.get_losses(scope, loss_collection)  # type: ignore[no-any-return]


def get_regularization_losses(scope: str | None = None) -> list[tf.Tensor]:
    """The regularization terms of a scope."""
    return tf.losses.get_regularization_losses(scope)  # type: ignore[no-any-return]


def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss") -> tf.Tensor:
    """The sum of all losses."""
    return tf.losses.get_total_loss(add_regularization_losses, name)
