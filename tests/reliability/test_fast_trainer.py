"""A trainer that saves at every step and keeps one checkpoint, and an evaluator that reads as fast as it can."""

from __future__ import annotations

import re
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import Start
from helpers.processes import PATIENCE, Ended, Started, same_bits, steps_in
from helpers.torture import Report
from small_runs import endless_words, newest, set_steps, uninterrupted_until

from lowlevel_cnn import datasets, mnist_eval, models
from lowlevel_cnn.runs import metrics
from lowlevel_cnn.runs.metrics import Row
from lowlevel_cnn.tensorflow_v1 import tf

LEAST_ROWS = 3  # of checkpoints that are scored while the trainer runs
_PRINTED = re.compile(r"After (\d+) training step\(s\), validation accuracy = (\S+)")


@dataclass(frozen=True)
class Beside:
    """A trainer and the evaluator beside it, after both have ended."""

    steps: int
    least_steps: int
    trainer: Ended
    evaluator: Ended
    rows: list[Row]
    most_checkpoints: int
    every_checkpoint: Path  # the same training once more, which kept all
    last_checkpoint: Path


def most_checkpoints(directory: Path, trainer: Started, steps: int) -> int:
    """The most checkpoints in a directory at any look, until so many steps are done and some checkpoints scored."""
    most, deadline = 0, time.monotonic() + 10 * PATIENCE
    while max(there := steps_in(directory), default=0) < steps or len(rows_in(directory)) < LEAST_ROWS:
        assert trainer.process.poll() is None, trainer.ended()
        assert time.monotonic() < deadline
        most = max(most, len(there))
        time.sleep(0.002)
    return most


def rows_in(directory: Path) -> list[Row]:
    return metrics.read(directory, "validation", "average")


@pytest.fixture
def beside(start: Start, data: Path, tmp_path: Path, full: bool) -> Iterator[Beside]:
    least_steps = 1000 if full else 60
    directory, every = tmp_path / "run", tmp_path / "every"
    evaluator = start("eval", "--all", "--interval-secs", 0.01, "--data-dir", data, "--checkpoint-dir", directory)
    evaluator.wait_for("Waiting for a run in")
    trainer = start(*endless_words(data, directory, keep=1))
    most = most_checkpoints(directory, trainer, least_steps)
    trainer.signal(signal.SIGTERM)
    steps = newest(directory)
    # The run is over for the evaluator when it has scored the last.
    set_steps(directory, steps)
    endings = trainer.ended(), evaluator.ended()
    uninterrupted_until(steps, data, every)
    last = directory / f"model.ckpt-{steps}"
    yield Beside(steps, least_steps, *endings, rows_in(directory), most, every, last)
    # Over a gigabyte at full settings.
    shutil.rmtree(every)


def offline_scores(directory: Path, data: Path, steps: list[int]) -> list[tuple[float, float]]:
    """Accuracy and loss of checkpoints on the validation images, without an evaluator."""
    validation = datasets.load("mnist", str(data)).validation
    with tf.Graph().as_default(), tf.Session() as session:
        graph = mnist_eval.evaluation_graph(models.get("lenet-5"), "average")
        saver = tf.train.Saver(tf.train.ExponentialMovingAverage(0.0).variables_to_restore())
        scores = []
        for step in steps:
            saver.restore(session, str(directory / f"model.ckpt-{step}"))
            accuracy, loss, _ = mnist_eval.score(session, graph, validation)
            scores.append((accuracy, loss))
    return scores


def test_beside_a_trainer_that_deletes_what_it_reads_the_evaluator_scores_in_order_and_to_the_last_step(
    beside: Beside, data: Path, report: Report
) -> None:
    steps = [row.step for row in beside.rows]
    scores = offline_scores(beside.every_checkpoint, data, steps)
    equal = sum(
        row.accuracy == accuracy and abs(row.loss - loss) < 1e-6
        for row, (accuracy, loss) in zip(beside.rows, scores, strict=True)
    )
    report(f"scores beside {beside.least_steps:,} saves, one kept, equal to offline ones", f"{equal} of {len(steps)}")
    report("most checkpoints at any look, where one is kept", str(beside.most_checkpoints))
    assert (beside.trainer.code, beside.evaluator.code) == (128 + signal.SIGTERM, 0), beside.evaluator
    assert "damaged" not in "".join(beside.evaluator.err)
    assert "Traceback" not in "".join(beside.evaluator.err + beside.trainer.err)
    assert same_bits(beside.last_checkpoint, beside.every_checkpoint / beside.last_checkpoint.name)
    assert all(first < second for first, second in pairwise(steps))
    assert steps[-1] == beside.steps
    assert equal == len(steps)
    assert beside.most_checkpoints <= 2
    printed = [_PRINTED.fullmatch(line) for line in beside.evaluator.out]
    assert [match and match.groups() for match in printed] == [
        (str(row.step), f"{row.accuracy:g}") for row in beside.rows
    ]
