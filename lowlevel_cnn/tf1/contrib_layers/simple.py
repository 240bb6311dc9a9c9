"""Layers without variables: flatten, dropout, softmax, one-hot labels."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import layers
from lowlevel_cnn.tf1.contrib_framework import add_arg_scope
from lowlevel_cnn.tf1.contrib_layers.scopes import collect_outputs, layer_scope

__all__ = ["dropout", "flatten", "maxout", "one_hot_encoding", "real_valued_column", "softmax"]


@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> tf.Tensor:
    """Return `[batch, features]` of `[batch, ...]`."""
    with tf.name_scope(scope, "Flatten", [inputs]) as opened:
        return collect_outputs(outputs_collections, opened, layers.flatten(inputs))


@add_arg_scope
def dropout(
    inputs: Any,
    keep_prob: Any = 0.5,
    noise_shape: Any = None,
    is_training: Any = True,
    outputs_collections: Any = None,
    scope: Any = None,
    seed: int | None = None,
) -> tf.Tensor:
    """Keep a part of `keep_prob`, scaled, and set the others to zero; only in training."""
    with layer_scope(scope, "Dropout", inputs) as opened:
        layer = layers.Dropout(1 - keep_prob, noise_shape, seed, name=opened, _scope_is_name=True)
        return collect_outputs(outputs_collections, opened.name, layer(inputs, training=is_training))


@add_arg_scope
def softmax(logits: Any, scope: Any = None) -> tf.Tensor:
    """Return the probabilities of the classes, which are the last dimension."""
    with tf.variable_scope(scope, "softmax", [logits]):
        logits = tf.convert_to_tensor(logits)
        outputs = tf.nn.softmax(tf.reshape(logits, [-1, logits.shape.as_list()[-1]]))
        outputs = tf.reshape(outputs, tf.shape(logits))
        outputs.set_shape(logits.shape)
        return outputs


@add_arg_scope
def one_hot_encoding(
    labels: Any,
    num_classes: int,
    on_value: float = 1.0,
    off_value: float = 0.0,
    outputs_collections: Any = None,
    scope: Any = None,
) -> tf.Tensor:
    """Return `[batch, classes]` of `[batch]`, with `on_value` at the label."""
    with tf.name_scope(scope, "OneHotEncoding", [labels]) as opened:
        labels = tf.convert_to_tensor(labels)
        labels = tf.cast(labels, tf.int64) if labels.dtype == tf.int32 else labels
        outputs = tf.one_hot(labels, num_classes, on_value=on_value, off_value=off_value)
        return collect_outputs(outputs_collections, opened, outputs)


@add_arg_scope
def maxout(inputs: Any, num_units: int, axis: int = -1, scope: Any = None) -> tf.Tensor:
    """Return the largest of each group of channels, of which `num_units` are left.

    Raises:
        ValueError: the channels are no multiple of them.
    """
    with tf.name_scope(scope, "MaxOut", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        channels = inputs.shape.as_list()[axis]
        if channels % num_units:
            raise ValueError(f"number of features({channels}) is not a multiple of num_units({num_units})")
        axis %= inputs.shape.rank
        sizes = [-1 if size is None else size for size in inputs.shape.as_list()]
        groups = tf.reshape(inputs, [*sizes[:axis], num_units, channels // num_units, *sizes[axis + 1 :]])
        return tf.reduce_max(groups, axis + 1)


def real_valued_column(
    column_name: str, dimension: int = 1, default_value: Any = None, dtype: Any = None, normalizer: Any = None
) -> Any:
    """Return a feature column of so many numbers."""
    return tf.feature_column.numeric_column(
        column_name, dimension, default_value, dtype or tf.float32, normalizer_fn=normalizer
    )
