"""The cells: names and shapes of their variables, and their values against NumPy and tf_keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell import (
    BasicLSTMCell,
    BasicRNNCell,
    DropoutWrapper,
    GRUCell,
    LSTMCell,
    LSTMStateTuple,
    MultiRNNCell,
    ResidualWrapper,
    RNNCell,
    static_bidirectional_rnn,
    static_rnn,
)

BATCH, STEPS, DEPTH, UNITS = 2, 3, 4, 5
SEQUENCES = np.random.default_rng(0).normal(size=(BATCH, STEPS, DEPTH)).astype(np.float32)


@pytest.fixture(autouse=True)
def graph() -> Iterator[Any]:
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(1)
        yield graph


def run(*fetches: Any, feed: Any = None) -> Any:
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feed)


def variables() -> dict[str, list[int]]:
    return {variable.op.name: variable.shape.as_list() for variable in tf.global_variables()}


def dynamic(cell: Any) -> tuple[Any, Any]:
    return tf.nn.dynamic_rnn(cell, tf.constant(SEQUENCES), dtype=tf.float32)  # type: ignore[no-any-return]


def static(cell: Any) -> tuple[Any, Any]:
    outputs, state = static_rnn(cell, tf.unstack(tf.constant(SEQUENCES), axis=1), dtype=tf.float32)
    return tf.stack(outputs, axis=1), state


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


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
@pytest.mark.filterwarnings("ignore:The initializer GlorotUniform is unseeded")
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


def test_each_cell_on_top_of_another_has_variables_of_its_own() -> None:
    cells = MultiRNNCell([BasicLSTMCell(UNITS), DropoutWrapper(LSTMCell(3), output_keep_prob=0.5)])
    assert cells.state_size == ((UNITS, UNITS), (3, 3))
    outputs, state = dynamic(cells)
    assert list(variables()) == [
        f"rnn/multi_rnn_cell/cell_{number}/{name}/{kind}"
        for number, name in enumerate(("basic_lstm_cell", "lstm_cell"))
        for kind in ("kernel", "bias")
    ]
    assert outputs.shape.as_list() == [BATCH, STEPS, 3]
    assert [part.h.shape.as_list() for part in state] == [[BATCH, UNITS], [BATCH, 3]]
    assert len(cells.trainable_variables) == 4
    gradients = tf.gradients(outputs, tf.trainable_variables())
    assert all(np.abs(each).max() > 0 for each in run(*gradients))


def test_states_on_top_of_each_other_can_stand_side_by_side() -> None:
    cells = MultiRNNCell([GRUCell(UNITS), GRUCell(3)], state_is_tuple=False)
    assert cells.zero_state(BATCH, tf.float32).shape.as_list() == [BATCH, UNITS + 3]
    outputs, state = dynamic(cells)
    last, found = run(outputs[:, -1], state)
    np.testing.assert_array_equal(found[:, UNITS:], last)


def test_the_same_cell_twice_shares_its_variables() -> None:
    static(MultiRNNCell([BasicRNNCell(DEPTH)] * 2))
    assert list(variables()) == [f"rnn/multi_rnn_cell/cell_0/basic_rnn_cell/{kind}" for kind in ("kernel", "bias")]


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
    np.testing.assert_allclose(*run(first, second), rtol=1e-5, atol=1e-6)
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


def test_dropout_keeps_the_memory_and_scales_what_it_keeps() -> None:
    keep = tf.placeholder_with_default(0.5, [])
    size = 200
    cell = BasicLSTMCell(size)
    wrapped = DropoutWrapper(cell, output_keep_prob=keep, state_keep_prob=keep, seed=3)
    inputs, state = tf.constant(SEQUENCES[:, 0]), cell.zero_state(BATCH, tf.float32)
    plain, plain_state = cell(inputs, state)
    output, (memory, shown) = wrapped(inputs, state)
    plain, plain_memory, output, memory, shown = run(plain, plain_state.c, output, memory, shown)
    np.testing.assert_array_equal(memory, plain_memory)
    for dropped in (output, shown):
        kept = dropped != 0
        assert 0.4 < kept.mean() < 0.6
        np.testing.assert_allclose(dropped[kept], 2 * plain[kept], rtol=1e-6)
    assert ((output != 0) != (shown != 0)).any()


def test_dropout_of_all_steps_alike_has_one_mask() -> None:
    options = {"variational_recurrent": True, "dtype": tf.float32, "input_size": DEPTH}
    cell = DropoutWrapper(BasicRNNCell(50), input_keep_prob=0.9, output_keep_prob=0.5, **options)
    [found] = run(dynamic(cell)[0])
    mask = found[0, 0] != 0
    assert 0 < mask.sum() < 50
    assert ((found != 0) == mask).all()
    with pytest.raises(ValueError, match="input_size must be provided"):
        DropoutWrapper(BasicRNNCell(5), input_keep_prob=0.9, variational_recurrent=True, dtype=tf.float32)


def test_a_share_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r'"output_keep_prob" must be between 0 and 1: 1\.5'):
        DropoutWrapper(BasicRNNCell(5), output_keep_prob=1.5)


def test_a_residual_cell_adds_its_inputs() -> None:
    cell = BasicRNNCell(DEPTH)
    plain, _ = dynamic(cell)
    added, _ = dynamic(ResidualWrapper(cell))
    plain, added = run(plain, added)
    np.testing.assert_allclose(added[:, 0], plain[:, 0] + SEQUENCES[:, 0], rtol=1e-6)


class OldCell(RNNCell):
    """As cells were written before layers: no `__init__` of the base, `get_variable` in `__call__`."""

    def __init__(self, size: int) -> None:
        self._size = size

    state_size = output_size = property(lambda self: self._size)  # type: ignore[assignment]

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:  # type: ignore[override]
        with tf.variable_scope(scope or type(self).__name__):
            weights = tf.get_variable("w", [DEPTH, self._size])
            output = tf.tanh(tf.matmul(inputs, weights) + state)
        return output, output


class NewCell(RNNCell):
    """As cells were written later: variables in `build`, and `call`."""

    state_size = output_size = property(lambda self: UNITS)  # type: ignore[assignment]

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
