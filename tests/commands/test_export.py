"""`export`: a SavedModel that TensorFlow 2 loads, converts and agrees with, and plain NumPy weights."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import made_images
from helpers.numpy_oracle import book_logits
from helpers.processes import BOOK_SHAPES, Ended, files_in, run, tensors

from lowlevel_cnn.commands import parser
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.errors import InputError, WorkError

AVERAGE = "/ExponentialMovingAverage"
# What a user has who has only TensorFlow: no package of ours is imported.
TENSORFLOW_ALONE = """
import sys
import numpy as np
import tensorflow as tf
images = np.load(sys.argv[2])
loaded = tf.saved_model.load(sys.argv[1])
assert tf.executing_eagerly()
found = loaded.signatures["serving_default"](images=tf.constant(images))
converter = tf.lite.TFLiteConverter.from_saved_model(sys.argv[1])
interpreter = tf.lite.Interpreter(model_content=converter.convert())
runner = interpreter.get_signature_runner("serving_default")
lite = runner(images=images)
assert "lowlevel_cnn" not in sys.modules
np.savez(sys.argv[3], lite=lite["probabilities"], **{name: value.numpy() for name, value in found.items()})
"""


def exported(directory: Path, output: Path, *words: str) -> int:
    return parser.parse(["export", "--checkpoint-dir", str(directory), "--output", str(output), *words]).run()


def test_tensorflow_alone_loads_and_converts_the_saved_model_and_gives_the_evaluators_probabilities(
    uninterrupted: tuple[Path, Ended], tmp_path: Path
) -> None:
    directory = uninterrupted[0]
    assert exported(directory, tmp_path / "model") == 0
    images = scale(made_images(7, seed=5)[0])
    np.save(tmp_path / "images.npy", images)
    words = [sys.executable, "-c", TENSORFLOW_ALONE, "model", "images.npy", "found.npz"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    found = np.load(tmp_path / "found.npz")
    assert set(found) == {"classes", "probabilities", "lite"}

    values = tensors(directory / "model.ckpt-60")
    logits = book_logits(images, {name: values[name + AVERAGE] for name in BOOK_SHAPES})
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    assert np.abs(found["probabilities"] - probabilities).max() < 1e-6
    assert np.abs(found["lite"] - probabilities).max() < 1e-6
    assert found["classes"].tolist() == logits.argmax(axis=1).tolist()


@pytest.mark.parametrize("weights, suffix", [("average", AVERAGE), ("raw", "")])
def test_npz_holds_the_weights_under_their_own_names(
    weights: str, suffix: str, uninterrupted: tuple[Path, Ended], tmp_path: Path
) -> None:
    directory = uninterrupted[0]
    assert exported(directory, tmp_path / "weights.npz", "--format", "npz", "--weights", weights) == 0
    values, found = tensors(directory / "model.ckpt-60"), np.load(tmp_path / "weights.npz")
    assert set(found) == set(BOOK_SHAPES)
    for name in BOOK_SHAPES:
        assert np.array_equal(found[name], values[name + suffix])


def test_an_export_is_replaced_only_with_force_and_anything_else_never(
    uninterrupted: tuple[Path, Ended], tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/letter.txt").write_text("dear")
    exported(uninterrupted[0], tmp_path / "model")
    before = files_in(tmp_path)
    for output, words in (
        ("model", ()),
        ("home", ("--force",)),
        ("home/letter.txt", ("--force",)),
        ("model", ("--force", "--format", "npz")),
        ("model.npz/inside", ()),
    ):
        with pytest.raises(InputError, match="--output"):
            exported(uninterrupted[0], tmp_path / output, *words)
        assert files_in(tmp_path) == before
    assert exported(uninterrupted[0], tmp_path / "model", "--force") == 0
    assert files_in(tmp_path).keys() == before.keys()


def test_a_directory_without_a_checkpoint_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for directory, said in (("empty", "specify their network with --model"), ("nowhere", "no such directory")):
        ended = run("export", "--checkpoint-dir", directory, "--output", "out", cwd=tmp_path)
        assert (ended.code, ended.out, len(ended.err)) == (2, [], 1)
        assert said in ended.err[0]
    ended = run(
        "export", "--checkpoint-dir", "empty", "--model", "book-lenet", "--output", "out", cwd=tmp_path, fresh=True
    )
    assert ended.code == 2 and "contains no checkpoint" in ended.err[0]
    assert not (tmp_path / "out").exists()


def test_on_a_full_disk_nothing_of_an_export_stays_and_the_line_names_it(
    trained_here: Path, tmp_path: Path, full_disk: Callable[[], AbstractContextManager[None]]
) -> None:
    for name, words in (("weights.npz", ("--format", "npz")), ("model", ())):
        with full_disk(), pytest.raises((OSError, WorkError)) as raised:
            exported(trained_here, tmp_path / name, *words)
        assert name in str(raised.value), raised.value
        assert not list(tmp_path.iterdir())
