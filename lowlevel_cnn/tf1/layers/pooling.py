"""Layers that make one value of a window of them: the largest, or the average."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.layers import arguments
from lowlevel_cnn.tf1.layers.base import Layer
from lowlevel_cnn.tf1.layers.functions import as_function


class _Pooling(Layer):
    """Pools inputs of `[batch, ..., channels]`, or `[batch, channels, ...]` where the channels are first."""

    dimensions: int
    kind: str  # "max" or "avg"

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: Any = None,
        **keywords: Any,
    ) -> None:
        """`pool_size` and `strides` are one integer, or one for each dimension; no strides are those of the size."""
        super().__init__(name=name, **keywords)
        self.pool_size = arguments.sizes(pool_size, self.dimensions, "pool_size")
        self.strides = arguments.sizes(pool_size if strides is None else strides, self.dimensions, "strides")
        self.padding, self.data_format = arguments.padding(padding), data_format
        self.input_rank = self.dimensions + 2
        arguments.channels_first(data_format)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Pool."""
        inputs = arguments.channels_last(inputs, self.data_format)
        pool = getattr(tf.nn, f"{self.kind}_pool{self.dimensions}d")
        name = f"{self.kind.capitalize()}Pool"
        outputs = pool(inputs, list(self.pool_size), list(self.strides), self.padding, name=name)
        return arguments.channels_back(outputs, self.data_format)


class MaxPooling1D(_Pooling):
    """The largest value of each window of `[batch, steps, channels]`."""

    dimensions, kind = 1, "max"


class MaxPooling2D(_Pooling):
    """The largest value of each window of `[batch, height, width, channels]`."""

    dimensions, kind = 2, "max"


class MaxPooling3D(_Pooling):
    """The largest value of each window of `[batch, depth, height, width, channels]`."""

    dimensions, kind = 3, "max"


class AveragePooling1D(_Pooling):
    """The average of each window of `[batch, steps, channels]`."""

    dimensions, kind = 1, "avg"


class AveragePooling2D(_Pooling):
    """The average of each window of `[batch, height, width, channels]`."""

    dimensions, kind = 2, "avg"


class AveragePooling3D(_Pooling):
    """The average of each window of `[batch, depth, height, width, channels]`."""

    dimensions, kind = 3, "avg"


max_pooling1d = as_function(MaxPooling1D, "max_pooling1d")
max_pooling2d = as_function(MaxPooling2D, "max_pooling2d")
max_pooling3d = as_function(MaxPooling3D, "max_pooling3d")
average_pooling1d = as_function(AveragePooling1D, "average_pooling1d")
average_pooling2d = as_function(AveragePooling2D, "average_pooling2d")
average_pooling3d = as_function(AveragePooling3D, "average_pooling3d")
