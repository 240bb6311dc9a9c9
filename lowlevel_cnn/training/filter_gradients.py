"""Compute the gradient of a convolution's filters as a forward convolution, where that is faster.

The gradient of filter weight (y, x, from, to) is the sum, over all images and places, of the input at (place + (y, x),
from) times the output's gradient at (place, to). That is a convolution too: of the inputs with images and channels
swapped, and with the output's gradients as one large filter. On processors with AVX2 but without AVX-512, oneDNN has
faster kernels for it than for the gradient itself (docs/performance.md). Not in the books.
"""

from __future__ import annotations

from functools import cache

from lowlevel_cnn.system.processor import vector_instructions
from lowlevel_cnn.tensorflow_v1 import tf

# Measured: with fewer channels or images, or a filter larger than the cache, TensorFlow's own gradient is faster.
FEWEST_CHANNELS = 32
FEWEST_IMAGES = 50
MOST_PLACES = 20_000


def gradient_names(batch_size: int) -> dict[str, str]:
    """Return the name of the faster gradient by the type of its operation; nothing on processors without it."""
    return {"Conv2D": _registered(batch_size)} if vector_instructions() == "avx2" else {}


@cache
def _registered(batch_size: int) -> str:
    """Register the gradient of convolutions for a batch size once, under its own name, and return the name."""
    name = f"LowlevelCnnConv2D{batch_size}"

    @tf.RegisterGradient(name)  # type: ignore[untyped-decorator]
    def gradient(operation: tf.Operation, output: tf.Tensor) -> list[tf.Tensor]:
        images, weights = operation.inputs
        names = ("strides", "padding", "explicit_paddings", "data_format", "dilations")
        settings = {each: operation.get_attr(each) for each in names}
        images_gradient = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(images), filter=weights, out_backprop=output, **settings
        )
        padding = settings["padding"].decode()
        if is_plain(operation) and pays(images.shape, weights.shape, batch_size):
            return [images_gradient, filter_gradient(images, weights.shape, output, padding)]
        filters_gradient = tf.raw_ops.Conv2DBackpropFilter(
            input=images, filter_sizes=tf.shape(weights), out_backprop=output, **settings
        )
        return [images_gradient, filters_gradient]

    return name


def is_plain(operation: tf.Operation) -> bool:
    """Return whether a convolution is one that `filter_gradient` can handle, as all of ours are."""
    images, weights = (each.shape for each in operation.inputs)
    return (
        set(operation.get_attr("strides")) == set(operation.get_attr("dilations")) == {1}
        and operation.get_attr("padding") in (b"SAME", b"VALID")
        and operation.get_attr("data_format") == b"NHWC"
        and images[1:].is_fully_defined()
        and images[3] == weights[2]
    )


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
