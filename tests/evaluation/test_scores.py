"""The score of a checkpoint is printed, and recorded where it is one of the run's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.datasets import Dataset
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.evaluation import best_checkpoint
from lowlevel_cnn.evaluation.checkpoint_iterator import CheckpointIterator
from lowlevel_cnn.evaluation.printed_lines import EvaluationLines
from lowlevel_cnn.evaluation.scores import Score, Scores
from lowlevel_cnn.runs import metrics, run_record
from lowlevel_cnn.runs.options import EvalOptions
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.tensorflow_v1 import tf

IMAGES = Split(np.zeros((4, 28, 28, 1), np.uint8), np.zeros(4, np.uint8))
DATASET = Dataset("mnist", tuple("0123456789"), IMAGES, IMAGES, IMAGES)
SCORE = Score(accuracy=0.75, loss=0.5, accuracy_in_top=1.0, seconds=0.1234)


@pytest.fixture(autouse=True)
def graph() -> Iterator[None]:
    """TensorFlow's `FileWriter` is for graph code, as an evaluation is."""
    with tf.Graph().as_default():
        yield


def scores_of(directory: Path, weights: str = "average", options: EvalOptions | None = None) -> Scores:
    """The scores of a run of `lenet-5` with checkpoints of two steps, of which only the names are there."""
    directory.mkdir(exist_ok=True)
    model = models.get("lenet-5")
    RunRecord(model.name, "mnist", 0, run_record.hyper_parameters(model)).write(directory)
    for step in (1, 11):
        (directory / f"model.ckpt-{step}.index").touch()
    checkpoints = CheckpointIterator(directory, options or EvalOptions())
    checkpoints.model_and_dataset()
    return Scores(directory, checkpoints, DATASET, "validation", weights, EvaluationLines("book", 11))


def checkpoint(directory: Path, step: int) -> Checkpoint:
    return Checkpoint(step, directory / f"model.ckpt-{step}")


def test_a_score_has_its_line_and_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(best_checkpoint, "keep", lambda *words: True)
    scores = scores_of(tmp_path / "run")
    scores.add(checkpoint(tmp_path / "run", 11), SCORE)
    assert capsys.readouterr().out == "After 11 training step(s), validation accuracy = 0.75\n"
    [row] = metrics.read(tmp_path / "run", "validation", "average")
    assert (row.step, row.accuracy, row.loss, row.images, row.seconds) == (11, 0.75, 0.5, 4, 0.123)
    assert row.data_checksum == DATASET.checksum


def test_a_step_that_has_a_row_gets_no_second_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best_checkpoint, "keep", lambda *words: True)
    scores_of(tmp_path / "run").add(checkpoint(tmp_path / "run", 11), SCORE)
    again = scores_of(tmp_path / "run")
    assert again.steps == {11}
    again.add(checkpoint(tmp_path / "run", 11), SCORE)
    assert len(metrics.read(tmp_path / "run", "validation", "average")) == 1


@pytest.mark.parametrize(("weights", "kept"), [("average", [11]), ("raw", [])])
def test_the_best_checkpoint_is_one_of_averaged_weights(
    weights: str, kept: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(best_checkpoint, "keep", lambda directory, each, row: asked.append(each.step))
    scores_of(tmp_path / "run", weights).add(checkpoint(tmp_path / "run", 11), SCORE)
    assert asked == kept


def test_an_evaluation_that_has_nothing_left_to_do_prints_the_last_score_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(best_checkpoint, "keep", lambda *words: True)
    assert not scores_of(tmp_path / "run").end()
    scores = scores_of(tmp_path / "run")
    for step in (11, 1):
        scores.add(checkpoint(tmp_path / "run", step), SCORE)
    assert scores.end()
    capsys.readouterr()
    assert scores_of(tmp_path / "run").end()
    assert capsys.readouterr().out == "After 11 training step(s), validation accuracy = 0.75\n"


def test_a_best_checkpoint_that_cannot_be_kept_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # There are no data files: the copy cannot be read.
    scores_of(tmp_path / "run").add(checkpoint(tmp_path / "run", 11), SCORE)
    assert "best: not updated with step 11" in capsys.readouterr().err
    assert len(metrics.read(tmp_path / "run", "validation", "average")) == 1
