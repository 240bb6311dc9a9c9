"""TF_DETERMINISTIC_OPS, with which a GPU computes the same bits each time: training sets it, every command bears it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.commands_here import run_here
from helpers.own_networks import write_layers

from lowlevel_cnn import tensorflow_v1
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tensorflow_v1 import DETERMINISTIC

COMMANDS = """
import json, sys
from lowlevel_cnn.__main__ import main
print(json.dumps([main(words) for words in json.loads(sys.argv[1])]))
"""


def test_every_command_works_where_random_operations_must_have_seeds(data: Path, tmp_path: Path) -> None:
    run, network = str(tmp_path / "run"), str(write_layers(tmp_path))
    train = ["train", "--steps", "2", "--batch-size", "10", "--data-dir", str(data), "--checkpoint-dir"]
    commands = [
        [*train, run],
        ["eval", "--once", "--data-dir", str(data), "--checkpoint-dir", run],
        ["predict", "--checkpoint-dir", run, "--split", "test", "--data-dir", str(data)],
        ["export", "--checkpoint-dir", run, "--output", str(tmp_path / "export")],
        ["inspect", run],
        ["models", "--model", "lenet-5"],
        [*train, f"{run}-of-a-file", "--model", network],
        ["eval", "--once", "--data-dir", str(data), "--checkpoint-dir", f"{run}-of-a-file", "--model", network],
    ]
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(commands)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), DETERMINISTIC: "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [0] * len(commands), done.stderr


@pytest.mark.parametrize(("gpu", "users", "then"), [(True, None, "1"), (True, "0", "0"), (False, None, None)])
def test_training_on_a_gpu_computes_the_same_bits_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gpu: bool, users: str | None, then: str | None
) -> None:
    monkeypatch.setattr(tensorflow_v1, "_may_have_gpu", lambda: gpu)
    monkeypatch.setenv(DETERMINISTIC, users or "")
    if users is None:
        monkeypatch.delenv(DETERMINISTIC)
    with pytest.raises(InputError, match="missing"):
        run_here("train", "--data-dir", tmp_path / "missing", "--checkpoint-dir", tmp_path / "run")
    assert os.environ.get(DETERMINISTIC) == then
