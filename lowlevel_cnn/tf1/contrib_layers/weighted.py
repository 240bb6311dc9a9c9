"""Layers with weights, which normalize and activate too: fully connected ones and convolutions."""

from __future__ import annotations

import functools
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import layers
from lowlevel_cnn.tf1.contrib_framework import add_arg_scope
from lowlevel_cnn.tf1.contrib_layers.initializers import xavier_initializer
from lowlevel_cnn.tf1.contrib_layers.scopes import collect_outputs, collect_variables, data_format_of, layer_scope
from lowlevel_cnn.tf1.layers import arguments
from lowlevel_cnn.tf1.layers.core import WeightedLayer

_XAVIER = xavier_initializer()


@add_arg_scope
def fully_connected(
    inputs: Any,
    num_outputs: int,
    activation_fn: Any = "relu",
    normalizer_fn: Any = None,
    normalizer_params: dict[str, Any] | None = None,
    weights_initializer: Any = _XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = "zeros",
    biases_regularizer: Any = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> tf.Tensor:
    """Return `activation_fn(inputs @ weights + biases)`; with a normalizer there are no biases."""
    with layer_scope(scope, "fully_connected", inputs, reuse) as opened:
        layer = layers.Dense(
            num_outputs,
            use_bias=_has_biases(normalizer_fn, biases_initializer),
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=opened,
            _scope_is_name=True,
            _reuse=reuse,
        )
        outputs = _outputs(layer, inputs, variables_collections, normalizer_fn, normalizer_params, activation_fn)
        return collect_outputs(outputs_collections, opened.name, outputs)


@add_arg_scope
def convolution(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Any = 1,
    activation_fn: Any = "relu",
    normalizer_fn: Any = None,
    normalizer_params: dict[str, Any] | None = None,
    weights_initializer: Any = _XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = "zeros",
    biases_regularizer: Any = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
    conv_dims: int | None = None,
) -> tf.Tensor:
    """Return a convolution over all dimensions but the batch and the channels; with a normalizer there are no biases.

    Raises:
        ValueError: the inputs have not 3, 4 or 5 dimensions, or another number than `conv_dims` and two.
    """
    with layer_scope(scope, "Conv", inputs, reuse) as opened:
        inputs = tf.convert_to_tensor(inputs)
        dimensions = inputs.shape.rank - 2
        if conv_dims not in (None, dimensions) or dimensions not in (1, 2, 3):
            raise ValueError(f"Convolution expects input with rank {(conv_dims or 2) + 2}, got {inputs.shape.rank}")
        layer = (layers.Conv1D, layers.Conv2D, layers.Conv3D)[dimensions - 1](
            *(num_outputs, kernel_size, stride, padding, data_format_of(data_format), rate),
            use_bias=_has_biases(normalizer_fn, biases_initializer),
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=opened,
            _scope_is_name=True,
            _reuse=reuse,
        )
        outputs = _outputs(layer, inputs, variables_collections, normalizer_fn, normalizer_params, activation_fn)
        return collect_outputs(outputs_collections, opened.name, outputs)


def _of_dimensions(dimensions: int) -> Any:
    """The convolution over that many dimensions, which has default arguments of its own in an `arg_scope`."""

    @functools.wraps(convolution, updated=())
    def over_dimensions(inputs: Any, num_outputs: int, kernel_size: Any, *further: Any, **keywords: Any) -> tf.Tensor:
        return convolution(inputs, num_outputs, kernel_size, *further, **{"conv_dims": dimensions, **keywords})

    over_dimensions.__name__ = over_dimensions.__qualname__ = f"convolution{dimensions}d"
    return add_arg_scope(over_dimensions)


convolution1d, convolution2d, convolution3d = (_of_dimensions(each) for each in (1, 2, 3))


@add_arg_scope
def convolution2d_transpose(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str = "NHWC",
    activation_fn: Any = "relu",
    normalizer_fn: Any = None,
    normalizer_params: dict[str, Any] | None = None,
    weights_initializer: Any = _XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = "zeros",
    biases_regularizer: Any = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> tf.Tensor:
    """Return a transposed convolution, `stride` times as high and wide; with a normalizer there are no biases."""
    with layer_scope(scope, "Conv2d_transpose", inputs, reuse) as opened:
        layer = layers.Conv2DTranspose(
            *(num_outputs, kernel_size, stride, padding, data_format_of(data_format)),
            use_bias=_has_biases(normalizer_fn, biases_initializer),
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=opened,
            _scope_is_name=True,
            _reuse=reuse,
        )
        outputs = _outputs(layer, inputs, variables_collections, normalizer_fn, normalizer_params, activation_fn)
        return collect_outputs(outputs_collections, opened.name, outputs)


def _has_biases(normalizer_fn: Any, biases_initializer: Any) -> bool:
    return not normalizer_fn and biases_initializer is not None


def _outputs(
    layer: WeightedLayer,
    inputs: Any,
    collections: Any,
    normalizer_fn: Any,
    normalizer_params: dict[str, Any] | None,
    activation_fn: Any,
) -> tf.Tensor:
    outputs = layer(inputs)
    collect_variables(collections, {"weights": layer.kernel, "biases": layer.bias})
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    activate = arguments.activation(activation_fn)
    return outputs if activate is None else activate(outputs)


conv1d, conv2d, conv3d = convolution1d, convolution2d, convolution3d
conv2d_transpose = convolution2d_transpose
linear = functools.partial(fully_connected, activation_fn=None)
relu = functools.partial(fully_connected, activation_fn="relu")
relu6 = functools.partial(fully_connected, activation_fn="relu6")
