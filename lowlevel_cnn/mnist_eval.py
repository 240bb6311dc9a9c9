"""Evaluate in a process of its own: wait for a checkpoint, restore the averaged weights, score, and wait again.

The book's `mnist_eval.py` (chapter 5; chapter 6 reuses it) does the same for the newest checkpoint every 10 seconds,
forever. Here every checkpoint is evaluated once, in the order of steps, and the process ends when the run has ended.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints import restoring
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError, DeletedCheckpointError, reading, verify
from lowlevel_cnn.checkpoints.restoring import DIVERGED, NotFiniteError
from lowlevel_cnn.datasets.batches import Split, scale
from lowlevel_cnn.evaluation.checkpoint_iterator import CheckpointIterator
from lowlevel_cnn.evaluation.scores import Score, Scores
from lowlevel_cnn.mnist_inference import predictions
from lowlevel_cnn.runs.options import EvalOptions
from lowlevel_cnn.tensorflow_v1 import session_config, tf

BATCH_SIZE = 500


@dataclass(frozen=True)
class Network:
    """A network without training, and the variables that it needs from a checkpoint.

    Attributes:
        images: placeholder `[batch, height, width, channels]` float32 in [0, 1].
        logits: `[batch, labels]` float32.
        classes: `[batch]` int64.
        probabilities: `[batch, labels]` float32.
        weights: `average` or `raw`.
        variables: the variables to restore, by their names in a checkpoint.
        saver: restores those variables.
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
        network: the network, fed with the images to score.
        labels: placeholder `[batch]` int64.
        correct: the number of correctly classified images in the batch.
        in_top: the number of images whose label is among the K most probable classes.
        loss: the sum of the batch's cross entropies.
    """

    network: Network
    labels: tf.Tensor
    correct: tf.Tensor
    in_top: tf.Tensor
    loss: tf.Tensor


def build_network(model: models.Model, weights: str) -> Network:
    """Build a model in the default graph, for the `average` or the `raw` weights of a checkpoint."""
    tf.set_random_seed(0)  # TF_DETERMINISTIC_OPS wants one, though a checkpoint replaces the initial values.
    images = tf.placeholder(tf.float32, [None, *model.image_shape], name="x-input")
    logits = model.inference(images, False, None)
    classes, probabilities = predictions(logits)
    if weights == "average":
        variables = tf.train.ExponentialMovingAverage(model.moving_average_decay).variables_to_restore()
    else:
        variables = {variable.op.name: variable for variable in tf.global_variables()}
    return Network(images, logits, classes, probabilities, weights, variables, tf.train.Saver(variables))


def evaluation_graph(model: models.Model, weights: str, top: int = 1) -> EvaluationGraph:
    """Build the evaluation of a model in the default graph, for the `average` or the `raw` weights.

    `top` is the K of the top-K accuracy.
    """
    network = build_network(model, weights)
    labels = tf.placeholder(tf.int64, [None], name="y-input")
    correct = tf.reduce_sum(tf.cast(tf.equal(network.classes, labels), tf.int64))
    in_top = tf.reduce_sum(tf.cast(tf.nn.in_top_k(network.logits, labels, top), tf.int64))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=network.logits, labels=labels)
    return EvaluationGraph(network, labels, correct, in_top, tf.reduce_sum(losses))


def restore(session: tf.Session, network: Network, checkpoint: Checkpoint) -> None:
    """Restore a network's weights from a checkpoint.

    Raises:
        InputError: the checkpoint is of another network, or lacks the requested weights.
        DamagedCheckpointError: it cannot be read.
        NotFiniteError: a weight is infinite or NaN.
    """
    restoring.check_fit(checkpoint.prefix, network.variables)
    with reading(checkpoint.prefix):
        network.saver.restore(session, str(checkpoint.prefix))
    restoring.check_finite(checkpoint.prefix, network.variables)


def score(session: tf.Session, graph: EvaluationGraph, split: Split) -> tuple[float, float, float]:
    """Score a whole split, each image counted once.

    Returns:
        Accuracy (0 to 1), mean cross entropy, and top-K accuracy (0 to 1).
    """
    correct, in_top, loss = 0, 0, 0.0
    for start in range(0, len(split), BATCH_SIZE):
        images, labels = split.images[start : start + BATCH_SIZE], split.labels[start : start + BATCH_SIZE]
        feeds = {graph.network.images: scale(images), graph.labels: labels}
        batch_correct, batch_in_top, batch_loss = session.run([graph.correct, graph.in_top, graph.loss], feeds)
        correct += int(batch_correct)
        in_top += int(batch_in_top)
        loss += float(batch_loss)
    return correct / len(split), loss / len(split), in_top / len(split)


def evaluate(model: models.Model, options: EvalOptions, checkpoints: CheckpointIterator, scores: Scores) -> None:
    """Score the checkpoints of a run as they appear, until it ends or the timeout passes without a new one.

    The three parts of the book's loop: wait for a checkpoint, restore the weights, score.

    Args:
        model: the run's model.
        options: selects the weights, and the K of the top-K accuracy.
        checkpoints: waits for the next checkpoint.
        scores: prints and records the scores.

    Raises:
        InputError: a checkpoint is of another network.
        WorkError: the training has diverged.
    """
    with tf.Graph().as_default():
        graph = evaluation_graph(model, options.weights, options.top or 1)
        with tf.Session(config=session_config()) as session:
            # Rows do not record the top-K accuracy, so score all steps again.
            for checkpoint in checkpoints.checkpoints(set() if options.top else scores.steps):
                try:
                    scored = score_checkpoint(session, graph, checkpoint, scores.split)
                except DeletedCheckpointError:
                    # Deleted by the trainer, which has newer ones.
                    continue
                except (DamagedCheckpointError, NotFiniteError) as error:
                    checkpoints.skip(checkpoint, error)
                    continue
                scores.add(checkpoint, scored)
                if checkpoints.once:
                    break


def score_checkpoint(session: tf.Session, graph: EvaluationGraph, checkpoint: Checkpoint, split: Split) -> Score:
    """Restore a checkpoint and score it on a whole split.

    Raises:
        InputError: the checkpoint is of another network.
        DamagedCheckpointError: it cannot be read.
        NotFiniteError: a weight or the loss is infinite or NaN.
    """
    started = time.monotonic()
    restore(session, graph.network, checkpoint)
    # Including the values that are not restored: a checkpoint is good as a whole, or not at all.
    verify(checkpoint.prefix)
    accuracy, loss, in_top = score(session, graph, split)
    if not math.isfinite(loss):
        raise NotFiniteError(f"{checkpoint.prefix}: the loss is {loss}: {DIVERGED}")
    return Score(accuracy, loss, in_top, time.monotonic() - started)


if __name__ == "__main__":
    from lowlevel_cnn.__main__ import console_script

    sys.exit(console_script("eval"))
