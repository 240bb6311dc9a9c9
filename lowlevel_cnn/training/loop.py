"""Support the training loop around its `session.run`: fetches, printed lines, checkpoints, summaries."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.checkpoints.restoring import Restorer
from lowlevel_cnn.checkpoints.saving import CheckpointSaver
from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.runs import metrics
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training.printed_lines import training_lines
from lowlevel_cnn.training.profiling import Profiler
from lowlevel_cnn.training.summaries import Summaries, TrainingSummaries
from lowlevel_cnn.training.training_lines import Step
from lowlevel_cnn.training.training_run import Feeds, TrainingRun


@dataclass(frozen=True)
class TrainingStep:
    """The graph of one training step.

    Attributes:
        images: placeholder `[batch, height, width, channels]` float32 in [0, 1].
        labels: placeholder `[batch]` int64.
        global_step: the number of steps done.
        probabilities: `[batch, labels]`, the softmax of the logits with dropout.
        loss: cross entropy plus regularization, before the step's update.
        train_op: updates the weights, then their moving averages, and increments the global step.
        steps_done: the global step after it.
        weights_are_finite: False if any weight is infinite or NaN.
        summaries: the summaries of scalars and weights.
        saver: saves all variables.
        restorer: restores them from a checkpoint.
    """

    images: tf.Tensor
    labels: tf.Tensor
    global_step: tf.Variable
    probabilities: tf.Tensor
    loss: tf.Tensor
    train_op: tf.Operation
    steps_done: tf.Tensor
    weights_are_finite: tf.Tensor
    summaries: Summaries
    saver: CheckpointSaver
    restorer: Restorer


class Loop:
    """Prepares each `session.run` of a training run, and handles its results.

    Args:
        run: the run to train.
        step: the graph of its training step.
        session: the session with the variables.
        feeds: the batches; by default whole ones.
        next_batch: maps the number of steps done to the next batch's number, or to None if there is nothing left to
            do. By default the two numbers are equal.
    """

    def __init__(
        self,
        run: TrainingRun,
        step: TrainingStep,
        session: tf.Session,
        *,
        feeds: Feeds | None = None,
        next_batch: Callable[[int], int | None] | None = None,
    ) -> None:
        self._run, self._step, self._session, self._options = run, step, session, run.options
        self._model = run.model
        self._feeds = feeds or Feeds(run.examples, run.record)
        self.next_batch = next_batch or (lambda done: done if done < self._model.training_steps else None)
        self._profiler = Profiler(run.directory, self._options.profile)
        self._summaries = TrainingSummaries(session, step.summaries, run.directory, self._options.summary_every)
        style = self._options.lines or self._model.lines
        self._lines = training_lines(style, self._model, len(run.examples), self._options.log_every)
        self._start = self._saved = 0

    @contextlib.contextmanager
    def begun(self, start: int) -> Iterator[None]:
        """Show a progress bar and start an event file, for training from global step `start`."""
        self._start = self._saved = start
        self._summaries.begin(start, [self._step.train_op, self._step.loss])
        with self._run.progress_bar(total=self._model.training_steps, initial=start, unit="step") as bar:
            self._bar = bar
            yield

    def feed_dict(self, batch: int) -> dict[Any, np.ndarray]:
        """Return batch `batch` (from 0) for the placeholders of the step."""
        images, labels = self._feeds.batch(batch)
        return {self._step.images: images, self._step.labels: labels}

    def fetches(self, done: int) -> dict[str, Any]:
        """Return the fetches of the step after `done` others: the step itself, and any values needed with it."""
        step = self._step
        wanted = {"train_op": step.train_op, "steps_done": step.steps_done, "loss": step.loss}
        if self._lines.want_probabilities or self._options.log_probabilities_every:
            wanted["probabilities"] = step.probabilities
        return {**wanted, **self._summaries.fetches(done + 1)}

    def run_arguments(self) -> dict[str, Any]:
        """Return further arguments of `session.run`: those for tracing, if this step is to be traced."""
        return self._profiler.run_arguments()

    def completed(self, done: int, feeds: Mapping[Any, np.ndarray], values: Mapping[str, Any]) -> Step:
        """Return the step just run after `done` others, and write its summaries.

        Raises:
            WorkError: the loss is not finite.
        """
        self._profiler.after_step(done + 1)
        self._summaries.after_step(done + 1, values)
        loss = float(values["loss"])
        if not np.isfinite(loss):
            raise self._diverged(int(values["steps_done"]), f"the loss is {values['loss']}")
        return Step(done, int(values["steps_done"]), loss, feeds[self._step.labels], values.get("probabilities"))

    def save_if_due(self, step: Step) -> bool:
        """Save a checkpoint after 1, 1 + save_every, ... steps; return whether one was saved."""
        return step.is_due(self._options.save_every) and self._save_with_row(step.done, step.loss)

    def print_lines(self, step: Step, *, saved: bool) -> None:
        """Print the source's lines after a step."""
        self._bar.set_postfix(loss=f"{step.loss:.4f}", refresh=False)
        self._bar.update(step.done - step.before)
        self._print(self._lines.after_step(step, saved=saved))
        every = self._options.log_probabilities_every
        if every and step.is_due(every):
            self._print(self._lines.probabilities(step))

    def end(self, last: Step | None) -> None:
        """Save the last checkpoint and print the last lines.

        Args:
            last: the last step of this process; None if it took none, as other tasks of a cluster may take all.
        """
        # Other tasks may have taken steps beyond the last one seen here.
        done = int(self._session.run(self._step.global_step))
        loss = last.loss if last else None
        saved = self._save_with_row(done, loss)
        if done > self._start:
            self._print(self._lines.at_the_end(done, loss, saved=saved))

    def print_profile(self) -> None:
        """Write the timeline, and print the most expensive operations, if a profile was asked for."""
        if profile := self._profiler.finish():
            print(profile, flush=True)

    def stop(self, done: int) -> None:
        """Save a checkpoint because a signal arrived during the last of `done` steps."""
        self._save(done)
        print(
            f"Stopped after {done} training step(s) in {self._run.directory}; train again to resume.",
            flush=True,
        )

    def _print(self, lines: list[str]) -> None:
        for line in lines:
            self._bar.write(line, file=sys.stdout)
        sys.stdout.flush()

    def _save_with_row(self, done: int, loss: float | None) -> bool:
        """Save a checkpoint, with the step's loss in the trainer's rows if it is known."""
        saved = self._save(done)
        if saved and loss is not None:
            metrics.append_training(self._run.directory, done, loss)
        return saved

    def _save(self, done: int) -> bool:
        """Save a checkpoint of this step unless it was just saved; return whether one was saved."""
        if done == self._saved:
            return False
        if not self._session.run(self._step.weights_are_finite):
            raise self._diverged(done, "a weight is not finite")
        self._run.lock.check()
        keep, first_step = self._options.keep, self._run.record.first_step
        self._step.saver.save(self._session, self._run.directory, done, keep=keep, first_step=first_step)
        self._saved = done
        return True

    def _diverged(self, step: int, what: str) -> WorkError:
        good = listing.listed(self._run.directory)
        newest = f"{good[-1].prefix} is the last good checkpoint" if good else "no checkpoint was saved yet"
        return WorkError(
            f"training diverged at step {step}: {what}; {newest}; try a lower --learning-rate with --fresh"
        )
