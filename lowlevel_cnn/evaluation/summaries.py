"""The evaluator's summaries for TensorBoard: accuracy (0 to 1) and cross entropy of a whole split."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable
from pathlib import Path

from lowlevel_cnn.runs import metrics
from lowlevel_cnn.runs.event_files import EventFile
from lowlevel_cnn.tensorflow_v1 import tf


class EvaluationSummaries:
    """Writes accuracy and cross entropy of checkpoints to `eval/<split>/<weights>/`.

    The event file of a process begins with all earlier rows, which take the place of those in older event files: the
    curve is that of `metrics.jsonl`, also where an evaluator was killed, or had no room on the disk, in between.

    Args:
        directory: the run directory.
        split: the folder in `eval/`.
        weights: `average` or `raw`.
        earlier: the rows that are there already.
    """

    def __init__(self, directory: Path, split: str, weights: str, earlier: Iterable[metrics.Row]) -> None:
        self._folder = metrics.path(directory, split).parent / weights
        self._rows = {row.step: row for row in earlier}
        self._file: EventFile | None = None

    def add(self, row: metrics.Row) -> None:
        """Adds a row; `eval/<split>/` is there."""
        is_last = row.step > max(self._rows, default=-1)
        self._rows[row.step] = row
        if self._file and is_last:
            self._file.add_event(_event(row))
            return
        # TensorBoard wants rising steps.
        self._file = self._file or EventFile(self._folder)
        self._file.begin_at(0)
        for _, each in sorted(self._rows.items()):
            # Numbers of a damaged row that no event can hold, or no clock.
            with contextlib.suppress(ValueError, OverflowError):
                self._file.add_event(_event(each))


def _event(row: metrics.Row) -> tf.Event:
    scores = {"accuracy": row.accuracy, "loss/cross_entropy": row.loss}
    values = [tf.Summary.Value(tag=tag, simple_value=value) for tag, value in scores.items()]
    scored_at = datetime.datetime.fromisoformat(row.time).timestamp()
    return tf.Event(wall_time=scored_at, step=row.step, summary=tf.Summary(value=values))
