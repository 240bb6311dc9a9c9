"""A file's network from its first step to its export, by the command line: only where the command names the file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.own_networks import BOOK, SMALL, write_layers, written
from helpers.processes import Ended, Started, files_in, run, same_bits, steps_in
from helpers.signalled_training import train_with_signals

from lowlevel_cnn.tensorflow_v1 import tf

NAME = "my 书 'net'.py"
SHORT = ("--batch-size", 20, "--steps", 12, "--save-every", 5, "--summary-every", 5)


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A folder with the network's file and, in `run`, its run of 12 steps; and what the training printed."""
    folder = tmp_path_factory.mktemp("own")
    write_layers(folder, NAME)
    ended = run("train", "--model", NAME, *SHORT, "--data-dir", data, "--checkpoint-dir", "run", cwd=folder)
    assert ended.code == 0, ended
    return folder, ended


@pytest.fixture
def folder(trained: tuple[Path, Ended], tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(trained[0], tmp_path / "copy"))


def test_a_run_records_the_file_the_images_and_the_classes(trained: tuple[Path, Ended]) -> None:
    folder, ended = trained
    record = json.loads((folder / "run/run.json").read_text())
    assert (record["model"], record["model_file"]) == (NAME.removesuffix(".py"), NAME)
    assert (record["image_shape"], record["class_names"]) == ([28, 28, 1], list("0123456789"))
    assert ended.warnings == []
    assert steps_in(folder / "run") == [1, 6, 11, 12]


def test_a_run_that_is_killed_ends_with_the_bits_of_one_that_is_not(
    trained: tuple[Path, Ended], data: Path, tmp_path: Path
) -> None:
    write_layers(tmp_path, NAME)
    words = ("train", "--model", NAME, *SHORT, "--data-dir", data, "--checkpoint-dir", "run")
    assert train_with_signals(8, signal.SIGKILL, words=words, cwd=tmp_path).code == -signal.SIGKILL
    assert steps_in(tmp_path / "run") == [1, 6]
    assert run(*words, cwd=tmp_path).code == 0
    assert same_bits(trained[0] / "run/model.ckpt-12", tmp_path / "run/model.ckpt-12")


def test_the_evaluator_restores_what_batch_normalization_has_learned_of_the_data(folder: Path, data: Path) -> None:
    reader = tf.train.load_checkpoint(str(folder / "run/model.ckpt-12"))
    assert np.abs(reader.get_tensor("batch_normalization/moving_mean")).max() > 0
    where = ("--model", NAME, "--checkpoint-dir", "run", "--data-dir", data, "--once")
    for weights in ("average", "raw"):
        ended = run("eval", *where, "--weights", weights, cwd=folder)
        assert ended.code == 0, ended
        assert "After 12 training step(s), validation accuracy = " in "\n".join(ended.out)


def test_no_command_runs_the_file_unless_it_is_named(folder: Path, data: Path) -> None:
    # Were it run, this would be there.
    proof = folder / "it was run"
    text = (folder / NAME).read_text()
    (folder / NAME).write_text(f"{text}\nopen({str(proof)!r}, 'w')\n")
    before = files_in(folder)
    where = ("--checkpoint-dir", "run")
    for words in (
        ("train", *where, "--data-dir", data),
        ("run", *where, "--data-dir", data),
        ("eval", *where, "--data-dir", data, "--once"),
        ("predict", *where, "--data-dir", data, "--split", "test"),
        ("export", *where, "--output", "out"),
        ("plot", *where, "--output", "pictures", "--only", "filters"),
    ):
        ended = run(*words, cwd=folder)
        assert ended.code == 2, ended
        assert f"the run's network is in the file {NAME}" in ended.err[-1] and "--model" in ended.err[-1]
    assert run("inspect", "run", cwd=folder).code == 0
    assert files_in(folder) == before and not proof.exists()


def test_an_export_runs_without_the_file(folder: Path, tmp_path: Path) -> None:
    ended = run("export", "--model", NAME, "--checkpoint-dir", "run", "--output", tmp_path / "out", cwd=folder)
    assert ended.code == 0, ended
    shutil.rmtree(folder)
    with tf.Graph().as_default(), tf.Session() as session:
        loaded = tf.saved_model.load(session, ["serve"], str(tmp_path / "out"))
        signature = loaded.signature_def["serving_default"]
        feeds = {signature.inputs["images"].name: np.zeros([3, 28, 28, 1], np.float32)}
        assert session.run(signature.outputs["probabilities"].name, feeds).shape == (3, 10)


