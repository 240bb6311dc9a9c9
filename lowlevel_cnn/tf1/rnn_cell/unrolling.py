"""The functions of `tf.contrib.rnn` that run cells; today's `tf.nn` has most of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf


def static_rnn(
    cell: Any,
    inputs: Any,
    initial_state: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[Any, Any]:
    """Run a cell over a list of inputs `[batch, depth]`; return the list of outputs, and the last state."""
    return tf.nn.static_rnn(cell, inputs, initial_state, dtype, sequence_length, scope)  # type: ignore[no-any-return]


def static_state_saving_rnn(
    cell: Any, inputs: Any, state_saver: Any, state_name: Any, sequence_length: Any = None, scope: Any = None
) -> tuple[Any, Any]:
    """Run a cell over a list of inputs from the state that `state_saver` has, and let it save the last one."""
    return tf.nn.static_state_saving_rnn(  # type: ignore[no-any-return]
        cell, inputs, state_saver, state_name, sequence_length, scope
    )


def static_bidirectional_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[Any, Any, Any]:
    """Run two cells over a list of inputs, one from each end; return the outputs side by side, and both last states."""
    return tf.nn.static_bidirectional_rnn(  # type: ignore[no-any-return]
        cell_fw, cell_bw, inputs, initial_state_fw, initial_state_bw, dtype, sequence_length, scope
    )


def stack_bidirectional_dynamic_rnn(
    cells_fw: Sequence[Any],
    cells_bw: Sequence[Any],
    inputs: Any,
    initial_states_fw: Sequence[Any] | None = None,
    initial_states_bw: Sequence[Any] | None = None,
    dtype: Any = None,
    sequence_length: Any = None,
    parallel_iterations: int | None = None,
    time_major: bool = False,
    scope: Any = None,
) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """Run pairs of cells on top of each other, each over the outputs of both cells below.

    Returns:
        The outputs of the last two side by side, and the last states of each direction.
    """
    states = []
    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        for number, cells in enumerate(zip(cells_fw, cells_bw, strict=True)):
            initial = (given[number] if given else None for given in (initial_states_fw, initial_states_bw))
            with tf.variable_scope(f"cell_{number}"):
                outputs, both = tf.nn.bidirectional_dynamic_rnn(
                    *(*cells, inputs, sequence_length, *initial, dtype, parallel_iterations),
                    time_major=time_major,
                )
            inputs = tf.concat(outputs, 2)
            states.append(both)
    forward, backward = zip(*states, strict=True)
    return inputs, forward, backward
