"""The training loop, in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.processes import steps_in

from lowlevel_cnn import models
from lowlevel_cnn.datasets.batches import Split
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
        run = TrainingRun(tmp_path, OPTIONS, record, EXAMPLES, lock, is_new=True)
        loop = Loop(run, step, session, next_batch=lambda done: None)
        step.global_step.load(100, session)
        run_training_steps(loop, session, 0, DeferredInterrupt())
    assert steps_in(tmp_path) == [100]
    assert metrics.read_training(tmp_path) == []
    assert capsys.readouterr().out == (
        "After 100 training step(s), all run by other tasks: no loss on training batch is known here.\n"
    )