def test_a_changed_file_is_refused_until_the_change_is_accepted(folder: Path, data: Path) -> None:
    (folder / NAME).write_text((folder / NAME).read_text().replace("0.25", "0.75"))
    before = files_in(folder)
    words = ("train", "--model", NAME, "--checkpoint-dir", "run", "--data-dir", data, "--steps", 14)
    refused = run(*words, cwd=folder)
    assert refused.code == 2 and "--fresh" in refused.err[-1], refused
    assert f"error: --model {NAME}: has changed since the run was started" in refused.err[-1]
    assert files_in(folder) == before
    accepted = run(*words, "--accept-changed-model", cwd=folder)
    assert accepted.code == 0, accepted
    again = run(*words[:-1], 15, cwd=folder)
    assert again.code == 0 and steps_in(folder / "run")[-1] == 15, again


def test_another_network_in_the_file_does_not_fit_the_checkpoints(folder: Path, data: Path) -> None:
    (folder / NAME).write_text(BOOK)
    before = files_in(folder)
    words = ("train", "--model", NAME, "--checkpoint-dir", "run", "--data-dir", data, "--steps", 14)
    ended = run(*words, "--accept-changed-model", cwd=folder)
    errors = [line for line in ended.err if "not the published" not in line]
    assert ended.code == 2 and len(errors) == 1 and "choose another --model or --checkpoint-dir" in errors[0], ended
    assert {**files_in(folder), "run/trainer.lock": b""} == {**before, "run/trainer.lock": b""}


def test_a_missing_file_is_one_line_and_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    for given, expected in (("no.py", "no such file"), ("nets/no", "no such file"), ("no", "invalid choice: 'no'")):
        ended = run("train", "--model", given, cwd=tmp_path)
        assert ended.code == 2 and len(ended.err) == 1 and expected in ended.err[0], ended


def test_a_file_that_never_ends_is_ended_by_ctrl_c(tmp_path: Path) -> None:
    written(tmp_path / "net.py", f"print('begun', flush=True)\nimport time\nwhile True: time.sleep(0.1)\n{SMALL}")
    started = Started("run", "--model", "net.py", cwd=tmp_path)
    try:
        started.wait_for("begun")
        os.kill(started.process.pid, signal.SIGINT)
        ended = started.ended()
    finally:
        started.kill_all()
    assert (ended.code, ended.err) == (130, [])
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]


def test_a_random_operation_that_cannot_be_keyed_is_named_once_at_the_start(data: Path, tmp_path: Path) -> None:
    text = SMALL.replace("return logits", "return logits + tf.reduce_sum(tf.random_shuffle(flat)) if train else logits")
    written(tmp_path / "net.py", text)
    words = ("train", "--model", "net.py", "--data-dir", data, "--batch-size", 20, "--steps", 3)
    ended = run(*words, cwd=tmp_path)
    assert ended.code == 0, ended
    [warning] = ended.warnings
    assert "RandomShuffle (RandomShuffle)" in warning and "--model net.py" in warning


def test_a_network_is_printed_layer_by_layer(folder: Path) -> None:
    ended = run("models", "--model", NAME, cwd=folder)
    assert ended.code == 0, ended
    assert any(line.split()[:2] == ["conv2d", "Conv2D"] and "[batch, 13, 13, 4]" in line for line in ended.out)
    assert ended.out[-1].split() == ["total", "6,818"]


@pytest.mark.parametrize(
    ("sizes", "pixels", "expected"),
    [
        ("20, 1, 10", 400, "--dataset mnist: its images have shape (28, 28, 1), but net takes (20, 20, 1)"),
        ("28, 1, 12", 784, "has 12 classes, by its NUM_LABELS, but the data has 10"),
    ],
)
def test_a_file_s_shape_and_classes_must_be_those_of_the_data(
    sizes: str, pixels: int, expected: str, data: Path, tmp_path: Path
) -> None:
    text = SMALL.replace("784, 10", "784, NUM_LABELS").replace("784", str(pixels)).replace("28, 1, 10", sizes)
    written(tmp_path / "net.py", text)
    ended = run("train", "--model", "net.py", "--data-dir", data, cwd=tmp_path)
    assert ended.code == 2 and expected in ended.err[-1], ended
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]


def test_two_networks_of_files_work_in_one_process(tmp_path: Path) -> None:
    paths = [str(write_layers(tmp_path, name)) for name in ("one.py", "another.py")]
    program = f"from lowlevel_cnn.__main__ import main; print([main(['models', '--model', path]) for path in {paths}])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == "[0, 0]", done.stderr
