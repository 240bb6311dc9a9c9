"""The cells of `tf.contrib.rnn` alone, against NumPy and the usual cells."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from helpers.cell_running import BATCH, DEPTH, SEQUENCES, STEPS, UNITS, dynamic, graph_of_version_1, run, variables

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell import BasicLSTMCell, BasicRNNCell
from lowlevel_cnn.tf1.rnn_cell.contrib import (
    InputProjectionWrapper,
    LayerNormBasicLSTMCell,
    LSTMBlockCell,
    OutputProjectionWrapper,
    stack_bidirectional_dynamic_rnn,
)


@pytest.fixture(autouse=True)
def graph() -> Iterator[None]:
    with graph_of_version_1():
        yield


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def test_a_block_cell_computes_what_the_basic_cell_does() -> None:
    block, _ = dynamic(LSTMBlockCell(UNITS))
    assert variables() == {
        "rnn/lstm_cell/kernel": [DEPTH + UNITS, 4 * UNITS],
        "rnn/lstm_cell/bias": [4 * UNITS],
    }
    with tf.variable_scope("other"):
        basic, _ = dynamic(BasicLSTMCell(UNITS))
    kernels = [each for each in tf.global_variables() if "kernel" in each.op.name]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(tf.assign(kernels[1], kernels[0]))
        of_block, of_basic = session.run([block, basic])
    np.testing.assert_allclose(of_block, of_basic, rtol=1e-5)


def test_a_normalized_cell_normalizes_each_gate_and_the_memory() -> None:
    cell = LayerNormBasicLSTMCell(UNITS, norm_gain=0.5, norm_shift=0.1)
    output, state = cell(tf.constant(SEQUENCES[:, 0]), cell.zero_state(BATCH, tf.float32))
    found = variables()
    scope = "layer_norm_basic_lstm_cell"
    assert found.pop(f"{scope}/kernel") == [DEPTH + UNITS, 4 * UNITS]
    gates = ("input", "transform", "forget", "output", "state")
    assert found == {f"{scope}/{gate}/{name}": [UNITS] for gate in gates for name in ("gamma", "beta")}

    def normal(x: np.ndarray) -> np.ndarray:
        return np.asarray(0.5 * (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-12) + 0.1)

    kernel, got, memory = run(tf.global_variables()[0], output, state.c)
    columns = np.concatenate([SEQUENCES[:, 0], np.zeros([BATCH, UNITS])], 1) @ kernel
    take, new, _, show = (normal(each) for each in np.split(columns, 4, axis=1))
    expected = normal(sigmoid(take) * np.tanh(new))
    np.testing.assert_allclose(memory, expected, rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(got, np.tanh(expected) * sigmoid(show), rtol=2e-3, atol=2e-4)


def test_without_normalization_and_with_dropout_it_runs_too() -> None:
    outputs, _ = dynamic(LayerNormBasicLSTMCell(UNITS, layer_norm=False, dropout_keep_prob=0.5))
    assert "rnn/layer_norm_basic_lstm_cell/bias" in variables()
    assert np.isfinite(run(outputs)[0]).all()


def test_a_layer_is_put_before_or_behind_a_cell() -> None:
    outputs, _ = dynamic(OutputProjectionWrapper(BasicRNNCell(UNITS), 2, activation=tf.nn.relu))
    assert outputs.shape.as_list() == [BATCH, STEPS, 2]
    with tf.variable_scope("before"):
        outputs, _ = dynamic(InputProjectionWrapper(BasicRNNCell(UNITS), 7))
    assert variables()["before/rnn/input_projection_wrapper/basic_rnn_cell/kernel"] == [7 + UNITS, UNITS]
    assert variables()["rnn/output_projection_wrapper/kernel"] == [UNITS, 2]
    assert run(outputs)[0].shape == (BATCH, STEPS, UNITS)


def test_pairs_of_cells_run_on_top_of_each_other_over_the_outputs_of_both_below() -> None:
    to_the_end, to_the_start = ([BasicRNNCell(units) for units in (UNITS, 3)] for _ in range(2))
    outputs, forward, backward = stack_bidirectional_dynamic_rnn(
        to_the_end, to_the_start, tf.constant(SEQUENCES), dtype=tf.float32
    )
    assert outputs.shape.as_list() == [BATCH, STEPS, 6]
    assert [each.shape.as_list()[1] for each in (*forward, *backward)] == [UNITS, 3, UNITS, 3]
    kernel = "stack_bidirectional_rnn/cell_1/bidirectional_rnn/fw/basic_rnn_cell/kernel"
    assert variables()[kernel] == [2 * UNITS + 3, 3]
    found, last, first = run(outputs, forward[1], backward[1])
    np.testing.assert_array_equal(found[:, -1, :3], last)
    np.testing.assert_array_equal(found[:, 0, 3:], first)
