"""Evaluation: a process of its own that waits for a checkpoint, restores the averaged weights, scores, and waits again.

The book's `mnist_eval.py` (chapter 5; chapter 6 reuses it) does the same for the newest checkpoint every 10 seconds,
for ever. Here every checkpoint is evaluated once, in the order of steps, and the process ends when the run has.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints import reading, restoring
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError, DeletedCheckpointError
from lowlevel_cnn.checkpoints.restoring import DIVERGED, NotFiniteError
from lowlevel_cnn.datasets import Dataset
from lowlevel_cnn.datasets.batches import Split, scale
from lowlevel_cnn.datasets.printed_lines import print_files_read
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.evaluation import best_checkpoint
from lowlevel_cnn.evaluation.checkpoint_iterator import CheckpointIterator
from lowlevel_cnn.evaluation.printed_lines import EvaluationLines
from lowlevel_cnn.mnist_inference import predictions
from lowlevel_cnn.runs import metrics, run_directory, run_record
from lowlevel_cnn.system.messages import note, warn
from lowlevel_cnn.tensorflow_v1 import session_config, tf
from lowlevel_cnn.training.summaries import EvaluationSummaries

BATCH_SIZE = 500


@dataclass(frozen=True)
class Network:
    """A network without training, and what of a checkpoint it needs.

    Attributes:
        images: placeholder `[batch, height, width, channels]` float32 in [0, 1].
        logits: `[batch, 10]` float32.
        classes: `[batch]` int64.
        probabilities: `[batch, 10]` float32.
        weights: `average` or `raw`.
        variables: the variables to restore, by their names in a checkpoint.
        saver: of those variables.
    """

    images: tf.Tensor
    logits: tf.Tensor
    classes: tf.Tensor
    probabilities: tf.Tensor
    weights: str
    variables: dict[str, tf.Variable]
    saver: tf.train.Saver


@dataclass(frozen=True)
class EvaluationGraph:
    """The graph that scores a batch.

    Attributes:
        network: its images are those to score.
        labels: placeholder `[batch]` int64.
        correct: how many of the batch are classified correctly.
        in_top: of how many the label is among the likeliest classes.
        loss: the sum of the batch's cross entropies.
    """

    network: Network
    labels: tf.Tensor
    correct: tf.Tensor
    in_top: tf.Tensor
    loss: tf.Tensor


class Score(NamedTuple):
    """Of a whole split: two shares of its images, 0 to 1, and the mean cross entropy."""

    accuracy: float
    loss: float
    accuracy_in_top: float


def build_network(model: models.Model, weights: str) -> Network:
    """Builds a model in the default graph, for the `average` or the `raw` weights of a checkpoint."""
    images = tf.placeholder(tf.float32, [None, *model.image_shape], name="x-input")
    logits = model.inference(images, False, None)
    classes, probabilities = predictions(logits)
    if weights == "average":
        variables = tf.train.ExponentialMovingAverage(model.moving_average_decay).variables_to_restore()
    else:
        variables = {variable.op.name: variable for variable in tf.trainable_variables()}
    return Network(images, logits, classes, probabilities, weights, variables, tf.train.Saver(variables))


def evaluation_graph(model: models.Model, weights: str, top: int = 1) -> EvaluationGraph:
    """Builds the evaluation of a model in the default graph, for the `average` or the `raw` weights.

    `top` is how many of the likeliest classes the label may be among, for top-5 accuracy 5.
    """
    network = build_network(model, weights)
    labels = tf.placeholder(tf.int64, [None], name="y-input")
    correct = tf.reduce_sum(tf.cast(tf.equal(network.classes, labels), tf.int64))
    in_top = tf.reduce_sum(tf.cast(tf.nn.in_top_k(network.logits, labels, top), tf.int64))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=network.logits, labels=labels)
    return EvaluationGraph(network, labels, correct, in_top, tf.reduce_sum(losses))


def restore(session: tf.Session, network: Network, checkpoint: Checkpoint) -> None:
    """Gives a network the weights of a checkpoint.

    Raises:
        InputError: the checkpoint is of another network, or without the weights that are wanted.
        DamagedCheckpointError: it cannot be read.
        NotFiniteError: a weight is infinite or not a number.
    """
    restoring.check_fit(checkpoint.prefix, network.variables)
    with reading.reading(checkpoint.prefix):
        network.saver.restore(session, str(checkpoint.prefix))
    restoring.check_finite(checkpoint.prefix, network.variables)


def score(session: tf.Session, graph: EvaluationGraph, split: Split) -> Score:
    """Scores a whole split, each image counted once."""
    correct, in_top, loss = 0, 0, 0.0
    for start in range(0, len(split), BATCH_SIZE):
        images, labels = split.images[start : start + BATCH_SIZE], split.labels[start : start + BATCH_SIZE]
        feeds = {graph.network.images: scale(images), graph.labels: labels}
        batch_correct, batch_in_top, batch_loss = session.run([graph.correct, graph.in_top, graph.loss], feeds)
        correct += int(batch_correct)
        in_top += int(batch_in_top)
        loss += float(batch_loss)
    return Score(correct / len(split), loss / len(split), in_top / len(split))


def evaluate(flags: argparse.Namespace) -> int:
    """The command `eval`: follows a run directory until the run ends, and returns the exit code.

    Raises:
        InputError: a flag, the data or the directory is wrong, or a checkpoint is of another network.
        WorkError: no checkpoint could be evaluated, or the training has diverged.
    """
    if flags.data_dir is not None and not Path(flags.data_dir).is_dir():
        raise InputError(f"--data-dir {flags.data_dir}: there is no such directory; name one that holds the data set")
    directory, named = run_directory.path_to_read(flags)
    follower = CheckpointIterator(directory, flags, named)
    while True:
        _evaluate_run(follower, directory, flags)
        if not follower.run_was_replaced:
            return 0
        note(f"A new run was begun in {directory}")
        follower = CheckpointIterator(directory, flags, restarted=True)


def _evaluate_run(follower: CheckpointIterator, directory: Path, flags: argparse.Namespace) -> None:
    """Evaluates one run's checkpoints as they come, until it ends or nothing new comes for the time-out."""
    model, dataset_name = follower.model_and_dataset()
    split_name = split_name_of(flags, model)
    dataset = run_directory.load_data(flags, model, dataset_name)
    style = flags.lines or model.lines
    last_step = flags.until_steps or model.training_steps
    lines = EvaluationLines(style, last_step, with_loss=flags.loss, top=flags.top)
    print_files_read(style, dataset)
    rows_of = follower.rows_of(dataset, split_name)
    earlier = metrics.read(directory, rows_of, flags.weights, dataset.checksum)
    steps_with_row = {row.step for row in earlier}
    summaries = EvaluationSummaries(directory, rows_of, flags.weights, earlier)
    last = None
    with tf.Graph().as_default():
        graph = evaluation_graph(model, flags.weights, flags.top or 1)
        with tf.Session(config=session_config()) as session:
            # Rows do not hold what --top asks for.
            for checkpoint in follower.checkpoints(set() if flags.top else steps_with_row):
                try:
                    last, in_top = _evaluate_one(checkpoint, session, graph, split_name, dataset)
                except DeletedCheckpointError:
                    # By the trainer, which has newer ones.
                    continue
                except (DamagedCheckpointError, NotFiniteError) as error:
                    follower.skip(checkpoint, error)
                    continue
                _say(lines.score(last, in_top))
                if not follower.takes_row_of(checkpoint):
                    continue
                if last.step not in steps_with_row:
                    _append(directory, last, rows_of, summaries)
                if rows_of == "validation" and flags.weights == "average" and run_record.read(directory):
                    _keep_best(directory, checkpoint, last)
                if follower.once:
                    break
    if last is None and earlier and not follower.once:
        last = max(earlier, key=lambda row: row.step)
        _say(lines.score(last))
    if last is not None:
        _say(lines.end(last))
    elif not follower.run_was_replaced:
        raise WorkError(f"--checkpoint-dir {directory}: no good checkpoint to evaluate; train first, or wait longer")


