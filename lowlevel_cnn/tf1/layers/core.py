"""Layers of nodes that are all connected, dropout, and images as vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.layers import arguments
from lowlevel_cnn.tf1.layers.base import Layer
from lowlevel_cnn.tf1.layers.functions import as_function

__all__ = ["Dense", "Dropout", "Flatten", "WeightedLayer", "dense", "dropout", "flatten"]


class WeightedLayer(Layer):
    """A layer with weights (`kernel`), biases (`bias`, None without) and an activation.

    Attributes:
        kernel: its weights, from the first call on.
        bias: its biases, from the first call on.
    """

    kernel: tf.Variable
    bias: tf.Variable | None = None

    def __init__(
        self,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        trainable: bool = True,
        name: Any = None,
        **keywords: Any,
    ) -> None:
        """Without an initializer the weights have the scope's, else the Glorot uniform one.

        An activation and an initializer may be given as a name. A regularizer makes a loss of a variable, or of the
        layer's outputs; a constraint makes a value that is allowed of the one that a training step has led to.
        """
        super().__init__(trainable, name, activity_regularizer=activity_regularizer, **keywords)
        self.activation, self.use_bias = arguments.activation(activation), use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint

    def add_kernel_and_bias(self, kernel_shape: list[int], outputs: int) -> None:
        """Make the variables."""
        self.kernel = self.add_weight(
            "kernel",
            kernel_shape,
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.add_bias(outputs)

    def add_bias(self, outputs: int) -> None:
        """Make the biases, if there are to be any."""
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                [outputs],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def biased(self, outputs: tf.Tensor) -> tf.Tensor:
        """Add the biases to the last dimension."""
        return outputs if self.bias is None else tf.nn.bias_add(outputs, self.bias, name="BiasAdd")

    def activated(self, outputs: tf.Tensor) -> tf.Tensor:
        """Apply the activation."""
        return outputs if self.activation is None else self.activation(outputs)


class Dense(WeightedLayer):
    """`activation(inputs @ kernel + bias)`: `[..., units]` of `[..., features]`."""

    def __init__(self, units: int, *weighted: Any, **keywords: Any) -> None:
        """The further arguments are those of `WeightedLayer`, `activation` first."""
        super().__init__(*weighted, **keywords)
        self.units = int(units)

    def build(self, input_shape: tf.TensorShape) -> None:
        """Make a kernel of `[features, units]`.

        Raises:
            ValueError: the inputs are no vectors, or their last dimension is unknown.
        """
        if input_shape.rank is not None and input_shape.rank < 2:
            raise ValueError(f"Input 0 of layer {self.name} is incompatible: expected min_ndim=2, found {input_shape}")
        self.add_kernel_and_bias([last_dimension(input_shape, "Dense"), self.units], self.units)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Multiply, also where the inputs have more than two dimensions."""
        if inputs.shape.rank == 2:
            outputs = tf.matmul(inputs, self.kernel)
        else:
            outputs = tf.tensordot(inputs, self.kernel, [[inputs.shape.rank - 1], [0]])
            outputs.set_shape([*inputs.shape.as_list()[:-1], self.units])
        return self.activated(self.biased(outputs))


class Dropout(Layer):
    """Sets a part of the values to zero and scales the others, so that the sum stays about the same."""

    def __init__(self, rate: Any = 0.5, noise_shape: Any = None, seed: Any = None, name: Any = None, **keywords: Any):
        """`rate` is the part that is dropped, a number or a tensor; in `noise_shape` a 1 drops a dimension as one."""
        super().__init__(name=name, **keywords)
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs: tf.Tensor, training: Any = False) -> tf.Tensor:
        """Drop, if `training` is true, as a bool or as a tensor."""
        return arguments.chosen(
            training,
            lambda: tf.nn.dropout(inputs, noise_shape=self.noise_shape, seed=self.seed, rate=self.rate),
            lambda: tf.identity(inputs),
        )


class Flatten(Layer):
    """`[batch, features]` of `[batch, ...]`."""

    def __init__(self, data_format: str = "channels_last", **keywords: Any) -> None:
        """Where the channels are first, they are put last before."""
        super().__init__(**keywords)
        self.data_format = arguments.one_of(data_format, ("channels_first", "channels_last"), "data_format")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Reshape."""
        if inputs.shape.rank is not None and inputs.shape.rank > 2:
            inputs = arguments.channels_last(inputs, self.data_format)
        features = inputs.shape[1:].num_elements()
        outputs = tf.reshape(inputs, [-1, features] if features else [tf.shape(inputs)[0], -1])
        outputs.set_shape([inputs.shape.as_list()[0] if inputs.shape.rank else None, features])
        return outputs


def last_dimension(shape: tf.TensorShape, layer: str) -> int:
    """Return the size of the last dimension.

    Raises:
        ValueError: it is unknown, so that a layer cannot make its variables.
    """
    size = shape.as_list()[-1] if shape.rank else None
    if size is None:
        raise ValueError(f"The last dimension of the inputs to `{layer}` should be defined. Found `None`.")
    return size  # type: ignore[no-any-return]


dense: Callable[..., tf.Tensor] = as_function(Dense, "dense")


def dropout(
    inputs: Any,
    rate: Any = 0.5,
    noise_shape: Any = None,
    seed: Any = None,
    training: Any = False,
    name: Any = None,
) -> tf.Tensor:
    """Return the inputs with a part of `rate` dropped, if `training` is true, as a bool or as a tensor."""
    return Dropout(rate, noise_shape, seed, name, _scope_is_name=True)(inputs, training=training)


def flatten(inputs: Any, name: Any = None, data_format: str = "channels_last") -> tf.Tensor:
    """Return `[batch, features]` of `[batch, ...]`."""
    return Flatten(data_format, name=name, _scope_is_name=True)(inputs)
