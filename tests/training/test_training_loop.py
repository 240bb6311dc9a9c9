"""The training loop, in this process."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.processes import steps_in

from lowlevel_cnn import models
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.mnist_train import run_training_steps, training_step
from lowlevel_cnn.runs import metrics, run_record
from lowlevel_cnn.runs.locking import locked
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.signals import DeferredInterrupt
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training.loop import Loop
from lowlevel_cnn.training.training_run import TrainingRun

MODEL = replace(models.get("book-lenet"), batch_size=2, training_steps=100)
OPTIONS = TrainOptions(summary_every=0)
EXAMPLES = Split(np.zeros((4, 28, 28, 1), np.uint8), np.zeros(4, np.uint8))


def test_a_chief_whose_workers_took_all_steps_invents_no_loss_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = RunRecord("book-lenet", "mnist", 0, run_record.hyper_parameters(MODEL))
    with locked(tmp_path) as lock, tf.Graph().as_default(), tf.Session() as session:
        step = training_step(MODEL, len(EXAMPLES))
        session.run(tf.global_variables_initializer())
        run = TrainingRun(tmp_path, OPTIONS, record, MODEL, EXAMPLES, lock, is_new=True)
        loop = Loop(run, step, session, next_batch=lambda done: None)
        step.global_step.load(100, session)
        run_training_steps(loop, session, 0, DeferredInterrupt())
    assert steps_in(tmp_path) == [100]
    assert metrics.read_training(tmp_path) == []
    assert capsys.readouterr().out == (
        "After 100 training step(s), all run by other tasks: no loss on training batch is known here.\n"
    )


def trained(
    directory: Path, options: TrainOptions, steps: int, interrupt: DeferredInterrupt | None = None, start: int = 0
) -> list[dict[str, Any]]:
    """What each `session.run` of a training was asked for; the training begins after `start` steps."""
    model = replace(MODEL, training_steps=steps)
    record = RunRecord("book-lenet", "mnist", 0, run_record.hyper_parameters(model))
    asked: list[dict[str, Any]] = []
    with locked(directory) as lock, tf.Graph().as_default(), tf.Session() as session:
        step = training_step(model, len(EXAMPLES))
        session.run(tf.global_variables_initializer())
        step.global_step.load(start, session)
        loop = Loop(TrainingRun(directory, options, record, model, EXAMPLES, lock, is_new=True), step, session)

        class Recording:
            """The session, which is asked once a step."""

            def run(self, fetches: dict[str, Any], feeds: dict[Any, Any], **arguments: Any) -> Any:
                asked.append({**fetches, **arguments})
                if interrupt and len(asked) == 2:
                    interrupt.signal_number = signal.SIGTERM
                return session.run(fetches, feeds, **arguments)

        run_training_steps(loop, Recording(), start, interrupt or DeferredInterrupt())
    return asked


def test_a_checkpoint_is_saved_after_1_1001_2001_steps_and_after_the_last_and_each_has_its_line_and_its_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = trained(tmp_path, TrainOptions(summary_every=0, save_every=2), steps=4)
    assert steps_in(tmp_path) == [1, 3, 4]
    rows = metrics.read_training(tmp_path)
    assert [row.step for row in rows] == [1, 3, 4]
    assert capsys.readouterr().out.splitlines() == [
        f"After {row.step} training step(s), loss on training batch is {row.loss:g}." for row in rows
    ]
    assert [set(each) for each in asked] == [{"train_op", "steps_done", "loss"}] * 4


def test_the_session_runs_once_a_step_with_all_that_is_wanted_of_it(tmp_path: Path) -> None:
    options = TrainOptions(summary_every=2, save_every=100, log_probabilities_every=3, profile=1)
    asked = trained(tmp_path, options, steps=12)
    assert len(asked) == 12
    assert all("probabilities" in each for each in asked)
    assert [number for number, each in enumerate(asked, 1) if "summaries" in each] == [2, 4, 6, 8, 10, 12]
    assert [number for number, each in enumerate(asked, 1) if "run_metadata" in each] == [11]
    assert (tmp_path / "profile-11-11.json").exists()


def test_a_signal_ends_the_loop_after_its_step_with_a_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = trained(tmp_path, TrainOptions(summary_every=0, save_every=100), 50, DeferredInterrupt())
    assert len(asked) == 2 and steps_in(tmp_path) == [1, 2]
    assert capsys.readouterr().out.splitlines()[-1].startswith("Stopped after 2 training step(s) in ")
    # The step of the signal has no row: its line was not printed.
    assert [row.step for row in metrics.read_training(tmp_path)] == [1]


def test_a_loss_that_is_not_finite_ends_the_training_and_names_the_last_good_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=r"training diverged at step 1: the loss is nan; no checkpoint was saved yet"):
        diverging(tmp_path)
    (tmp_path / "model.ckpt-5.index").touch()
    with pytest.raises(WorkError, match=r"the loss is nan; .*model\.ckpt-5 is the last good checkpoint"):
        diverging(tmp_path)


def diverging(directory: Path) -> None:
    """A training that begins where the logits are not numbers."""
    record = RunRecord("book-lenet", "mnist", 0, run_record.hyper_parameters(MODEL))
    with locked(directory) as lock, tf.Graph().as_default(), tf.Session() as session:
        step = training_step(MODEL, len(EXAMPLES))
        session.run(tf.global_variables_initializer())
        run = TrainingRun(directory, OPTIONS, record, MODEL, EXAMPLES, lock, is_new=True)
        tf.trainable_variables()[-1].load(np.full(10, np.nan, np.float32), session)
        loop = Loop(run, step, session)
        run_training_steps(loop, session, 0, DeferredInterrupt())
