"""Compute the gradient of a convolution's biases over whole rows of the outputs, where that is faster.

The gradient of a channel's bias is the sum of the output's gradients in this channel, over all images and places.
TensorFlow adds them up a place at a time, which leaves vector registers half empty where the channels do not fill them:
LeNet-5's six take three times as long as 32. A whole row of places fills them: the rows are added up first, then the
places in the row (docs/performance.md). Not in the books.
"""

from __future__ import annotations

from functools import cache

from lowlevel_cnn.tensorflow_v1 import tf

# float32 values in a vector register of AVX-512; multiples of it fill those of AVX2 too.
REGISTER = 16


def gradient_names() -> dict[str, str]:
    """Return the name of the faster gradient by the type of its operation."""
    return {"BiasAdd": _registered()}


@cache
def _registered() -> str:
    """Register the gradient once, under its own name, and return the name."""
    name = "LowlevelCnnBiasAdd"

    @tf.RegisterGradient(name)  # type: ignore[untyped-decorator]
    def gradient(operation: tf.Operation, output: tf.Tensor) -> list[tf.Tensor]:
        data_format = operation.get_attr("data_format")
        if data_format == b"NHWC" and pays(output.shape):
            return [output, bias_gradient(output)]
        return [output, tf.raw_ops.BiasAddGrad(out_backprop=output, data_format=data_format.decode())]

    return name


def pays(outputs: tf.TensorShape) -> bool:
    """Return whether the sum over rows is faster for these outputs: those of a convolution, with odd channels."""
    return bool(outputs.rank == 4 and outputs[1:].is_fully_defined() and outputs[3] % REGISTER)


def bias_gradient(output: tf.Tensor) -> tf.Tensor:
    """Return the gradient `[channels]` of the biases, for the gradient of the outputs.

    Args:
        output: `[batch, rows, columns, channels]`.
    """
    columns, channels = output.shape[2:]
    sum_of_rows = tf.raw_ops.BiasAddGrad(out_backprop=tf.reshape(output, [-1, columns * channels]))
    return tf.reduce_sum(tf.reshape(sum_of_rows, [columns, channels]), axis=0)
