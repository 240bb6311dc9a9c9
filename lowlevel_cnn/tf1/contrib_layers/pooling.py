"""Pooling, which has no variables and therefore no variable scope."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import layers
from lowlevel_cnn.tf1.contrib_framework import add_arg_scope
from lowlevel_cnn.tf1.contrib_layers.scopes import collect_outputs, data_format_of

__all__ = ["avg_pool2d", "max_pool2d"]


@add_arg_scope
def max_pool2d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: str = "VALID",
    data_format: str = "NHWC",
    outputs_collections: Any = None,
    scope: Any = None,
) -> tf.Tensor:
    """Return the largest value of each window."""
    layer = layers.MaxPooling2D(kernel_size, stride, padding, data_format_of(data_format))
    return _pooled(layer, inputs, scope, "MaxPool2D", outputs_collections)


@add_arg_scope
def avg_pool2d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: str = "VALID",
    data_format: str = "NHWC",
    outputs_collections: Any = None,
    scope: Any = None,
) -> tf.Tensor:
    """Return the average of each window."""
    layer = layers.AveragePooling2D(kernel_size, stride, padding, data_format_of(data_format))
    return _pooled(layer, inputs, scope, "AvgPool2D", outputs_collections)


def _pooled(layer: layers.Layer, inputs: Any, scope: Any, default: str, collections: Any) -> tf.Tensor:
    with tf.name_scope(scope, default, [inputs]) as opened:
        outputs = layer.call(tf.convert_to_tensor(inputs))
        return collect_outputs(collections, opened, outputs)
