"""The models train, are killed, resume to the bit and are evaluated, on small made-up data, by the command line."""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import write_cifar10, write_mnist
from helpers.processes import Ended, run, steps_in
from helpers.signalled_training import train_with_signals

import lowlevel_cnn
from lowlevel_cnn import models
from lowlevel_cnn.tensorflow_v1 import tf

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small MNIST, Fashion-MNIST and CIFAR-10."""
    folder = tmp_path_factory.mktemp("data")
    write_mnist(folder / "mnist", 240, 60)
    write_mnist(folder / "fashion-mnist", 240, 60)
    write_cifar10(folder / "cifar10")
    return folder


def _values(directory: Path, step: int) -> dict[str, np.ndarray]:
    reader = tf.train.load_checkpoint(str(directory / f"model.ckpt-{step}"))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


# Of the first two the tests on resuming and those in `reliability` show the same, many times over. The others compute
# what one of those that are left does: with another loss, or from other initial values.
SHOWN_ELSEWHERE = (
    *("book-lenet", "lenet-5"),
    *("book-lenet-fast", "book-lenet-99", "mastering-mnist-keras", "mastering-cifar10-tf"),
)


@pytest.mark.parametrize("name", [name for name in models.names() if name not in SHOWN_ELSEWHERE])
def test_a_model_that_is_killed_resumes_bit_for_bit_and_is_evaluated(name: str, data: Path, tmp_path: Path) -> None:
    flags = ("--data-dir", data, "--batch-size", 8, "--steps", 20, "--save-every", 6, "--lines", "book")
    train = ("train", "--model", name, *flags, "--checkpoint-dir")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert run(*train, whole, cwd=tmp_path).code == 0
    ended = train_with_signals(9, signal.SIGKILL, words=(*train, killed), cwd=tmp_path)
    assert ended.code == -signal.SIGKILL and steps_in(killed) == [1, 7], ended
    assert run(*train, killed, cwd=tmp_path).code == 0

    expected, resumed = _values(whole, 20), _values(killed, 20)
    assert expected.keys() == resumed.keys()
    assert all(np.array_equal(expected[each], resumed[each]) for each in expected)

    evaluate = ("eval", "--checkpoint-dir", whole, "--data-dir", data, "--once", "--lines", "book")
    shown = run(*evaluate, cwd=tmp_path)
    assert shown.code == 0, shown
    split = "test" if models.get(name).validation_count == 0 else "validation"
    assert re.fullmatch(rf"After 20 training step\(s\), {split} accuracy = [0-9.]+", shown.out[-1])
    said = "\n".join(shown.err)
    assert ("holds out no validation images: scoring the test images" in said) == (split == "test")


def test_a_model_without_held_out_images_refuses_the_validation_split(data: Path, tmp_path: Path) -> None:
    flags = ("--data-dir", data, "--checkpoint-dir", tmp_path)
    train = ("train", "--model", "fashion-cnn", *flags, "--batch-size", 8, "--steps", 2)
    assert run(*train, cwd=tmp_path).code == 0
    refused = run("eval", *flags, "--once", "--split", "validation", cwd=tmp_path)
    said = "error: --split validation: fashion-cnn trains on all training images; use --split test"
    assert refused == Ended(2, [], [said])


def documented() -> list[str]:
    """The page's blocks: a file in the book's style, one with a `Model`, and the package's line for the latter."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs/adding_a_model.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("number", [0, 1])
def test_the_documented_files_train_and_are_evaluated(number: int, data: Path, tmp_path: Path) -> None:
    (tmp_path / "my_net.py").write_text(documented()[number])
    words = ("run", "--model", "my_net.py", "--data-dir", data, "--batch-size", 20, "--steps", 5)
    shown = run(*words, "--interval-secs", 0.2, cwd=tmp_path)
    assert shown.code == 0 and not shown.warnings, shown
    assert any(line.startswith("After 5 training step(s), validation accuracy = ") for line in shown.out)


def test_the_documented_example_of_a_new_model_trains_and_is_evaluated(data: Path, tmp_path: Path) -> None:
    _, file, line = documented()
    package = tmp_path / "lowlevel_cnn"
    shutil.copytree(Path(lowlevel_cnn.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "models/small_cnn.py").write_text(file)
    registry = (package / "models/__init__.py").read_text()
    (package / "models/__init__.py").write_text(registry.replace("_MODULES = {\n", "_MODULES = {\n" + line))

    assert "small-cnn" in "".join(run("models", cwd=tmp_path, fresh=True).out)
    words = ("run", "--model", "small-cnn", "--data-dir", data, "--steps", 30, "--interval-secs", 0.2)
    shown = run(*words, cwd=tmp_path, fresh=True)
    assert shown.code == 0, shown
    assert any(line.startswith("After 30 training step(s), validation accuracy = ") for line in shown.out)


def test_reproduce_writes_the_row_of_a_run_and_the_table_and_runs_nothing_twice(data: Path, tmp_path: Path) -> None:
    # A copy of the package with a model of 20 steps stands for a model of thousands.
    package = tmp_path / "lowlevel_cnn"
    shutil.copytree(Path(lowlevel_cnn.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    source = package / "models/lenet_5.py"
    source.write_text(source.read_text().replace("training_steps=11_000", "training_steps=20"))
    words = ("reproduce", "--model", "lenet-5", "--seeds", 0, "--data-dir", data)

    first = run(*words, cwd=tmp_path, fresh=True)
    assert first.code == 0, first
    rows = (tmp_path / "results.jsonl").read_text()
    table = (tmp_path / "results.md").read_text()
    assert rows.count('"model": "lenet-5"') == 1
    assert re.search(r"\| `lenet-5` \| mnist \| 99\.20% \| \d+\.\d\d% \| .* \| 1 \|", table)

    again = run(*words, cwd=tmp_path, fresh=True)
    assert again.code == 0 and "".join(again.out).count("already in") == 1, again
    assert (tmp_path / "results.jsonl").read_text() == rows
    assert (tmp_path / "results.md").read_text() == table
