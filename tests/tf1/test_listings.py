"""The sources' programs run as they stand, from the first line to the last, and print what their pages print."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from helpers.made_data import write_mnist
from helpers.processes import run

LISTINGS = Path(__file__).parent / "listings"
LAST = 21  # the last step that the book's trainer saves here


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment with made-up images where the tutorials' reader finds them; it holds out 5,000 of them."""
    folder = tmp_path_factory.mktemp("published")
    for name in ("mnist", "fashion-mnist"):
        write_mnist(folder / name, count_train=5_600, count_test=100)
    return {"LOWLEVEL_CNN_DATA": str(folder)}


def copied(name: str, target: Path) -> Path:
    """A listing, or the folder of several, in an empty folder."""
    source = LISTINGS / name
    return Path((shutil.copytree if source.is_dir() else shutil.copy)(source, target / name))


def test_the_book_s_trainer_and_evaluator_run_and_lowlevel_cnn_reads_what_they_save(
    tmp_path: Path, published: dict[str, str]
) -> None:
    folder = copied("book", tmp_path)
    trained = run("tf1", "mnist_train.py", LAST, LAST - 1, cwd=folder, env=published)
    assert trained.code == 0, trained
    assert len(trained.extracted) == 4
    assert [re.sub(r"is [\d.]+\.", "is L.", line) for line in trained.out] == [
        f"After {step} training step(s), loss on training batch is L." for step in (1, LAST)
    ]
    scored = run("tf1", "mnist_eval.py", LAST, LAST - 1, LAST, cwd=folder, env=published)
    assert scored.code == 0 and len(scored.out) == 1, scored
    assert scored.out[0].startswith(f"After {LAST} training step(s), validation accuracy = ")
    words = ("eval", "--checkpoint-dir", "MNIST_model", "--model", "book-lenet", "--once")
    ours = run(*words, cwd=folder, env=published)
    assert ours.code == 0 and ours.out[0].startswith(f"After {LAST} training step(s), validation accuracy = "), ours


def test_the_guide_s_estimator_trains_evaluates_and_logs_as_the_guide_shows(
    tmp_path: Path, published: dict[str, str]
) -> None:
    ended = run("tf1", copied("guide.py", tmp_path), 2, tmp_path / "model", cwd=tmp_path, env=published)
    assert ended.code == 0, ended
    logged = "\n".join(ended.err)
    for shown in (
        r"INFO:tensorflow:loss = [\d.]+, step = 1$",
        r"INFO:tensorflow:probabilities = \[\[",
        r"INFO:tensorflow:Saving checkpoints for 2 into .*model\.ckpt\.$",
        r"INFO:tensorflow:Loss for final step: [\d.]+\.$",
        r"INFO:tensorflow:Saving dict for global step 2: accuracy = [\d.]+, global_step = 2, loss = [\d.]+$",
    ):
        assert re.search(shown, logged, re.MULTILINE), (shown, logged)
    assert re.fullmatch(r"\{'accuracy': [\d.]+, 'loss': [\d.]+, 'global_step': 2\}", ended.out[-1]), ended.out


def test_the_program_of_the_fashion_article_reads_fashion_mnist(tmp_path: Path, published: dict[str, str]) -> None:
    ended = run("tf1", copied("fashion.py", tmp_path), 2, cwd=tmp_path, env=published)
    assert ended.code == 0, ended
    assert all("fashion-mnist" in line for line in ended.extracted) and len(ended.extracted) == 4
    assert "'global_step': 2}" in ended.out[-1]


def test_the_tensorflow_program_of_mastering_tensorflow_prints_each_epoch_s_loss_and_the_accuracy(
    tmp_path: Path, published: dict[str, str]
) -> None:
    ended = run("tf1", copied("mastering_tf.py", tmp_path), 1, cwd=tmp_path, env=published)
    assert ended.code == 0, ended
    assert re.fullmatch(r"Epoch: 0000   loss = [\d.]+", ended.out[0])
    assert ended.out[1] == "Model Trained." and re.fullmatch(r"Accuracy: [\d.]+", ended.out[2])


def test_the_keras_program_of_the_same_chapter_runs_through_tf_keras(tmp_path: Path, published: dict[str, str]) -> None:
    pytest.importorskip("tf_keras", reason="Keras 2 is in the package tf_keras, which the extra `tf1` installs")
    ended = run("tf1", copied("mastering_keras.py", tmp_path), 1, cwd=tmp_path, env=published, fresh=True)
    assert ended.code == 0, ended
    assert re.search(r"^Total params: 3,?255,?914", "\n".join(ended.out), re.MULTILINE)
    assert re.search(r"^Test accuracy: [\d.]+$", "\n".join(ended.out), re.MULTILINE)
