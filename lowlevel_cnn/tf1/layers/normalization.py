"""Batch normalization."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.layers import arguments
from lowlevel_cnn.tf1.layers.base import Layer

# Half precision is too coarse for an average that moves slowly.
_HALF = ("float16", "bfloat16")


class BatchNormalization(Layer):
    """Gives each channel the mean `beta` and the deviation `gamma`.

    In training the mean and the variance are those of the batch, and `updates` moves their averages; at all other
    times they are those averages. As in TensorFlow 1.x, nothing runs the updates but the caller.

    Attributes:
        gamma: the scale, None without.
        beta: the offset, None without.
        moving_mean: the average of the batches' means.
        moving_variance: the average of their variances.
    """

    gamma: tf.Variable | None = None
    beta: tf.Variable | None = None
    moving_mean: tf.Variable
    moving_variance: tf.Variable

    def __init__(
        self,
        axis: Any = -1,
        momentum: Any = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        fused: bool | None = None,
        trainable: bool = True,
        virtual_batch_size: int | None = None,
        adjustment: Any = None,
        name: Any = None,
        **keywords: Any,
    ) -> None:
        """`axis` is that of the channels; `momentum` is how much of the averages stays.

        Raises:
            NotImplementedError: `renorm`, `virtual_batch_size` or `adjustment` is asked for.
        """
        arguments.refuse(
            "batch_normalization", renorm=renorm, virtual_batch_size=virtual_batch_size, adjustment=adjustment
        )
        super().__init__(trainable, name, **keywords)
        self.axis, self.momentum, self.epsilon = axis, momentum, epsilon
        self.center, self.scale, self.fused = center, scale, fused
        self._beta = (beta_initializer, beta_regularizer, beta_constraint)
        self._gamma = (gamma_initializer, gamma_regularizer, gamma_constraint)
        self._moving = (moving_mean_initializer, moving_variance_initializer)

    def build(self, input_shape: tf.TensorShape) -> None:
        """Make the variables, `[channels]` each.

        Raises:
            ValueError: the inputs have no such axis, or its size is unknown, or the fused operation cannot do it.
        """
        rank = input_shape.rank
        [axis] = arguments.sizes(self.axis, 1, "axis")
        if rank is None or not -rank <= axis < rank:
            raise ValueError(f"Invalid axis of batch normalization: {axis} of inputs of shape {input_shape}")
        self.axis = axis % rank
        possible = rank == 4 and self.axis in (1, 3)
        if self.fused and not possible:
            raise ValueError(
                f"Fused batch normalization needs inputs of 4 dimensions and axis 1 or 3. Received: {input_shape}"
            )
        self.fused = possible if self.fused is None else self.fused
        channels = input_shape.as_list()[self.axis]
        if channels is None:
            raise ValueError(f"The channels of the inputs of batch normalization should be known: {input_shape}")
        self._add_variables(channels)

    def _add_variables(self, channels: int) -> None:
        dtype = tf.float32 if self.dtype.name in _HALF else self.dtype

        def added(name: str, initializer: Any, regularizer: Any = None, constraint: Any = None, **keywords: Any) -> Any:
            return self.add_weight(name, [channels], dtype, initializer, regularizer, constraint=constraint, **keywords)

        if self.scale:
            self.gamma = added("gamma", *self._gamma)
        if self.center:
            self.beta = added("beta", *self._beta)
        self.moving_mean, self.moving_variance = (
            added(name, initializer, trainable=False)
            for name, initializer in zip(("moving_mean", "moving_variance"), self._moving, strict=True)
        )

    def call(self, inputs: tf.Tensor, training: Any = False) -> tf.Tensor:
        """Normalize, with the batch's own mean and variance if `training` is true, as a bool or as a tensor."""
        normalize = self._fused if self.fused else self._with_moments
        outputs, mean, variance = normalize(inputs, training)
        if arguments.static_value(training) is not False:
            # Nothing moves where a tensor says that this is not training.
            change = arguments.chosen(training, lambda: tf.identity(1.0 - self.momentum), lambda: tf.identity(0.0))
            for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
                difference = (average - value) * tf.cast(change, average.dtype.base_dtype)
                self.add_update(tf.assign_sub(average, difference, name="AssignMovingAvg"))
        return outputs

    def _fused(self, inputs: tf.Tensor, training: Any) -> Any:
        """One operation does it all; the variance that it returns is divided by one less than the count."""
        data_format = "channels_first" if self.axis == 1 else "channels_last"
        images = arguments.channels_last(inputs, data_format)
        scale = tf.ones_like(self.moving_mean) if self.gamma is None else self.gamma
        offset = tf.zeros_like(self.moving_mean) if self.beta is None else self.beta

        def of_batch() -> Any:
            return tf.nn.fused_batch_norm(images, scale, offset, epsilon=self.epsilon)

        def of_averages() -> Any:
            mean, variance = tf.identity(self.moving_mean), tf.identity(self.moving_variance)
            outputs, *_ = tf.nn.fused_batch_norm(
                images, scale, offset, mean, variance, epsilon=self.epsilon, is_training=False
            )
            return outputs, mean, variance

        outputs, mean, variance = arguments.chosen(training, of_batch, of_averages)
        return arguments.channels_back(outputs, data_format), mean, variance

    def _with_moments(self, inputs: tf.Tensor, training: Any) -> Any:
        values = tf.cast(inputs, self.moving_mean.dtype.base_dtype)
        others = [each for each in range(values.shape.rank) if each != self.axis]
        mean, variance = arguments.chosen(
            training,
            lambda: tuple(tf.nn.moments(values, others)),
            lambda: (tf.identity(self.moving_mean), tf.identity(self.moving_variance)),
        )
        shape = [-1 if each == self.axis else 1 for each in range(values.shape.rank)]

        def broad(vector: Any) -> Any:
            return vector if vector is None or self.axis == values.shape.rank - 1 else tf.reshape(vector, shape)

        each = [broad(vector) for vector in (mean, variance, self.beta, self.gamma)]
        return tf.cast(tf.nn.batch_normalization(values, *each, self.epsilon), inputs.dtype), mean, variance


def batch_normalization(
    inputs: Any, *arguments: Any, training: Any = False, reuse: bool | None = None, **keywords: Any
) -> tf.Tensor:
    """Return the inputs normalized; the other arguments are those of `BatchNormalization`."""
    return BatchNormalization(*arguments, **keywords, _scope_is_name=True, _reuse=reuse)(inputs, training=training)