def split_name_of(flags: argparse.Namespace, model: models.Model) -> str:
    """The split asked for; the validation split by default, or the test split where the model holds out none.

    Raises:
        InputError: the validation split of a model that has none.
    """
    if model.validation_count != 0:
        return flags.split or "validation"
    if flags.split == "validation":
        raise InputError(f"--split validation: {model.name} trains on all training images; use --split test")
    if flags.split is None:
        note(f"{model.name} holds out no validation images: scoring the test images")
    return "test"


def _evaluate_one(
    checkpoint: Checkpoint, session: tf.Session, graph: EvaluationGraph, split_name: str, dataset: Dataset
) -> tuple[metrics.Row, float]:
    """The row of a checkpoint's score, and the share of images whose label is among the likeliest classes."""
    started = time.monotonic()
    split: Split = getattr(dataset, split_name)
    restore(session, graph.network, checkpoint)
    # The values that are not restored too: a checkpoint is good as a whole, or not.
    reading.verify(checkpoint.prefix)
    accuracy, loss, in_top = score(session, graph, split)
    if not math.isfinite(loss):
        raise NotFiniteError(f"{checkpoint.prefix}: the loss is {loss}: {DIVERGED}")
    row = metrics.Row(
        step=checkpoint.step,
        split=split_name,
        weights=graph.network.weights,
        accuracy=accuracy,
        loss=loss,
        images=len(split),
        seconds=round(time.monotonic() - started, 3),
        time=metrics.now(),
        data_checksum=dataset.checksum,
    )
    return row, in_top


def _say(lines: list[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _append(directory: Path, row: metrics.Row, rows_of: str, summaries: EvaluationSummaries) -> None:
    try:
        metrics.append(directory, row, rows_of)
        summaries.add(row)
    except OSError as error:
        warn(f"{error.filename}: the row could not be written ({error.strerror}); make room or make it writable")


def _keep_best(directory: Path, checkpoint: Checkpoint, row: metrics.Row) -> None:
    try:
        best_checkpoint.keep(directory, checkpoint, row)
    except (DamagedCheckpointError, OSError) as error:
        warn(f"{directory / best_checkpoint.FOLDER}: not updated with step {row.step} ({error})")


if __name__ == "__main__":
    from lowlevel_cnn.__main__ import console_script

    sys.exit(console_script("eval"))
