"""Compute the gradient of a convolution's filters as a forward convolution, where that is faster.

The gradient of filter weight (y, x, from, to) is the sum, over all images and places, of the input at (place + (y, x),
from) times the output's gradient at (place, to). That is a convolution too: of the inputs with images and channels
swapped, and with the output's gradients as one large filter. On processors with AVX2 but without AVX-512, oneDNN has
faster kernels for it than for the gradient itself (docs/performance.md). Not in the books.
"""

from __future__ import annotations

import contextlib
from functools import cache

from lowlevel_cnn.system.processor import vector_instructions
from lowlevel_cnn.tensorflow_v1 import tf

# Measured: with fewer channels or images, or a filter larger than the cache, TensorFlow's own gradient is faster.
FEWEST_CHANNELS = 32
FEWEST_IMAGES = 50
MOST_PLACES = 20_000


def faster_filter_gradients(batch_size: int) -> contextlib.AbstractContextManager[None]:
    """Give convolutions built in this context the faster filter gradient, where it pays for batches of this size."""
    if vector_instructions() != "avx2" or tf.config.list_physical_devices("GPU"):
        return contextlib.nullcontext()
    overridden: contextlib.AbstractContextManager[None] = tf.get_default_graph().gradient_override_map(
        {"Conv2D": _registered(batch_size)}
    )
    return overridden


@cache
def _registered(batch_size: int) -> str:
    """Register the gradient of convolutions for a batch size once, under its own name, and return the name."""
    name = f"LowlevelCnnConv2D{batch_size}"

    @tf.RegisterGradient(name)  # type: ignore[untyped-decorator]
    def gradient(operation: tf.Operation, output: tf.Tensor) -> list[tf.Tensor]:
        images, weights = operation.inputs
        strides, padding = operation.get_attr("strides"), operation.get_attr("padding").decode()
        images_gradient = tf.nn.conv2d_backprop_input(tf.shape(images), weights, output, strides, padding)
        if pays(images.shape, weights.shape, batch_size):
            return [images_gradient, filter_gradient(images, weights.shape, output, padding)]
        return [
            images_gradient,
            tf.nn.conv2d_backprop_filter(images, weights.shape, output, strides, padding),
        ]

    return name


def pays(images: tf.TensorShape, weights: tf.TensorShape, batch_size: int) -> bool:
    """Return whether the forward convolution is faster for batches of this size."""
    places = batch_size * images[1] * images[2]
    return weights[2] >= FEWEST_CHANNELS and batch_size >= FEWEST_IMAGES and places <= MOST_PLACES


def filter_gradient(images: tf.Tensor, weights: tf.TensorShape, output: tf.Tensor, padding: str) -> tf.Tensor:
    """Return the gradient `[height, width, channels, deep]` of a convolution's weights, for strides of 1.

    Args:
        images: the inputs `[batch, rows, columns, channels]`.
        weights: the shape of the weights.
        output: the gradient of the outputs `[batch, rows, columns, deep]`.
        padding: `SAME` or `VALID`.
    """
    borders = [[(size - 1) // 2, size // 2] if padding == "SAME" else [0, 0] for size in weights[:2]]
    exchanged = tf.transpose(images, [3, 1, 2, 0])
    filters = tf.transpose(output, [1, 2, 0, 3])
    gradient = tf.nn.conv2d(exchanged, filters, strides=1, padding=[[0, 0], *borders, [0, 0]])
    return tf.transpose(gradient, [1, 2, 0, 3])
