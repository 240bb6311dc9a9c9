"""Layers without variables: flatten, dropout, softmax, one-hot labels."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import layers
from lowlevel_cnn.tf1.contrib_framework import add_arg_scope
from lowlevel_cnn.tf1.contrib_layers.scopes import collect_outputs, layer_scope

__all__ = ["dropout", "flatten", "one_hot_encoding", "softmax"]


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
