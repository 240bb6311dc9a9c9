"""The loop that runs training steps: batches, the source's lines, checkpoints, rows and summaries."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from lowlevel_cnn.checkpoints import listing, saving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.datasets.batches import Batches, Split
from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.runs import metrics
from lowlevel_cnn.runs.locking import Lock
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.messages import warn
from lowlevel_cnn.system.signals import DeferredInterrupt
from lowlevel_cnn.training.printed_lines import Step, training_lines
from lowlevel_cnn.training.profiling import Profiler
from lowlevel_cnn.training.summaries import TrainingSummaries

if TYPE_CHECKING:
    from lowlevel_cnn.mnist_train import TrainingStep
    from lowlevel_cnn.tensorflow_v1 import tf


@dataclass(frozen=True)
class Run:
    """What is trained, and where.

    Attributes:
        directory: the run directory.
        flags: of the command `train`.
        record: of the run.
        examples: the training images.
        lock: of the directory.
        is_new: whether the directory has no record of it yet.
    """

    directory: Path
    flags: argparse.Namespace
    record: RunRecord
    examples: Split
    lock: Lock
    is_new: bool


def checkpoint_to_resume(run: Run) -> Checkpoint | None:
    """The newest good checkpoint in the run directory, or None; says where the training begins.

    Raises:
        WorkError: there are checkpoints and none can be read.
    """
    resumed = listing.newest_good(run.directory, warn)
    start, stop = resumed.step if resumed else 0, run.record.training_steps
    if start >= stop:
        print(f"{run.directory} is trained already: {start} step(s) of {stop}; raise --steps to go on.", flush=True)
    else:
        steps = f"from step {start} to {stop}"
        print(f"Training {run.record.model} on {run.record.dataset}: {steps} in {run.directory}", flush=True)
    return resumed


class Feeds:
    """What a training step is fed: a batch, or a slice of it where several tasks share it.

    Args:
        examples: the training images.
        record: of the run; for the batch size and the seed.
        part: which slice.
        parts: of how many.
    """

    def __init__(self, examples: Split, record: RunRecord, part: int = 0, parts: int = 1) -> None:
        self._batches = Batches(examples, record.restored_model().batch_size, record.seed)
        count = record.restored_model().batch_size // parts
        self._slice = slice(part * count, (part + 1) * count)

    def of(self, step: TrainingStep, batch: int) -> dict[Any, np.ndarray]:
        """Batch `batch` (from 0) for the placeholders of a step."""
        images, labels = self._batches.batch(batch)
        return {step.images: images[self._slice], step.labels: labels[self._slice]}


class Loop:
    """Runs training steps; prints, checks and saves.

    Args:
        run: what is trained.
        step: its graph.
        session: runs the steps.
        saved_from: the session whose variables are saved, where `session` wraps it.
        feeds: the batches; by default all of each.
        next_batch: the batch for the step after so many; None where there is no more to do. By default the step's own.
    """

    def __init__(
        self,
        run: Run,
        step: TrainingStep,
        session: tf.Session,
        *,
        saved_from: tf.Session = None,
        feeds: Feeds | None = None,
        next_batch: Callable[[int], int | None] | None = None,
    ) -> None:
        self._run = run
        self._step = step
        self._session = saved_from or session
        self._model = run.record.restored_model()
        self._feeds = feeds or Feeds(run.examples, run.record)
        self._next_batch = next_batch or (lambda done: done if done < self._model.training_steps else None)
        self._profiler = Profiler(session, run.directory, run.flags.profile)
        self._summaries = TrainingSummaries(
            self._profiler.run, self._session, step.summaries, run.directory, run.flags.summary_every
        )
        style = run.flags.lines or self._model.lines
        self._lines = training_lines(style, self._model, len(run.examples), run.flags.log_every)
        self._log_probabilities_every = run.flags.log_probabilities_every
        self._saved = 0

    def run(self, start: int, interrupt: DeferredInterrupt) -> None:
        """Trains from global step `start` to the model's last, or to the step in which an interrupt comes."""
        done = self._saved = start
        self._summaries.begin(start, [self._step.train_op, self._step.loss])
        # In a cluster others may do all the steps that are left.
        loss: float | None = None
        # disable=None: no bar where standard error is not a terminal.
        with tqdm(total=self._model.training_steps, initial=start, unit="step", disable=None, file=sys.stderr) as bar:
            while interrupt.signal_number is None and (batch := self._next_batch(done)) is not None:
                step = self._train_one(batch, done)
                done, loss = step.done, step.loss
                bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
                bar.update(done - step.before)
                saved = step.is_due(self._run.flags.save_every) and self._save_with_row(done, loss)
                _say(bar, self._lines.after_step(step, saved=saved))
                if self._log_probabilities_every and step.is_due(self._log_probabilities_every):
                    _say(bar, self._lines.probabilities(step))
            if interrupt.signal_number is None:
                # Beyond the last step that was seen here others may have done some.
                done = int(self._session.run(self._step.global_step))
                saved = self._save_with_row(done, loss)
                if done > start:
                    _say(bar, self._lines.at_the_end(done, loss, saved=saved))
        profile = self._profiler.finish()
        if profile:
            print(profile, flush=True)
        if interrupt.signal_number is not None:
            self._save(done)
            directory = self._run.directory
            print(f"Stopped after {done} training step(s) in {directory}; the same command goes on from there.")

    def _train_one(self, batch: int, before: int) -> Step:
        """One step after `before` others, with its probabilities where somebody wants them."""
        fetches = [self._step.train_op, self._step.steps_done, self._step.loss]
        if self._lines.want_probabilities or self._log_probabilities_every:
            fetches.append(self._step.probabilities)
        feeds = self._feeds.of(self._step, batch)
        _, done, loss, *probabilities = self._summaries.run(fetches, feeds, before + 1)
        if not np.isfinite(loss):
            raise self._diverged(int(done), f"the loss is {loss}")
        return Step(before, int(done), float(loss), feeds[self._step.labels], *probabilities)

    def _save_with_row(self, done: int, loss: float | None) -> bool:
        """As `_save`, with the step's loss in the trainer's rows where it is known."""
        saved = self._save(done)
        if saved and loss is not None:
            metrics.append_training(self._run.directory, done, loss)
        return saved

    def _save(self, done: int) -> bool:
        """Saves a checkpoint, where this step has none; whether it did."""
        if done == self._saved:
            return False
        if not self._session.run(self._step.weights_are_finite):
            raise self._diverged(done, "a weight is not finite")
        self._run.lock.check()
        keep, first_step = self._run.flags.keep, self._run.record.first_step
        saving.save(self._step.saver, self._session, self._run.directory, done, keep=keep, first_step=first_step)
        self._saved = done
        return True

    def _diverged(self, step: int, what: str) -> WorkError:
        good = listing.listed(self._run.directory)
        newest = f"{good[-1].prefix} is the last good checkpoint" if good else "no checkpoint was saved yet"
        return WorkError(
            f"training diverged at step {step}: {what}; {newest}; try a lower --learning-rate with --fresh"
        )


def _say(bar: tqdm, lines: list[str]) -> None:
    for line in lines:
        bar.write(line, file=sys.stdout)
    sys.stdout.flush()
