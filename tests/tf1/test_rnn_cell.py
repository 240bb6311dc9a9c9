"""The values of the cells, against NumPy and tf_keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from helpers.cell_running import BATCH, DEPTH, SEQUENCES, UNITS, dynamic, graph_of_version_1, run, static, variables

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell import BasicLSTMCell, BasicRNNCell, GRUCell, LSTMCell, LSTMStateTuple


@pytest.fixture(autouse=True)
def graph() -> Iterator[None]:
    with graph_of_version_1():
        yield


def sigmoid(values: np.ndarray) -> np.ndarray:
    result: np.ndarray = 1 / (1 + np.exp(-values))
    return result


def numpy_basic_lstm(kernel: np.ndarray, bias: np.ndarray, forget_bias: float = 1.0) -> tuple[np.ndarray, ...]:
    memory = output = np.zeros((BATCH, UNITS))
    outputs = []
    for inputs in SEQUENCES.swapaxes(0, 1):
        columns = np.concatenate([inputs, output], axis=1) @ kernel + bias
        take, new, keep, show = np.split(columns, 4, axis=1)
        memory = memory * sigmoid(keep + forget_bias) + sigmoid(take) * np.tanh(new)
        output = np.tanh(memory) * sigmoid(show)
        outputs.append(output)
    return np.stack(outputs, axis=1), memory, output


@pytest.mark.parametrize("unrolled", [dynamic, static])
def test_a_basic_lstm_cell_computes_what_numpy_does(unrolled: Callable[[Any], tuple[Any, Any]]) -> None:
    cell = BasicLSTMCell(UNITS)
    outputs, state = unrolled(cell)
    assert variables() == {
        "rnn/basic_lstm_cell/kernel": [DEPTH + UNITS, 4 * UNITS],
        "rnn/basic_lstm_cell/bias": [4 * UNITS],
    }
    kernel, bias, *found = run(*cell.variables, outputs, *state)
    assert isinstance(state, LSTMStateTuple)
    assert np.abs(kernel).max() > 0 and not bias.any()
    for each, expected in zip(found, numpy_basic_lstm(kernel, bias), strict=True):
        np.testing.assert_allclose(each, expected, rtol=1e-5, atol=1e-6)


def test_a_state_in_one_tensor_is_memory_and_output_side_by_side() -> None:
    cell = BasicLSTMCell(UNITS, forget_bias=0.25, state_is_tuple=False)
    assert cell.state_size == 2 * UNITS
    outputs, state = dynamic(cell)
    kernel, bias, _, found = run(*cell.variables, outputs, state)
    _, memory, output = numpy_basic_lstm(kernel, bias, forget_bias=0.25)
    np.testing.assert_allclose(found, np.concatenate([memory, output], axis=1), rtol=1e-5, atol=1e-6)


def test_a_basic_rnn_cell_computes_what_numpy_does() -> None:
    cell = BasicRNNCell(UNITS, activation="relu")
    outputs, _ = static(cell)
    assert list(variables()) == ["rnn/basic_rnn_cell/kernel", "rnn/basic_rnn_cell/bias"]
    kernel, bias, found = run(*cell.variables, outputs)
    output, expected = np.zeros((BATCH, UNITS)), []
    for inputs in SEQUENCES.swapaxes(0, 1):
        output = np.maximum(np.concatenate([inputs, output], axis=1) @ kernel + bias, 0)
        expected.append(output)
    np.testing.assert_allclose(found, np.stack(expected, axis=1), rtol=1e-5, atol=1e-6)


def test_the_gates_of_a_gru_cell_are_open_at_first() -> None:
    cell = GRUCell(UNITS)
    outputs, _ = dynamic(cell)
    assert variables() == {
        "rnn/gru_cell/gates/kernel": [DEPTH + UNITS, 2 * UNITS],
        "rnn/gru_cell/gates/bias": [2 * UNITS],
        "rnn/gru_cell/candidate/kernel": [DEPTH + UNITS, UNITS],
        "rnn/gru_cell/candidate/bias": [UNITS],
    }
    gate_kernel, gate_bias, kernel, bias, found = run(*cell.variables, outputs)
    assert (gate_bias == 1).all() and (bias == 0).all()
    output, expected = np.zeros((BATCH, UNITS)), []
    for inputs in SEQUENCES.swapaxes(0, 1):
        gates = sigmoid(np.concatenate([inputs, output], axis=1) @ gate_kernel + gate_bias)
        reset, update = np.split(gates, 2, axis=1)
        candidate = np.tanh(np.concatenate([inputs, reset * output], axis=1) @ kernel + bias)
        output = update * output + (1 - update) * candidate
        expected.append(output)
    np.testing.assert_allclose(found, np.stack(expected, axis=1), rtol=1e-5, atol=1e-6)


LSTM = {"use_peepholes": True, "cell_clip": 0.2, "num_proj": 3, "proj_clip": 0.05, "forget_bias": 0.5}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("BasicRNNCell", {}),
        ("BasicLSTMCell", {}),
        ("GRUCell", {}),
        ("LSTMCell", {}),
        ("LSTMCell", LSTM),
        ("LSTMCell", {"use_peepholes": True, "state_is_tuple": False}),
        ("LSTMCell", {"num_unit_shards": 2, "num_proj": 4, "num_proj_shards": 2}),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # that the oracle is deprecated
def test_a_cell_has_the_variables_and_values_of_tf_keras(name: str, options: dict[str, Any]) -> None:
    legacy = pytest.importorskip("tf_keras.api._v1.keras.__internal__.legacy.rnn_cell")
    ours = {cls.__name__: cls for cls in (BasicRNNCell, BasicLSTMCell, GRUCell, LSTMCell)}[name]
    found = []
    for cell in (ours(UNITS, **options), getattr(legacy, name)(UNITS, **options)):
        with tf.Graph().as_default():
            outputs, state = dynamic(cell)
            values = {
                each.op.name: np.random.default_rng(len(each.op.name)).normal(size=each.shape.as_list())
                for each in tf.global_variables()
            }
            with tf.Session() as session:
                for each in tf.global_variables():
                    each.load(values[each.op.name], session)
                found.append((values, session.run([outputs, *tf.nest.flatten(state)])))
    (names, values), (expected_names, expected) = found
    assert list(names) == list(expected_names)
    for each, other in zip(values, expected, strict=True):
        np.testing.assert_allclose(each, other, rtol=1e-5, atol=1e-6)
