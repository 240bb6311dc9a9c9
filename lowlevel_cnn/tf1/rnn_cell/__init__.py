"""`tf.nn.rnn_cell` and `tf.contrib.rnn`: the cells; `tf.nn.dynamic_rnn` and `tf.nn.static_rnn` of today run them."""

from __future__ import annotations

from lowlevel_cnn.tf1.rnn_cell.base import RNNCell
from lowlevel_cnn.tf1.rnn_cell.cells import BasicRNNCell, GRUCell
from lowlevel_cnn.tf1.rnn_cell.dropout import DropoutWrapper
from lowlevel_cnn.tf1.rnn_cell.long_short_term import BasicLSTMCell, LSTMCell, LSTMStateTuple
from lowlevel_cnn.tf1.rnn_cell.unrolling import (
    static_bidirectional_rnn,
    static_rnn,
    static_state_saving_rnn,
)
from lowlevel_cnn.tf1.rnn_cell.wrappers import DeviceWrapper, MultiRNNCell, ResidualWrapper

__all__ = [
    "BasicLSTMCell",
    "BasicRNNCell",
    "DeviceWrapper",
    "DropoutWrapper",
    "GRUCell",
    "LSTMCell",
    "LSTMStateTuple",
    "MultiRNNCell",
    "RNNCell",
    "ResidualWrapper",
    "static_bidirectional_rnn",
    "static_rnn",
    "static_state_saving_rnn",
]
