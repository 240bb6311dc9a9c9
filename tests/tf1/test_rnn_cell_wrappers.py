"""Cells made of cells: on top of each other, with dropout, with their inputs added."""

from __future__ import annotations

from collections.abc import Iterator
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
from lowlevel_cnn.tf1.rnn_cell import (
    BasicLSTMCell,
    BasicRNNCell,
    DeviceWrapper,
    DropoutWrapper,
    GRUCell,
    LSTMCell,
    LSTMStateTuple,
    MultiRNNCell,
    ResidualWrapper,
)


@pytest.fixture(autouse=True)
def graph() -> Iterator[None]:
    with graph_of_version_1():
        yield


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


def test_a_custom_filter_says_what_of_a_state_is_dropped() -> None:
    inputs, cells = tf.constant(SEQUENCES[:, 0]), MultiRNNCell([BasicLSTMCell(50), GRUCell(50)])
    state = cells.zero_state(BATCH, tf.float32)

    def all_but_the_output(state: Any) -> Any:
        return LSTMStateTuple(c=True, h=False) if isinstance(state, LSTMStateTuple) else True

    wrapped = DropoutWrapper(cells, state_keep_prob=0.5, seed=1, dropout_state_filter_visitor=all_but_the_output)
    _, found = wrapped(inputs, state)
    [((memory, shown), last)] = run(found)
    assert all(0.3 < (each == 0).mean() < 0.7 for each in (memory, last))
    assert (shown != 0).all()


def test_a_cell_runs_on_its_device() -> None:
    output, _ = dynamic(DeviceWrapper(BasicRNNCell(UNITS), "/cpu:0"))
    assert [op.device for op in output.graph.get_operations() if op.type == "MatMul"] == ["/device:CPU:0"]
