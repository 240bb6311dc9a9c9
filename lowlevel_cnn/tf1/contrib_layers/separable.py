"""Separable convolutions: each channel by itself, then all channels of a single place."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import layers
from lowlevel_cnn.tf1.contrib_framework import add_arg_scope
from lowlevel_cnn.tf1.contrib_layers.initializers import xavier_initializer
from lowlevel_cnn.tf1.contrib_layers.scopes import collect_outputs, collect_variables, data_format_of, layer_scope
from lowlevel_cnn.tf1.layers import arguments

_XAVIER = xavier_initializer()


@add_arg_scope
def separable_convolution2d(
    inputs: Any,
    num_outputs: int | None,
    kernel_size: Any,
    depth_multiplier: int = 1,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str = "NHWC",
    rate: Any = 1,
    activation_fn: Any = "relu",
    normalizer_fn: Any = None,
    normalizer_params: dict[str, Any] | None = None,
    weights_initializer: Any = _XAVIER,
    pointwise_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = "zeros",
    biases_regularizer: Any = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> tf.Tensor:
    """Return a separable convolution; without `num_outputs` only its first half, each channel by itself."""
    with layer_scope(scope, "SeparableConv2d", inputs, reuse) as opened:
        layer = (_DepthwiseConv2D if num_outputs is None else layers.SeparableConv2D)(
            num_outputs or 0,
            *(kernel_size, stride, padding, data_format_of(data_format), rate, depth_multiplier),
            use_bias=not normalizer_fn and biases_initializer is not None,
            depthwise_initializer=weights_initializer,
            pointwise_initializer=pointwise_initializer or weights_initializer,
            bias_initializer=biases_initializer,
            depthwise_regularizer=weights_regularizer,
            pointwise_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=opened,
            _scope_is_name=True,
            _reuse=reuse,
        )
        outputs = layer(inputs)
        for name in ("depthwise_kernel", "pointwise_kernel"):
            collect_variables(variables_collections, {"weights": getattr(layer, name, None)})
        collect_variables(variables_collections, {"biases": layer.bias})
        if normalizer_fn is not None:
            outputs = normalizer_fn(outputs, **(normalizer_params or {}))
        activate = arguments.activation(activation_fn)
        outputs = outputs if activate is None else activate(outputs)
        return collect_outputs(outputs_collections, opened.name, outputs)


class _DepthwiseConv2D(layers.SeparableConv2D):
    """Convolves each channel by itself."""

    def build(self, input_shape: tf.TensorShape) -> None:
        """Make `[height, width, channels, depth_multiplier]`, and a bias for each channel of the outputs."""
        channels = self.channels(input_shape)
        initializer, regularizer, _ = self._depthwise
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel",
            [*self.kernel_size, channels, self.depth_multiplier],
            initializer=initializer,
            regularizer=regularizer,
        )
        self.add_bias(channels * self.depth_multiplier)

    def convolved(self, inputs: tf.Tensor) -> tf.Tensor:
        """Convolve `[batch, height, width, channels]`."""
        strides = [1, *self.strides, 1]
        return tf.nn.depthwise_conv2d(
            inputs, self.depthwise_kernel, strides, self.padding, rate=self.dilation_rate, name="depthwise"
        )


separable_conv2d = separable_convolution2d
