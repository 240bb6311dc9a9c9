"""The cells whose state is one tensor."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell.base import RNNCell, activation_function, input_depth


class BasicRNNCell(RNNCell):
    """The plain cell: `output = state = tanh([inputs, state] x kernel + bias)`."""

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        """Make a cell of `num_units` units; `activation` is a function or its name, by default tanh."""
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self._num_units = num_units
        self._activation = activation_function(activation)

    @property
    def state_size(self) -> int:
        """The number of units."""
        return self._num_units

    @property
    def output_size(self) -> int:
        """The number of units."""
        return self._num_units

    def build(self, inputs_shape: Any) -> None:
        """Make `kernel`, `[depth + units, units]`, and `bias`."""
        units = self._num_units
        self._kernel = self.add_variable("kernel", [input_depth(inputs_shape) + units, units])
        self._bias = self.add_variable("bias", [units], initializer=tf.zeros_initializer())

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the output, which is the next state too."""
        output = self._activation(_linear(inputs, state, self._kernel, self._bias))
        return output, output


class GRUCell(RNNCell):
    """The gated recurrent unit; both gates are open at first (bias 1)."""

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: Any = None,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        """Make a cell of `num_units` units.

        Args:
            activation: of the candidate, a function or its name, by default tanh.
            kernel_initializer: of both kernels.
            bias_initializer: of both biases; by default 1 for the gates and 0 for the candidate.
        """
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self._num_units = num_units
        self._activation = activation_function(activation)
        self._kernel_initializer, self._bias_initializer = kernel_initializer, bias_initializer

    @property
    def state_size(self) -> int:
        """The number of units."""
        return self._num_units

    @property
    def output_size(self) -> int:
        """The number of units."""
        return self._num_units

    def build(self, inputs_shape: Any) -> None:
        """Make kernel and bias of the `gates`, with twice as many columns as units, and of the `candidate`."""
        units = self._num_units
        rows, kernels, biases = input_depth(inputs_shape) + units, self._kernel_initializer, self._bias_initializer
        ones, zeros = biases or tf.ones_initializer(), biases or tf.zeros_initializer()
        self._gate_kernel = self.add_variable("gates/kernel", [rows, 2 * units], initializer=kernels)
        self._gate_bias = self.add_variable("gates/bias", [2 * units], initializer=ones)
        self._candidate_kernel = self.add_variable("candidate/kernel", [rows, units], initializer=kernels)
        self._candidate_bias = self.add_variable("candidate/bias", [units], initializer=zeros)

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the output, which is the next state too."""
        gates = tf.sigmoid(_linear(inputs, state, self._gate_kernel, self._gate_bias))
        reset, update = tf.split(gates, 2, axis=1)
        candidate = self._activation(_linear(inputs, reset * state, self._candidate_kernel, self._candidate_bias))
        output = update * state + (1 - update) * candidate
        return output, output


def _linear(inputs: Any, state: Any, kernel: Any, bias: Any) -> Any:
    return tf.nn.bias_add(tf.matmul(tf.concat([inputs, state], 1), kernel), bias)
