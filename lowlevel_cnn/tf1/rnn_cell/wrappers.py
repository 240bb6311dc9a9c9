"""Cells made of cells: several on top of each other, past which the inputs go, on a device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell.base import RNNCell


class MultiRNNCell(RNNCell):
    """Cells on top of each other: the output of each is the input of the next."""

    def __init__(self, cells: Sequence[Any], state_is_tuple: bool = True) -> None:
        """Put `cells` on top of each other; a state is a tuple of theirs, or theirs side by side in one tensor."""
        super().__init__()
        if not isinstance(cells, list | tuple):
            raise TypeError(f"cells must be a list or tuple, but saw: {cells}.")
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        if len(set(map(id, cells))) < len(cells):
            tf.logging.warning(
                "At least two cells provided to MultiRNNCell are the same object and will share weights."
            )
        if not state_is_tuple and any(tf.nest.is_nested(cell.state_size) for cell in cells):
            raise ValueError(f"Some cells return tuples of states, but state_is_tuple is not set: {cells}")
        self._cells, self._state_is_tuple = list(cells), state_is_tuple

    @property
    def state_size(self) -> Any:
        """The sizes of the states of the cells, or their sum."""
        sizes = tuple(cell.state_size for cell in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        """The size of the output of the last cell."""
        return self._cells[-1].output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return a state of zeros, of what each cell calls one."""
        if not self._state_is_tuple:
            return super().zero_state(batch_size, dtype)
        with tf.name_scope(f"{type(self).__name__}ZeroState"):
            return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the output of the last cell, and the next states of all."""
        if not self._state_is_tuple:
            state = tf.split(state, [cell.state_size for cell in self._cells], axis=1)
        elif not tf.nest.is_nested(state):
            raise ValueError(f"Expected state to be a tuple of length {len(self._cells)}, but received: {state}")
        states = []
        for number, (cell, before) in enumerate(zip(self._cells, state, strict=True)):
            with tf.variable_scope(f"cell_{number}"):
                inputs, after = cell(inputs, before)
            states.append(after)
        return inputs, tuple(states) if self._state_is_tuple else tf.concat(states, 1)


class CellWrapper(RNNCell):
    """A cell around another one, without variables and without a scope of its own."""

    def __init__(self, cell: Any) -> None:
        super().__init__()
        self._cell = cell

    @property
    def wrapped_cell(self) -> Any:
        """The cell within."""
        return self._cell

    @property
    def state_size(self) -> Any:
        """That of the cell within."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """That of the cell within."""
        return self._cell.output_size

    @property
    def variables(self) -> list[Any]:
        """Those of the cell within."""
        return list(self._cell.variables)

    @property
    def trainable_variables(self) -> list[Any]:
        """Those of the cell within."""
        return list(self._cell.trainable_variables)

    weights, trainable_weights = variables, trainable_variables

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return a state of zeros, of what the cell within calls one."""
        with tf.name_scope(f"{type(self).__name__}ZeroState"):
            return self._cell.zero_state(batch_size, dtype)


class ResidualWrapper(CellWrapper):
    """Adds the inputs to the outputs."""

    def __init__(self, cell: Any, residual_fn: Callable[[Any, Any], Any] | None = None) -> None:
        """Wrap `cell`; `residual_fn(inputs, outputs)` may do something else than add."""
        super().__init__(cell)
        self._residual_fn = residual_fn

    def __call__(self, inputs: Any, state: Any, scope: Any = None, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Return inputs and output together, and the next state."""
        output, state = self._cell(inputs, state, scope=scope)
        residual = self._residual_fn or (lambda inputs, outputs: tf.nest.map_structure(tf.add, inputs, outputs))
        return residual(inputs, output), state


class DeviceWrapper(CellWrapper):
    """Puts a cell on a device."""

    def __init__(self, cell: Any, device: Any) -> None:
        """Wrap `cell`; `device` is what `tf.device` takes."""
        super().__init__(cell)
        self._device = device

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Return a state of zeros on the device."""
        with tf.device(self._device):
            return super().zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Return output and next state of the cell on the device."""
        with tf.device(self._device):
            output, state = self._cell(inputs, state, scope=scope)
        return output, state
