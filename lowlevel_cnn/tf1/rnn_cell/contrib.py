"""Cells that `tf.contrib.rnn` alone had: fused, normalized, and with a layer before or behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell.base import activation_function
from lowlevel_cnn.tf1.rnn_cell.long_short_term import BasicLSTMCell, LSTMCell
from lowlevel_cnn.tf1.rnn_cell.unrolling import stack_bidirectional_dynamic_rnn
from lowlevel_cnn.tf1.rnn_cell.wrappers import CellWrapper

__all__ = [
    "InputProjectionWrapper",
    "LSTMBlockCell",
    "LayerNormBasicLSTMCell",
    "OutputProjectionWrapper",
    "stack_bidirectional_dynamic_rnn",
]

Activation = Callable[[Any], Any]


class LSTMBlockCell(LSTMCell):
    """What `LSTMCell` computes; the one kernel that did it all is no more."""

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        cell_clip: float | None = None,
        use_peephole: bool = False,
        dtype: Any = None,
        reuse: Any = None,
        name: str = "lstm_cell",
    ) -> None:
        """Make a cell of `num_units` units; see `LSTMCell`."""
        clip = cell_clip if cell_clip and cell_clip > 0 else None
        super().__init__(num_units, use_peephole, clip, forget_bias=forget_bias, reuse=reuse, name=name, dtype=dtype)


class LayerNormBasicLSTMCell(BasicLSTMCell):
    """The cell whose gates and memory are normalized over the units, with dropout of the new values."""

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        input_size: None = None,
        activation: Any = None,
        layer_norm: bool = True,
        norm_gain: float = 1.0,
        norm_shift: float = 0.0,
        dropout_keep_prob: Any = 1.0,
        dropout_prob_seed: int | None = None,
        reuse: Any = None,
    ) -> None:
        """Make a cell of `num_units` units.

        Args:
            activation: of the new values and the state, by default tanh.
            norm_gain, norm_shift: what the normalized values are multiplied by, and what is added, at first.
            dropout_keep_prob: a number or a tensor.
        """
        super().__init__(num_units, forget_bias, activation=activation, reuse=reuse)
        self._is_normalized, self._first = layer_norm, {"gamma": norm_gain, "beta": norm_shift}
        self._keep_prob, self._seed = dropout_keep_prob, dropout_prob_seed

    def build(self, inputs_shape: Any) -> None:
        """Make `kernel`, `bias` without normalization, and `gamma` and `beta` of each gate and of the state with it."""
        rows = inputs_shape.as_list()[1] + self._num_units
        self._kernel = self.add_variable("kernel", [rows, 4 * self._num_units])
        if self._is_normalized:
            self._norms = {
                gate: self._norm_variables(gate) for gate in ("input", "transform", "forget", "output", "state")
            }
        else:
            self._bias = self.add_variable("bias", [4 * self._num_units], initializer=tf.zeros_initializer())

    def _norm_variables(self, gate: str) -> list[Any]:
        return [
            self.add_variable(f"{gate}/{name}", [self._num_units], initializer=tf.constant_initializer(value))
            for name, value in self._first.items()
        ]

    def _next(self, inputs: Any, memory: Any, output: Any) -> tuple[Any, Any]:
        columns = tf.matmul(tf.concat([inputs, output], 1), self._kernel)
        columns = columns if self._is_normalized else tf.nn.bias_add(columns, self._bias)
        gates = zip(("input", "transform", "forget", "output"), tf.split(columns, 4, axis=1), strict=True)
        take, new, keep, show = (self._normalized(gate, values) for gate, values in gates)
        new = self._activation(new)
        if not isinstance(self._keep_prob, float) or self._keep_prob < 1:
            new = tf.nn.dropout(new, keep_prob=self._keep_prob, seed=self._seed)
        memory = memory * tf.sigmoid(keep + self._forget_bias) + tf.sigmoid(take) * new
        memory = self._normalized("state", memory)
        return memory, self._activation(memory) * tf.sigmoid(show)

    def _normalized(self, gate: str, values: Any) -> Any:
        if not self._is_normalized:
            return values
        mean, variance = tf.nn.moments(values, [1], keep_dims=True)
        gamma, beta = self._norms[gate]
        return tf.nn.batch_normalization(values, mean, variance, beta, gamma, 1e-12)


class InputProjectionWrapper(CellWrapper):
    """A cell behind a linear layer of `num_proj` units."""

    def __init__(
        self, cell: Any, num_proj: int, activation: Any = None, input_size: None = None, reuse: Any = None
    ) -> None:
        """Put a layer before a cell; by default it has no activation."""
        super().__init__(cell)
        self._units, self._activation = num_proj, activation and activation_function(activation)

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the cell's output and next state for what the layer makes of the inputs."""
        return self._cell(_linear(inputs, self._units, self._activation), state)  # type: ignore[no-any-return]


class OutputProjectionWrapper(CellWrapper):
    """A cell before a linear layer of `output_size` units."""

    def __init__(self, cell: Any, output_size: int, activation: Any = None, reuse: Any = None) -> None:
        """Put a layer behind a cell; by default it has no activation."""
        super().__init__(cell)
        self._units, self._activation = output_size, activation and activation_function(activation)

    @property
    def output_size(self) -> int:
        """The size of the layer's output."""
        return self._units

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return what the layer makes of the cell's output, and the cell's next state."""
        output, state = self._cell(inputs, state)
        return _linear(output, self._units, self._activation), state


def _linear(inputs: Any, units: int, activation: Activation | None) -> Any:
    kernel = tf.get_variable("kernel", [inputs.shape.as_list()[1], units], inputs.dtype)
    bias = tf.get_variable("bias", [units], inputs.dtype, tf.zeros_initializer())
    outputs = tf.nn.bias_add(tf.matmul(inputs, kernel), bias)
    return activation(outputs) if activation else outputs
