"""Regularizers: functions that make a loss of weights."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["apply_regularization", "l1_l2_regularizer", "l1_regularizer", "l2_regularizer", "sum_regularizer"]

Regularizer = Callable[["tf.Tensor"], "tf.Tensor | None"]


def l1_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """The sum of the absolute values, times a scale."""
    return _scaled(scale, lambda weights: tf.reduce_sum(tf.abs(weights)), scope, "l1_regularizer")


def l2_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """Half of the sum of the squares, times a scale."""
    return _scaled(scale, tf.nn.l2_loss, scope, "l2_regularizer")


def l1_l2_regularizer(scale_l1: Any = 1.0, scale_l2: Any = 1.0, scope: str | None = None) -> Regularizer:
    """Both, each with a scale of its own."""
    both = [l1_regularizer(scale_l1), l2_regularizer(scale_l2)]
    return sum_regularizer(both, scope or "l1_l2_regularizer")  # type: ignore[no-any-return]


def sum_regularizer(regularizer_list: Sequence[Regularizer | None], scope: str | None = None) -> Any:
    """The sum of several; those that are None do not count, and of none at all it is None."""
    regularizers = [each for each in regularizer_list if each is not None]
    if not regularizers:
        return None

    def regularize(weights: tf.Tensor) -> tf.Tensor | None:
        with tf.name_scope(scope, "sum_regularizer", [weights]) as name:
            terms = [term for each in regularizers if (term := each(weights)) is not None]
            return tf.add_n(terms, name=name) if terms else None

    return regularize


def apply_regularization(regularizer: Regularizer, weights_list: Sequence[tf.Tensor] | None = None) -> tf.Tensor:
    """Return the loss of all weights (of the collection `WEIGHTS`, if none are given), and add it to the collection.

    Raises:
        ValueError: there are no weights, or a regularizer makes something other than a scalar of them.
    """
    weights_list = list(weights_list or tf.get_collection(tf.GraphKeys.WEIGHTS))
    if not weights_list:
        raise ValueError("No weights to regularize.")
    with tf.name_scope("get_regularization_penalty", values=weights_list) as name:
        terms = [term for weights in weights_list if (term := regularizer(weights)) is not None]
        for term in terms:
            if term.shape.rank != 0:
                raise ValueError(
                    f"regularizer must return a scalar Tensor instead of a Tensor with rank {term.shape.rank}."
                )
        total = tf.add_n(terms, name=name) if terms else tf.constant(0.0)
        tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, total)
    return total


def _scaled(scale: Any, measure: Callable[[tf.Tensor], tf.Tensor], scope: str | None, default: str) -> Regularizer:
    """Return `scale * measure(weights)` as a function; of a scale of 0.0 one that makes no loss."""
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real):
        if scale < 0:
            raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale}")
        if scale == 0:
            tf.logging.info("Scale of 0 disables regularizer.")
            return lambda _: None

    def regularize(weights: tf.Tensor) -> tf.Tensor:
        with tf.name_scope(scope, default, [weights]) as name:
            factor = tf.convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return tf.multiply(factor, measure(weights), name=name)

    return regularize
