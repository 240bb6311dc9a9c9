"""Bad calls and bad input: one line, exit 2, nothing written, TensorFlow not imported; and what needs no training."""

from __future__ import annotations

import gzip
import json
import os
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import idx_bytes, write_mnist
from helpers.processes import BOOK_SHAPES, Ended, files_in, run

from lowlevel_cnn.commands import parser

IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"


def first_on_the_path(folder: Path, path: str = os.environ.get("PYTHONPATH", "")) -> str:
    """A variable that lets Python look into a folder before all others."""
    return os.pathsep.join([str(folder), *filter(None, [path])])


@pytest.fixture(scope="module")
def no_tensorflow(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """An environment in which importing TensorFlow ends the process with code 99."""
    folder = tmp_path_factory.mktemp("no_tensorflow")
    (folder / "tensorflow").mkdir()
    (folder / "tensorflow" / "__init__.py").write_text("import os\nos._exit(99)\n")
    return {
        "PYTHONPATH": first_on_the_path(folder),
        "XDG_CACHE_HOME": str(folder),
        "LOWLEVEL_CNN_MIRROR": "http://127.0.0.1:1/",
    }


@pytest.mark.parametrize("command", ["train", "eval", "run", "models", "plot"])
def test_help_of_a_command_needs_no_tensorflow(command: str, tmp_path: Path, no_tensorflow: Mapping[str, str]) -> None:
    ended = run(command, "--help", cwd=tmp_path, env=no_tensorflow, fresh=True)
    assert (ended.code, ended.err) == (0, [])
    assert ended.out[0].startswith(f"usage: lowlevel-cnn {command}")


def test_help_without_a_command_names_the_commands(tmp_path: Path, no_tensorflow: Mapping[str, str]) -> None:
    ended = run("--help", cwd=tmp_path, env=no_tensorflow, fresh=True)
    assert (ended.code, ended.err) == (0, [])
    assert all(f"    {command} " in "\n".join(ended.out) for command in ("train", "eval", "run", "models"))


@pytest.mark.parametrize(("module", "command"), [("mnist_train", "train"), ("mnist_eval", "eval")])
def test_the_two_commands_of_the_book_take_the_same_flags(
    module: str, command: str, tmp_path: Path, no_tensorflow: Mapping[str, str]
) -> None:
    of_the_book = run("--help", module=f"lowlevel_cnn.{module}", cwd=tmp_path, env=no_tensorflow, fresh=True)
    assert of_the_book == run(command, "--help", cwd=tmp_path, env=no_tensorflow, fresh=True)
    assert of_the_book.code == 0
    wrong = run("--no-such-flag", module=f"lowlevel_cnn.{module}", cwd=tmp_path, env=no_tensorflow, fresh=True)
    assert wrong.code == 2 and len(wrong.err) == 1


def test_without_matplotlib_plot_names_the_extra_to_install_before_it_looks_at_anything(
    tmp_path: Path, no_tensorflow: Mapping[str, str]
) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/matplotlib.py").write_text("raise ImportError('not here')\n")
    path = first_on_the_path(tmp_path / "hidden", no_tensorflow["PYTHONPATH"])
    words = ("plot", "--checkpoint-dir", "missing", "--output", "pictures")
    ended = run(*words, cwd=tmp_path, env={**no_tensorflow, "PYTHONPATH": path}, fresh=True)
    said = "error: plot needs matplotlib; install it with: pip install 'lowlevel-cnn[plots]'"
    assert ended == Ended(2, [], [said])
    assert not (tmp_path / "pictures").exists()


def test_models_lists_the_networks_for_people_and_for_scripts(tmp_path: Path) -> None:
    listed, as_json = run("models", cwd=tmp_path), run("models", "--json", cwd=tmp_path)
    assert (listed.code, as_json.code) == (0, 0)
    models = json.loads("\n".join(as_json.out))
    assert models[0]["name"] == "book-lenet"
    assert models[0]["parameters"] == 1_663_370
    assert sum(np.prod(shape) for shape in BOOK_SHAPES.values()) == 1_663_370
    assert [line.split()[0] for line in listed.out[1:]] == [model["name"] for model in models]


def test_models_lists_the_networks_also_where_the_output_has_no_chinese(tmp_path: Path) -> None:
    ended = run("models", cwd=tmp_path, env={"PYTHONIOENCODING": "cp1252"}, fresh=True)
    assert (ended.code, ended.err) == (0, [])


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("train", "--steps", "0"), "--steps"),
        (("train", "--steps", "1.5"), "--steps"),
        (("train", "--batch-size", "-1"), "--batch-size"),
        (("train", "--learning-rate", "nan"), "--learning-rate"),
        (("train", "--seed", "-1"), "--seed"),
        (("train", "--save-every", "0"), "--save-every"),
        (("train", "--keep", "0"), "--keep"),
        (("train", "--no-such-flag"), "--no-such-flag"),
        (("train", "--stepss", "5"), "--stepss"),
        (("train", "--model", "no-such-model"), "no-such-model"),
        (("train", "--dataset", "no-such-dataset"), "no-such-dataset"),
        (("train", "--data-dir", "missing"), "missing"),
        (("train", "--data-dir", "."), "train-images-idx3-ubyte.gz"),
        (("train", "--data-dir", "DATA", "--checkpoint-dir", "regular-file"), "regular-file"),
        (("train", "--data-dir", "DATA", "--checkpoint-dir", "regular-file/run"), "regular-file/run"),
        (("train", "--data-dir", "DATA", "--checkpoint-dir", "run[1]"), "run[1]"),
        (("eval", "--data-dir", "DATA", "--checkpoint-dir", "run[1]"), "run[1]"),
        (("eval", "--once", "--data-dir", "DATA", "--checkpoint-dir", "missing"), "missing"),
        (("eval", "--once", "--data-dir", "DATA", "--checkpoint-dir", "regular-file"), "regular-file"),
        (("eval", "--timeout-secs", "1", "--data-dir", "DATA", "--checkpoint-dir", "regular-file"), "regular-file"),
        (("eval", "--timeout-secs", "1", "--data-dir", "missing", "--checkpoint-dir", "run"), "missing"),
        (("eval", "--split", "training"), "--split"),
        (("eval", "--interval-secs", "0"), "--interval-secs"),
        (("run", "--steps", "0"), "--steps"),
        (("run", "--data-dir", "missing"), "missing"),
        (("run", "--data-dir", "DATA", "--checkpoint-dir", "run[1]"), "run[1]"),
        (("no-such-command",), "no-such-command"),
        ((), "COMMAND"),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, tuple) else "",
)
def test_a_wrong_call_is_one_line_that_names_what_is_wrong_and_writes_nothing(
    words: tuple[str, ...], named: str, tmp_path: Path, data: Path, no_tensorflow: Mapping[str, str]
) -> None:
    (tmp_path / "regular-file").write_text("mine")
    given = [str(data) if word == "DATA" else word for word in words]
    ended = run(*given, cwd=tmp_path, env=no_tensorflow, fresh=True)
    lines = [line for line in ended.err if "not the published MNIST" not in line]
    assert (ended.code, ended.out) == (2, []), ended
    assert len(lines) == 1 and lines[0].startswith("error: ") and named in lines[0], ended
    assert files_in(tmp_path) == {"regular-file": b"mine"}


