"""Cells in their scopes, their states of zeros, and cells that a script has written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from helpers.cell_running import (
    BATCH,
    DEPTH,
    SEQUENCES,
    STEPS,
    UNITS,
    dynamic,
    graph_of_version_1,
    run,
    static,
    variables,
)

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell import BasicLSTMCell, BasicRNNCell, LSTMCell, RNNCell, static_bidirectional_rnn


@pytest.fixture(autouse=True)
def graph() -> Iterator[None]:
    with graph_of_version_1():
        yield


def test_cells_in_one_scope_are_counted() -> None:
    inputs = tf.constant(SEQUENCES[:, 0])
    for _ in range(2):
        cell = BasicRNNCell(UNITS)
        cell(inputs, cell.zero_state(BATCH, tf.float32))
        cell(inputs, cell.zero_state(BATCH, tf.float32))
    assert [name for name in variables() if "kernel" in name] == ["basic_rnn_cell/kernel", "basic_rnn_cell_1/kernel"]


def test_a_second_network_takes_the_variables_of_the_first_where_the_scope_says_so() -> None:
    with tf.variable_scope("model"):
        first, _ = dynamic(BasicLSTMCell(UNITS))
    with tf.variable_scope("model", reuse=True):
        second, _ = static(BasicLSTMCell(UNITS))
    assert list(variables()) == ["model/rnn/basic_lstm_cell/kernel", "model/rnn/basic_lstm_cell/bias"]
    values, others = run(first, second)
    np.testing.assert_allclose(values, others, rtol=1e-5, atol=1e-6)
    dynamic(BasicLSTMCell(UNITS, name="mine"))
    with pytest.raises(ValueError, match="rnn/mine/kernel already exists"):
        dynamic(BasicLSTMCell(UNITS, name="mine"))
    dynamic(BasicLSTMCell(UNITS, name="mine", reuse=tf.AUTO_REUSE))
    assert len(variables()) == 4


def test_a_state_of_zeros_has_the_batch_size_of_a_tensor() -> None:
    inputs = tf.placeholder(tf.float32, [None, STEPS, DEPTH])
    cell = LSTMCell(UNITS, initializer=tf.random_uniform_initializer(-0.1, 0.1))
    state = cell.zero_state(tf.shape(inputs)[0], tf.float32)
    assert state.c.shape.as_list() == [None, UNITS]
    outputs, _ = tf.nn.dynamic_rnn(cell, inputs, initial_state=state, sequence_length=[STEPS, 1])
    [found] = run(outputs, feed={inputs: SEQUENCES})
    assert np.abs(found[0]).min() > 0
    assert (found[1, 1:] == 0).all() and found[1, 0].all()


def test_two_cells_run_from_both_ends() -> None:
    inputs = tf.unstack(tf.constant(SEQUENCES), axis=1)
    outputs, _, _ = static_bidirectional_rnn(BasicLSTMCell(UNITS), BasicLSTMCell(UNITS), inputs, dtype=tf.float32)
    assert [each.shape.as_list() for each in outputs] == [[BATCH, 2 * UNITS]] * STEPS
    assert {name.split("/")[1] for name in variables()} == {"fw", "bw"}


class OldCell(RNNCell):
    """As cells were written before layers: no `__init__` of the base, `get_variable` in `__call__`."""

    def __init__(self, size: int) -> None:
        self._size = size

    state_size = output_size = property(lambda self: self._size)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        with tf.variable_scope(scope or type(self).__name__):
            weights = tf.get_variable("w", [DEPTH, self._size])
            output = tf.tanh(tf.matmul(inputs, weights) + state)
        return output, output


class NewCell(RNNCell):
    """As cells were written later: variables in `build`, and `call`."""

    state_size = output_size = property(lambda self: UNITS)

    def build(self, inputs_shape: Any) -> None:
        self.weights_of_mine = self.add_weight("w", [DEPTH, UNITS])

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        output = tf.tanh(tf.matmul(inputs, self.weights_of_mine) + state)
        return output, output


@pytest.mark.parametrize(("cell", "name"), [(OldCell, "OldCell"), (NewCell, "new_cell")])
def test_a_cell_of_the_scripts_own_runs(cell: Callable[..., Any], name: str) -> None:
    made = cell(UNITS) if cell is OldCell else cell()
    outputs, _ = static(made)
    assert variables() == {f"rnn/{name}/w": [DEPTH, UNITS]}
    assert run(outputs)[0].shape == (BATCH, STEPS, UNITS)
