"""Training: one step as a graph, and the loop that runs it.

The step is the book's (chapter 6, `mnist_train.py`): cross entropy plus the collection `'losses'`, gradient descent
with an exponentially decaying learning rate, moving averages of all weights. The loop prints the book's lines and
saves where the book's does: after 1, 1001, 2001, ... steps, and, beyond the book, after the last.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lowlevel_cnn import checkpoints, datasets, metrics, models, optimization, run_directory, run_record, saving
from lowlevel_cnn.datasets.batches import Batches, Split
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.filter_gradients import faster_filter_gradients
from lowlevel_cnn.interrupts import RememberedInterrupt
from lowlevel_cnn.locking import Lock, locked
from lowlevel_cnn.messages import warn
from lowlevel_cnn.mnist_inference import l2_regularizer, predictions
from lowlevel_cnn.profiling import Profiler
from lowlevel_cnn.run_record import RunRecord
from lowlevel_cnn.summaries import TrainingSummaries, summarize_step, summarize_weights
from lowlevel_cnn.tensorflow_v1 import session_config, tf
from lowlevel_cnn.training_lines import EpochLoss, probabilities_line, step_line


@dataclass(frozen=True)
class TrainingStep:
    """The graph of one training step.

    Attributes:
        images: placeholder `[batch, height, width, channels]` float32 in [0, 1].
        labels: placeholder `[batch]` int64.
        probabilities: `[batch, 10]`, the softmax of the logits, with dropout on.
        loss: cross entropy plus regularization, before the step's update.
        train_op: updates the weights, then their moving averages, and counts the step.
        weights_are_finite: whether no weight is infinite or not a number.
        saver: of all variables.
    """

    images: tf.Tensor
    labels: tf.Tensor
    probabilities: tf.Tensor
    loss: tf.Tensor
    train_op: tf.Operation
    weights_are_finite: tf.Tensor
    saver: tf.train.Saver


def training_step(model: models.Model, num_examples: int) -> TrainingStep:
    """Builds the training step of a model in the default graph, for an epoch of `num_examples` images."""
    images = tf.placeholder(tf.float32, [None, *model.image_shape], name="x-input")
    labels = tf.placeholder(tf.int64, [None], name="y-input")
    global_step = tf.train.get_or_create_global_step()

    with faster_filter_gradients(model.batch_size):
        logits = model.inference(images, True, l2_regularizer(model.regularization_rate))
    _, probabilities = predictions(logits)
    with tf.name_scope("loss_function"):
        cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=logits, labels=labels)
        cross_entropy_mean = tf.reduce_mean(cross_entropy)
        regularization = tf.add_n(tf.get_collection("losses") or [tf.constant(0.0)])
        loss = cross_entropy_mean + regularization

    with tf.name_scope("train_step"):
        learning_rate = optimization.learning_rate(model, global_step, num_examples)
        train_step = optimization.optimizer(model, learning_rate).minimize(loss, global_step=global_step)

    with tf.name_scope("moving_average"):
        variable_averages = tf.train.ExponentialMovingAverage(model.moving_average_decay, global_step)
        # The book lists the step and the averages side by side, which leaves their order open.
        with tf.control_dependencies([train_step]):
            train_op = variable_averages.apply(tf.trainable_variables())

    with tf.name_scope("weights_are_finite"):
        finite = [tf.reduce_all(tf.math.is_finite(weights)) for weights in tf.trainable_variables()]
        weights_are_finite = tf.reduce_all(finite)

    summarize_step(loss, cross_entropy_mean, regularization, learning_rate)
    summarize_weights(variable_averages)

    saver = tf.train.Saver(max_to_keep=0)
    return TrainingStep(images, labels, probabilities, loss, train_op, weights_are_finite, saver)


def train(flags: argparse.Namespace) -> int:
    """The command `train`: trains in a run directory, from what is found there, and returns the exit code.

    Raises:
        InputError: a flag, the data or the run found there is wrong.
        WorkError: training diverged, or no checkpoint could be saved or read.
    """
    directory = run_directory.path(flags)
    expected = run_directory.agreed_record(flags, None if flags.fresh else run_record.read(directory))
    dataset = run_directory.load_data(flags, expected.restored_model(), expected.dataset)
    if flags.fresh:
        run_directory.begin_anew(directory)
    run_directory.make(directory)
    with locked(directory) as lock:
        # Read again: another trainer may have begun a run here since.
        found = run_record.read(directory)
        record = run_directory.agreed_record(flags, found)
        if record.dataset != expected.dataset:
            raise InputError(f"--checkpoint-dir {directory}: a run on {record.dataset} was begun there just now")
        return _train_in(directory, flags, record, found, dataset, lock)


def _train_in(
    directory: Path,
    flags: argparse.Namespace,
    record: RunRecord,
    found: RunRecord | None,
    dataset: datasets.Dataset,
    lock: Lock,
) -> int:
    model = record.restored_model()
    if found is None:
        # What others wrote there before is never deleted.
        there = checkpoints.listed(directory)
        record = replace(record, first_step=there[-1].step if there else 0, data_checksum=dataset.checksum)
    else:
        _check_same(found, dataset)
        saving.delete_unfinished(directory)
    resumed = checkpoints.newest_good(directory, warn)
    start = resumed.step if resumed else 0
    if start >= model.training_steps:
        print(f"{directory} is trained already: {start} step(s) of {model.training_steps}; raise --steps to go on.")
        if found:
            return 0
    else:
        steps = f"from step {start} to {model.training_steps}"
        print(f"Training {model.name} on {record.dataset}: {steps} in {directory}", flush=True)

    with tf.Graph().as_default():
        tf.set_random_seed(record.seed)
        step = training_step(model, len(dataset.train))
        with tf.Session(config=session_config()) as session, RememberedInterrupt() as interrupt:
            session.run(tf.global_variables_initializer())
            if resumed:
                checkpoints.restore(session, resumed)
            # Not before: a checkpoint of another network leaves the directory as it was.
            record.write(directory)
            _Loop(session, step, directory, flags, record, dataset.train, lock).run(start, interrupt)
            return interrupt.exit_code


def _check_same(found: RunRecord, dataset: datasets.Dataset) -> None:
    """Refuses other data than the run began with, and says so where the last bits can differ.

    Raises:
        InputError: the data is another.
    """
    if found.data_checksum != dataset.checksum:
        raise InputError(
            f"--data-dir: the images or labels are not those that the run began with (checksum {dataset.checksum}, "
            f"the run: {found.data_checksum}); give the same data, or begin anew with --fresh"
        )
    here = run_record.speed_switches()
    if any(here.get(name) != value for name, value in found.speed.items()):
        warn(f"the run began with {found.speed}, here it is {here}: the last bits can differ")


class _Loop:
    """Runs training steps; prints, checks and saves."""

    def __init__(
        self,
        session: tf.Session,
        step: TrainingStep,
        directory: Path,
        flags: argparse.Namespace,
        record: RunRecord,
        examples: Split,
        lock: Lock,
    ) -> None:
        self._lock = lock
        self._session = session
        self._step = step
        self._directory = directory
        self._flags = flags
        self._first_step = record.first_step
        self._model = record.restored_model()
        self._profiler = Profiler(session, directory, flags.profile)
        self._batches = Batches(examples, self._model.batch_size, record.seed)
        self._steps_an_epoch = max(1, len(examples) // self._model.batch_size)
        self._summaries = TrainingSummaries(self._profiler.run, session, directory, flags.summary_every)
        self._saved = 0

    def run(self, start: int, interrupt: RememberedInterrupt) -> None:
        """Trains from global step `start` to the model's last, or to the step in which an interrupt comes."""
        done = self._saved = start
        self._summaries.begin(start, [self._step.train_op, self._step.loss])
        stop = self._model.training_steps
        epoch_loss = EpochLoss(self._steps_an_epoch, start)
        # disable=None: no bar where standard error is not a terminal.
        with tqdm(total=stop, initial=start, unit="step", disable=None, file=sys.stderr) as bar:
            while done < stop and interrupt.signal_number is None:
                loss, probabilities = self._train_one(done)
                done += 1
                bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
                bar.update()
                epoch_line = epoch_loss.add(done, loss)
                if epoch_line and self._model.prints_epoch_loss:
                    _say(bar, epoch_line)
                if probabilities is not None:
                    _say(bar, probabilities_line(done, probabilities))
                if (done - 1) % self._flags.save_every == 0 or done == stop:
                    self._save(done)
                    metrics.append_training(self._directory, done, loss)
                    _say(bar, step_line(done, loss))
        profile = self._profiler.finish()
        if profile:
            print(profile, flush=True)
        if interrupt.signal_number is not None:
            self._save(done)
            print(f"Stopped after {done} training step(s) in {self._directory}; the same command goes on from there.")

    def _train_one(self, done: int) -> tuple[float, np.ndarray | None]:
        """One step after `done` others: the loss on its batch and, when asked for, the probabilities."""
        images, labels = self._batches.batch(done)
        fetches = [self._step.train_op, self._step.loss]
        every = self._flags.log_probabilities_every
        if every and (done + 1) % every == 0:
            fetches.append(self._step.probabilities)
        feeds = {self._step.images: images, self._step.labels: labels}
        _, loss, *probabilities = self._summaries.run(fetches, feeds, done + 1)
        if not np.isfinite(loss):
            raise self._diverged(done + 1, f"the loss is {loss}")
        return float(loss), probabilities[0] if probabilities else None

    def _save(self, done: int) -> None:
        if done == self._saved:
            return
        if not self._session.run(self._step.weights_are_finite):
            raise self._diverged(done, "a weight is not finite")
        self._lock.check()
        keep, first_step = self._flags.keep, self._first_step
        saving.save(self._step.saver, self._session, self._directory, done, keep=keep, first_step=first_step)
        self._saved = done

    def _diverged(self, step: int, what: str) -> WorkError:
        good = checkpoints.listed(self._directory)
        newest = f"{good[-1].prefix} is the last good checkpoint" if good else "no checkpoint was saved yet"
        advice = "try a lower --learning-rate with --fresh"
        return WorkError(f"training diverged at step {step}: {what}; {newest}; {advice}")


def _say(bar: tqdm, line: str) -> None:
    bar.write(line, file=sys.stdout)
    sys.stdout.flush()


if __name__ == "__main__":
    from lowlevel_cnn.__main__ import main

    sys.exit(main(["train", *sys.argv[1:]]))