@pytest.mark.parametrize(
    "line",
    [
        "train --checkpoint-dir=~/x --data-dir=~/x",
        "eval --checkpoint-dir=~/x --data-dir=~/x",
        "run --checkpoint-dir=~/x --data-dir=~/x",
        "reproduce --runs-dir=~/x --rows=~/x --table=~/x --data-dir=~/x",
        "data mnist --data-dir=~/x --plot=~/x",
        "inspect ~/x --diff=~/x",
        "inspect ~/x --tensor weight --output=~/x",
        "predict --checkpoint-dir=~/x --data-dir=~/x ~/x ~/x",
        "export --checkpoint-dir=~/x --output=~/x",
        "plot --checkpoint-dir=~/x --checkpoint-dir=~/x --output=~/x --image=~/x --data-dir=~/x",
    ],
)
def test_a_tilde_is_the_home_directory_also_after_an_equals_sign_and_in_quotes(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    parsed = repr(parser.parse(line.split()).options)
    assert "~" not in parsed
    words = line.split()
    # `run` hands its flags on to both of its processes.
    assert parsed.count(repr(str(tmp_path / "x"))[1:-1]) == sum("~" in word for word in words) * (
        2 if words[0] == "run" else 1
    )


def test_a_name_that_only_begins_with_a_tilde_stays_as_it_is() -> None:
    call = parser.parse(["predict", "--checkpoint-dir", "run~", "~no such user/7.png"])
    assert (call.options.checkpoint_dir, call.options.images) == ("run~", ["~no such user/7.png"])


def truncated(folder: Path) -> None:
    (folder / IMAGES).write_bytes((folder / IMAGES).read_bytes()[:-100])


def wrong_magic(folder: Path) -> None:
    (folder / IMAGES).write_bytes(gzip.compress(struct.pack(">4I", 0x0C03, 24, 28, 28) + bytes(24 * 28 * 28)))


def label_10(folder: Path) -> None:
    (folder / LABELS).write_bytes(gzip.compress(idx_bytes(np.array([0, 10] * 12, dtype=np.uint8))))


def labels_of_another_length(folder: Path) -> None:
    (folder / LABELS).write_bytes(gzip.compress(idx_bytes(np.zeros(23, dtype=np.uint8))))


@pytest.mark.parametrize("command", ["train", "run"])
@pytest.mark.parametrize(
    ("damage", "file", "said"),
    [
        (truncated, IMAGES, "is truncated"),
        (wrong_magic, IMAGES, "magic"),
        (label_10, LABELS, "label 10"),
        (labels_of_another_length, LABELS, "23 labels for 24 images"),
    ],
)
def test_bad_data_is_one_line_that_names_the_file_and_writes_nothing(
    damage: Callable[[Path], None],
    file: str,
    said: str,
    command: str,
    tmp_path: Path,
    no_tensorflow: Mapping[str, str],
) -> None:
    damage(write_mnist(tmp_path / "data", count_train=24, count_test=12))
    before = files_in(tmp_path)
    words = ("--data-dir", tmp_path / "data", "--checkpoint-dir", tmp_path / "run")
    ended = run(command, *words, cwd=tmp_path, env=no_tensorflow, fresh=True)
    errors = [line for line in ended.err if not line.startswith("Waiting for")]
    assert (ended.code, ended.out) == (2, []), ended
    assert len(errors) == 1 and file in errors[0] and said in errors[0], ended
    assert files_in(tmp_path) == before


@pytest.mark.parametrize(
    "change",
    [
        {"dataset": "no-such-dataset"},
        {"model": "no-such-model"},
        {"seed": "0"},
        {"hyper_parameters": {}},
        {"first_step": None},
    ],
    ids=lambda change: str(next(iter(change))),
)
@pytest.mark.parametrize("command", ["train", "eval"])
def test_a_record_that_no_run_wrote_is_one_line_that_names_it(
    command: str,
    change: Mapping[str, object],
    tmp_path: Path,
    data: Path,
    uninterrupted: tuple[Path, Ended],
    no_tensorflow: Mapping[str, str],
) -> None:
    record = {**json.loads((uninterrupted[0] / "run.json").read_text()), **change}
    (tmp_path / "run.json").write_text(json.dumps(record))
    before = files_in(tmp_path)
    ended = run(command, "--data-dir", data, "--checkpoint-dir", tmp_path, cwd=tmp_path, env=no_tensorflow, fresh=True)
    assert (ended.code, ended.out) == (2, []), ended
    assert len(ended.err) == 1 and str(tmp_path / "run.json") in ended.err[0], ended
    assert files_in(tmp_path) == before
