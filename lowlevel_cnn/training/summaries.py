"""Write the trainer's summaries for TensorBoard.

As in the books' chapters on TensorBoard, `tf.summary.*` adds an operation to the graph and to a collection,
`merge_all` merges the collection into one operation, and its value in a session goes to a `FileWriter`. Scalars are in
the collection of `merge_all()`; weights have a collection of their own, since they are fetched less often.

| tag                              | of a step                                                            |
| -------------------------------- | -------------------------------------------------------------------- |
| loss/total                       | cross entropy plus regularization of its batch, before its update    |
| loss/cross_entropy               | the first part                                                       |
| loss/regularization              | the second part                                                      |
| learning_rate                    | that of its update                                                   |
| steps_per_second                 | since the last such value, saving included                           |
| weights/<name>                   | histogram, after the update, as a checkpoint of the step has them    |
| moving_averages/<name>           | the same of the averages                                             |
| filters/<layer>                  | the first layer's filters, after the update, as an image             |
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lowlevel_cnn.runs.event_files import EventFile, has_events
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training.intervals import is_due

FOLDER = "train"
# Weights are written this many times less often than scalars.
WEIGHTS_EVERY = 10

# The name under which the scalars are fetched.
SCALARS = "summaries"

_WEIGHTS = "weight_summaries"
_COLUMNS = 8
_ENLARGED = 8
_CHANNELS_OF_IMAGES = (1, 3, 4)


@dataclass(frozen=True)
class Summaries:
    """The merged summaries of a graph, as string tensors.

    Attributes:
        scalars: the scalars of a training step.
        weights: the weights and their moving averages.
    """

    scalars: tf.Tensor
    weights: tf.Tensor


def merged_summaries() -> Summaries:
    """Return all summaries of the default graph, merged."""
    return Summaries(tf.summary.merge_all(), tf.summary.merge_all(_WEIGHTS))


def summarize_step(
    loss: tf.Tensor, cross_entropy: tf.Tensor, regularization: tf.Tensor, learning_rate: tf.Tensor
) -> None:
    """Add the scalar summaries of a training step to the default graph.

    Args:
        loss: cross entropy plus regularization.
        cross_entropy: its mean over the batch.
        regularization: the sum of the collection `'losses'`.
        learning_rate: of the step's update.
    """
    tf.summary.scalar("loss/total", loss)
    tf.summary.scalar("loss/cross_entropy", cross_entropy)
    tf.summary.scalar("loss/regularization", regularization)
    tf.summary.scalar("learning_rate", learning_rate)


def summarize_weights(averages: tf.train.ExponentialMovingAverage) -> None:
    """Add histograms of all weights and their moving averages, and an image of the filters, to the default graph."""
    for weights in tf.trainable_variables():
        tf.summary.histogram(f"weights/{weights.op.name}", weights, collections=[_WEIGHTS])
        tf.summary.histogram(f"moving_averages/{weights.op.name}", averages.average(weights), collections=[_WEIGHTS])
    first = tf.trainable_variables()[0]
    if first.shape.rank == 4 and first.shape[2] in _CHANNELS_OF_IMAGES:
        layer = first.op.name.rpartition("/")[0]
        tf.summary.image(f"filters/{layer}", filter_image(first), max_outputs=1, collections=[_WEIGHTS])


def filter_image(filters: tf.Tensor) -> tf.Tensor:
    """Arrange filters `[height, width, channels, count]` as one image `[1, rows, columns, channels]`, eight per row.

    Each weight is a square of 8 x 8 pixels, and white lines of the same width separate the filters. `tf.summary.image`
    then shows a weight of zero as middle grey, and the largest absolute value as black or white.
    """
    height, width, channels, count = filters.shape
    rows = -(-count // _COLUMNS)
    white = tf.reduce_max(tf.abs(filters))
    padded = tf.pad(filters, [[0, 1], [0, 1], [0, 0], [0, rows * _COLUMNS - count]], constant_values=white)
    grid = tf.reshape(padded, [height + 1, width + 1, channels, rows, _COLUMNS])
    image = tf.reshape(tf.transpose(grid, [3, 0, 4, 1, 2]), [1, rows * (height + 1), _COLUMNS * (width + 1), channels])
    return tf.repeat(tf.repeat(image[:, :-1, :-1], _ENLARGED, axis=1), _ENLARGED, axis=2)


def graph_of(fetches: list[Any]) -> tf.Graph:
    """Return the part of the default graph that a session runs for these fetches.

    TensorBoard removes highly connected nodes from the main picture. With initialization, saver and summaries in the
    graph, that would be every layer. The whole graph is in the `.meta` files.
    """
    whole = tf.get_default_graph().as_graph_def()
    part = tf.graph_util.extract_sub_graph(whole, [getattr(each, "op", each).name for each in fetches])
    if not any(value.HasField("func") for node in part.node for value in node.attr.values()):
        part.ClearField("library")
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(part, name="")
    return graph


class TrainingSummaries:
    """Selects the summaries to fetch with a training step, and writes them to `train/`.

    Args:
        session: the session with the weights.
        summaries: the summaries of the graph.
        directory: the run directory.
        every: steps between summaries; 0: no summaries.
    """

    def __init__(self, session: tf.Session, summaries: Summaries, directory: Path, every: int) -> None:
        self._session = session
        self._summaries = summaries
        self._folder = directory / FOLDER
        self._every = every
        self._step = 0

    def begin(self, start: int, step: list[Any]) -> None:
        """Start an event file after `start` steps, with the graph of a step if there is none yet."""
        self._step = start
        if not self._every:
            return
        # A process killed before its first checkpoint may have written half of the graph.
        lacks_graph = not start or not has_events(self._folder)
        self._file = EventFile(self._folder)
        if lacks_graph:
            self._file.add_graph(graph_of(step))
        # Steps after the last checkpoint may already have been run and written; they are run again.
        self._file.begin_at(start + 1 if start else 0)
        self._last = start, time.perf_counter()
        if not start:
            self._add_weights(0)

    def fetches(self, step: int) -> dict[str, tf.Tensor]:
        """Return what to fetch with global step `step` besides the step itself."""
        return {SCALARS: self._summaries.scalars} if self._is_due(step, self._every) else {}

    def after_step(self, step: int, values: Mapping[str, Any]) -> None:
        """Write what was fetched with a step."""
        if SCALARS in values:
            self._file.add_summary(values[SCALARS], step)
            self._file.add_summary(tf.Summary(value=[self._steps_per_second(step)]), step)
            if self._is_due(step, self._every * WEIGHTS_EVERY):
                self._add_weights(step)
        self._step = step

    def _is_due(self, step: int, every: int) -> bool:
        return bool(every) and is_due(self._step, step, every)

    def _steps_per_second(self, step: int) -> tf.Summary.Value:
        before, self._last = self._last, (step, time.perf_counter())
        seconds = self._last[1] - before[1]
        return tf.Summary.Value(tag="steps_per_second", simple_value=(step - before[0]) / seconds)

    def _add_weights(self, step: int) -> None:
        # Non-finite values have no histogram; the trainer itself checks for them, and stops.
        with contextlib.suppress(tf.errors.InvalidArgumentError):
            self._file.add_summary(self._session.run(self._summaries.weights), step)
