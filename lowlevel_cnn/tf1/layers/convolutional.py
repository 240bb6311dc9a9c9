"""Convolutions over one, two and three dimensions, and the transposed one."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.layers import arguments
from lowlevel_cnn.tf1.layers.core import WeightedLayer
from lowlevel_cnn.tf1.layers.functions import as_function


class Convolution(WeightedLayer):
    """Convolves `[batch, ..., channels]`, or `[batch, channels, ...]` where the channels are first."""

    dimensions: int
    operation: str  # its name in the graph

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        dilation_rate: Any = 1,
        *weighted: Any,
        **keywords: Any,
    ) -> None:
        """Sizes are one integer, or one for each dimension; the further arguments are those of `WeightedLayer`."""
        super().__init__(*weighted, **keywords)
        self.filters = filters if filters is None else int(filters)
        self.kernel_size = arguments.sizes(kernel_size, self.dimensions, "kernel_size")
        self.strides = arguments.sizes(strides, self.dimensions, "strides")
        self.dilation_rate = arguments.sizes(dilation_rate, self.dimensions, "dilation_rate")
        self.padding, self.data_format = arguments.padding(padding), data_format
        self.input_rank = self.dimensions + 2
        arguments.channels_first(data_format)

    def build(self, input_shape: tf.TensorShape) -> None:
        """Make a kernel of `[..., channels, filters]`."""
        self.add_kernel_and_bias([*self.kernel_size, self.channels(input_shape), self.filters], self.filters)

    def channels(self, input_shape: tf.TensorShape) -> int:
        """Return how many channels the inputs have.

        Raises:
            ValueError: the number is unknown.
        """
        size = input_shape.as_list()[1 if arguments.channels_first(self.data_format) else -1]
        if size is None:
            raise ValueError("The channel dimension of the inputs should be defined. Found `None`.")
        return size  # type: ignore[no-any-return]

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Convolve, with the channels last as processors without a GPU want them."""
        outputs = self.biased(self.convolved(arguments.channels_last(inputs, self.data_format)))
        return self.activated(arguments.channels_back(outputs, self.data_format))

    def convolved(self, inputs: tf.Tensor) -> tf.Tensor:
        """Convolve `[batch, ..., channels]`."""
        return tf.nn.convolution(
            inputs,
            self.kernel,
            self.padding,
            strides=self.strides,
            dilation_rate=self.dilation_rate,
            name=self.operation,
        )


class Conv1D(Convolution):
    """A convolution of `[batch, steps, channels]`."""

    dimensions, operation = 1, "conv1d"


class Conv2D(Convolution):
    """A convolution of `[batch, height, width, channels]`."""

    dimensions, operation = 2, "Conv2D"


class Conv3D(Convolution):
    """A convolution of `[batch, depth, height, width, channels]`."""

    dimensions, operation = 3, "Conv3D"


class Conv2DTranspose(Convolution):
    """The way back through a convolution, from its outputs' shape to its inputs'."""

    dimensions = 2

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        *weighted: Any,
        **keywords: Any,
    ) -> None:
        """The arguments are those of `Conv2D`; there is no `dilation_rate`."""
        super().__init__(filters, kernel_size, strides, padding, data_format, 1, *weighted, **keywords)

    def build(self, input_shape: tf.TensorShape) -> None:
        """Make a kernel of `[height, width, filters, channels]`."""
        self.add_kernel_and_bias([*self.kernel_size, self.filters, self.channels(input_shape)], self.filters)

    def convolved(self, inputs: tf.Tensor) -> tf.Tensor:
        """Convolve `[batch, height, width, channels]` to what is `strides` times as high and wide."""
        static, dynamic = inputs.shape.as_list(), tf.shape(inputs)
        windows = list(zip(static[1:3], self.kernel_size, self.strides, strict=True))
        known = [None if size is None else self._longer(size, window, by) for size, window, by in windows]
        lengths = [
            self._longer(dynamic[at + 1], *windows[at][1:]) if length is None else length
            for at, length in enumerate(known)
        ]
        outputs = tf.nn.conv2d_transpose(
            inputs,
            self.kernel,
            tf.stack([dynamic[0], *lengths, self.filters]),
            strides=[1, *self.strides, 1],
            padding=self.padding,
        )
        outputs.set_shape([static[0], *known, self.filters])
        return outputs

    def _longer(self, size: Any, window: int, stride: int) -> Any:
        return size * stride + (max(window - stride, 0) if self.padding == "VALID" else 0)


conv1d = as_function(Conv1D, "conv1d")
conv2d = as_function(Conv2D, "conv2d")
conv3d = as_function(Conv3D, "conv3d")
conv2d_transpose = as_function(Conv2DTranspose, "conv2d_transpose")
