"""A recurrent network in a reader's file: its time steps are a loop, whose insides cannot be fetched."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.processes import run

NETWORK = """\
import tensorflow as tf

INPUT_NODE = 784
OUTPUT_NODE = 10
IMAGE_SIZE = 28
NUM_CHANNELS = 1
NUM_LABELS = 10


def inference(input_tensor, train, regularizer):
    rows = tf.reshape(input_tensor, [-1, 28, 28])
    maps = tf.layers.conv1d(rows, 16, 3, activation=tf.nn.relu)
    cells = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.GRUCell(32), tf.nn.rnn_cell.BasicLSTMCell(24)])
    outputs, _ = tf.nn.dynamic_rnn(cells, maps, dtype=tf.float32)
    (forward, backward), _ = tf.nn.bidirectional_dynamic_rnn(
        tf.nn.rnn_cell.GRUCell(8), tf.nn.rnn_cell.GRUCell(8), outputs, dtype=tf.float32)
    hidden = tf.layers.dense(tf.concat([forward, backward], 2)[:, -1], 20, tf.nn.relu)
    return tf.layers.dense(hidden, NUM_LABELS)
"""
GRU_32 = (16 + 32) * 64 + 64 + (16 + 32) * 32 + 32
LSTM_24 = (32 + 24) * 96 + 96
GRU_8 = (24 + 8) * 16 + 16 + (24 + 8) * 8 + 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(NETWORK, encoding="utf-8")
    return tmp_path


def test_its_layers_are_listed_with_all_parameters(folder: Path) -> None:
    listed = run("models", "--model", "net.py", cwd=folder)
    assert listed.code == 0, listed
    rows = [line.split() for line in listed.out]
    parameters = {row[0]: row[-1] for row in rows if "While" in row or row[0] == "total"}
    total = 3 * 28 * 16 + 16 + GRU_32 + LSTM_24 + 2 * GRU_8 + 16 * 20 + 20 + 20 * 10 + 10
    assert parameters == {
        "rnn/while": f"{GRU_32 + LSTM_24:,}",
        "bidirectional_rnn/fw/fw/while": f"{GRU_8}",
        "bidirectional_rnn/bw/bw/while": f"{GRU_8}",
        "total": f"{total:,}",
    }


def test_all_its_pictures_are_drawn_or_said_to_be_none(folder: Path, data: Path) -> None:
    pytest.importorskip("matplotlib", reason="the pictures are drawn by matplotlib, which the extra `plots` installs")
    words = ("--model", "net.py", "--checkpoint-dir", "run", "--data-dir", data)
    assert run("train", *words, "--steps", 2, "--batch-size", 20, cwd=folder).code == 0
    drawn = run("plot", *words, "--output", "pictures", cwd=folder)
    assert drawn.code == 0, drawn
    names = {path.stem for path in (folder / "pictures").iterdir()}
    assert names >= {"network", "activations", "filters", "confusion", "mistakes"}
    assert [line.removeprefix("warning: ") for line in drawn.warnings if "curves" not in line] == [
        "convolution: not drawn: net has no convolution of images",
        "connections: not drawn: net lacks a convolution of images or a fully connected layer",
    ]
