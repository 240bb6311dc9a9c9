"""The cells with a long short-term memory."""

from __future__ import annotations

from typing import Any, NamedTuple

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell.base import RNNCell, activation_function, input_depth


class LSTMStateTuple(NamedTuple):
    """The state of such a cell: its memory `c` and its output `h`."""

    c: Any
    h: Any

    @property
    def dtype(self) -> Any:
        """The type of both."""
        if self.c.dtype != self.h.dtype:
            raise TypeError(f"Inconsistent internal state: {self.c.dtype} vs {self.h.dtype}")
        return self.c.dtype


class BasicLSTMCell(RNNCell):
    """The usual cell: no peepholes, no projection, nothing clipped."""

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        """Make a cell of `num_units` units.

        Args:
            forget_bias: is added to the forget gate, which is so rather open at first.
            state_is_tuple: whether a state is an `LSTMStateTuple`, or `c` and `h` side by side in one tensor.
            activation: a function or its name, by default tanh.
        """
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self._num_units, self._forget_bias, self._state_is_tuple = num_units, forget_bias, state_is_tuple
        self._output_units = num_units
        self._activation = activation_function(activation)

    @property
    def state_size(self) -> Any:
        """The sizes of `c` and `h`, or their sum."""
        sizes = LSTMStateTuple(self._num_units, self._output_units)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> int:
        """The size of `h`."""
        return self._output_units

    def build(self, inputs_shape: Any) -> None:
        """Make `kernel`, `[depth + outputs, 4 x units]`, and `bias`."""
        self._make_kernel(inputs_shape)

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the output, and the next state."""
        memory, output = state if self._state_is_tuple else tf.split(state, self._sizes(), axis=1)
        memory, output = self._next(inputs, memory, output)
        return output, LSTMStateTuple(memory, output) if self._state_is_tuple else tf.concat([memory, output], 1)

    def _make_kernel(self, inputs_shape: Any, **options: Any) -> None:
        rows, columns = input_depth(inputs_shape) + self._output_units, 4 * self._num_units
        self._kernel = self.add_variable("kernel", [rows, columns], **options)
        self._bias = self.add_variable("bias", [columns], initializer=tf.zeros_initializer())

    def _sizes(self) -> list[int]:
        return [self._num_units, self._output_units]

    def _gates(self, inputs: Any, output: Any) -> Any:
        """Input gate, new values, forget gate and output gate, before their activation."""
        columns = tf.matmul(tf.concat([inputs, output], 1), self._kernel)
        return tf.split(tf.nn.bias_add(columns, self._bias), 4, axis=1)

    def _next(self, inputs: Any, memory: Any, output: Any) -> tuple[Any, Any]:
        take, new, keep, show = self._gates(inputs, output)
        memory = memory * tf.sigmoid(keep + self._forget_bias) + tf.sigmoid(take) * self._activation(new)
        return memory, self._activation(memory) * tf.sigmoid(show)


class LSTMCell(BasicLSTMCell):
    """The cell with peepholes, clipping and a projection of the output, as far as they are wanted."""

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        cell_clip: float | None = None,
        initializer: Any = None,
        num_proj: int | None = None,
        proj_clip: float | None = None,
        num_unit_shards: int | None = None,
        num_proj_shards: int | None = None,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        """Make a cell of `num_units` units.

        Args:
            use_peepholes: whether the gates see the memory, each unit its own.
            cell_clip: the memory is clipped to this on both sides of zero.
            initializer: of the kernels and peepholes.
            num_proj: the size of the output, if it is projected.
            proj_clip: the projected output is clipped to this on both sides of zero.
            num_unit_shards, num_proj_shards: into how many variables `kernel` and `projection/kernel` are split.
            forget_bias, state_is_tuple, activation: see `BasicLSTMCell`.
        """
        super().__init__(num_units, forget_bias, state_is_tuple, activation, reuse, name, dtype, **kwargs)
        self._use_peepholes, self._cell_clip, self._initializer = use_peepholes, cell_clip, initializer
        self._num_proj, self._proj_clip = num_proj, proj_clip
        self._num_unit_shards, self._num_proj_shards = num_unit_shards, num_proj_shards
        self._output_units = num_proj or num_units

    def build(self, inputs_shape: Any) -> None:
        """Make `kernel` and `bias`, and where wanted `w_f_diag`, `w_i_diag`, `w_o_diag` and `projection/kernel`."""
        units, initializer = self._num_units, self._initializer
        self._make_kernel(inputs_shape, initializer=initializer, partitioner=_partitioner(self._num_unit_shards))
        if self._use_peepholes:
            self._peephole = {
                gate: self.add_variable(f"w_{gate}_diag", [units], initializer=initializer) for gate in "fio"
            }
        if self._num_proj:
            partitioner = _partitioner(self._num_proj_shards)
            shape = [units, self._num_proj]
            self._projection = self.add_variable(
                "projection/kernel", shape, initializer=initializer, partitioner=partitioner
            )

    def _next(self, inputs: Any, memory: Any, output: Any) -> tuple[Any, Any]:
        take, new, keep, show = self._gates(inputs, output)
        keep = tf.sigmoid(self._seeing(memory, keep + self._forget_bias, "f"))
        take = tf.sigmoid(self._seeing(memory, take, "i"))
        memory = _clipped(keep * memory + take * self._activation(new), self._cell_clip)
        output = tf.sigmoid(self._seeing(memory, show, "o")) * self._activation(memory)
        if self._num_proj:
            output = _clipped(tf.matmul(output, self._projection), self._proj_clip)
        return memory, output

    def _seeing(self, memory: Any, values: Any, gate: str) -> Any:
        return values + self._peephole[gate] * memory if self._use_peepholes else values


def _partitioner(shards: int | None) -> Any:
    return tf.fixed_size_partitioner(shards) if shards else None


def _clipped(values: Any, limit: float | None) -> Any:
    return values if limit is None else tf.clip_by_value(values, -limit, limit)
