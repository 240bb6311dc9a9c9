"""A cluster trains the network of a file: each of its tasks names the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.own_networks import write_layers
from helpers.processes import run, tensors


@pytest.mark.parametrize("how", [(), ("--sync",)])
def test_the_tasks_of_a_cluster_train_a_file_s_network(how: tuple[str, ...], data: Path, tmp_path: Path) -> None:
    net = write_layers(tmp_path)
    words = ("run", "--model", net.name, "--workers", 2, "--parameter-servers", 1, *how, "--interval-secs", 0.2)
    ended = run(*words, "--batch-size", 20, "--steps", 6, "--data-dir", data, cwd=tmp_path)
    assert ended.code == 0, ended
    assert any("After 6 training step(s), validation accuracy = " in line for line in ended.out), ended
    values = tensors(tmp_path / "checkpoints/my net/model.ckpt-6")
    assert all(np.isfinite(each).all() for each in values.values())
    assert np.abs(values["batch_normalization/moving_mean"]).max() > 0
