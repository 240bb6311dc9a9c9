"""Separable convolutions."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.layers.convolutional import Convolution
from lowlevel_cnn.tf1.layers.functions import as_function


class SeparableConv2D(Convolution):
    """A convolution of each channel by itself, and then one of all channels of a single place.

    Attributes:
        depthwise_kernel: `[height, width, channels, depth_multiplier]`.
        pointwise_kernel: `[1, 1, channels * depth_multiplier, filters]`.
    """

    dimensions = 2
    depthwise_kernel: tf.Variable
    pointwise_kernel: tf.Variable

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = None,
        pointwise_initializer: Any = None,
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        trainable: bool = True,
        name: Any = None,
        **keywords: Any,
    ) -> None:
        """The arguments are those of `Conv2D`, with two kernels in place of one."""
        super().__init__(
            *(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias),
            bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            bias_constraint=bias_constraint,
            trainable=trainable,
            name=name,
            **keywords,
        )
        self.depth_multiplier = depth_multiplier
        self._depthwise = (depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self._pointwise = (pointwise_initializer, pointwise_regularizer, pointwise_constraint)

    def build(self, input_shape: tf.TensorShape) -> None:
        """Make both kernels."""
        channels = self.channels(input_shape)
        shapes = {
            "depthwise_kernel": [*self.kernel_size, channels, self.depth_multiplier],
            "pointwise_kernel": [1, 1, channels * self.depth_multiplier, self.filters],
        }
        for (name, shape), options in zip(shapes.items(), (self._depthwise, self._pointwise), strict=True):
            initializer, regularizer, constraint = options
            kernel = self.add_weight(
                name, shape, initializer=initializer, regularizer=regularizer, constraint=constraint
            )
            setattr(self, name, kernel)
        self.add_bias(self.filters)

    def convolved(self, inputs: tf.Tensor) -> tf.Tensor:
        """Convolve `[batch, height, width, channels]`."""
        return tf.nn.separable_conv2d(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            strides=[1, *self.strides, 1],
            padding=self.padding,
            rate=self.dilation_rate,
        )


separable_conv2d = as_function(SeparableConv2D, "separable_conv2d")
