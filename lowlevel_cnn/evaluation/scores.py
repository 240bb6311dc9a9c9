"""Handle the scores of a run: print them, record them as rows and summaries, and keep the best checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError
from lowlevel_cnn.datasets import Dataset
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.evaluation import best_checkpoint
from lowlevel_cnn.evaluation.checkpoint_iterator import CheckpointIterator
from lowlevel_cnn.evaluation.printed_lines import EvaluationLines
from lowlevel_cnn.evaluation.summaries import EvaluationSummaries
from lowlevel_cnn.runs import metrics, run_record
from lowlevel_cnn.runs.metrics import Row
from lowlevel_cnn.system.messages import warn


@dataclass(frozen=True)
class Score:
    """The score of a checkpoint on a whole split.

    Attributes:
        accuracy: correctly classified images / all images, 0 to 1.
        loss: the mean cross entropy, without regularization.
        accuracy_in_top: the top-K accuracy, 0 to 1.
        seconds: wall time of restoring and scoring.
    """

    accuracy: float
    loss: float
    accuracy_in_top: float
    seconds: float


class Scores:
    """Prints the scores of a run's checkpoints, and records those that are the run's own.

    Args:
        directory: the run directory.
        checkpoints: the checkpoints to score.
        dataset: the data set to score.
        split_name: its split, `validation` or `test`.
        weights: `average` or `raw`.
        lines: formats the printed lines.

    Attributes:
        last: the last score, or None.
    """

    def __init__(
        self,
        directory: Path,
        checkpoints: CheckpointIterator,
        dataset: Dataset,
        split_name: str,
        weights: str,
        lines: EvaluationLines,
    ) -> None:
        self._directory, self._checkpoints, self._dataset = directory, checkpoints, dataset
        self._split_name, self._weights, self._lines = split_name, weights, lines
        self._rows_of = checkpoints.rows_of(dataset, split_name)
        self._earlier = metrics.read(directory, self._rows_of, weights, dataset.checksum)
        self._summaries = EvaluationSummaries(directory, self._rows_of, weights, self._earlier)
        self.last: Row | None = None

    @property
    def split(self) -> Split:
        """The images to score and their labels."""
        split: Split = getattr(self._dataset, self._split_name)
        return split

    @property
    def steps(self) -> set[int]:
        """The steps scored in earlier evaluations."""
        return {row.step for row in self._earlier}

    def add(self, checkpoint: Checkpoint, score: Score) -> None:
        """Print the score of a checkpoint; record it if the checkpoint is the run's own."""
        row = self.last = Row(
            step=checkpoint.step,
            split=self._split_name,
            weights=self._weights,
            accuracy=score.accuracy,
            loss=score.loss,
            images=len(self.split),
            seconds=round(score.seconds, 3),
            time=metrics.now(),
            data_checksum=self._dataset.checksum,
        )
        _print(self._lines.score(row, score.accuracy_in_top))
        if not self._checkpoints.takes_row_of(checkpoint):
            return
        if row.step not in self.steps:
            self._append(row)
        is_of_the_run = self._rows_of == "validation" and run_record.read(self._directory)
        if is_of_the_run and self._weights == "average":
            self._keep_best(checkpoint, row)

    def end(self) -> bool:
        """Print the last lines; return whether there is any score, from now or from earlier evaluations."""
        if self.last is None and self._earlier and not self._checkpoints.once:
            self.last = max(self._earlier, key=lambda row: row.step)
            _print(self._lines.score(self.last))
        if self.last is not None:
            _print(self._lines.end(self.last))
        return self.last is not None

    def _append(self, row: Row) -> None:
        try:
            metrics.append(self._directory, row, self._rows_of)
            self._summaries.add(row)
        except OSError as error:
            warn(f"{error.filename}: the score could not be written ({error.strerror}); free disk space")

    def _keep_best(self, checkpoint: Checkpoint, row: Row) -> None:
        try:
            best_checkpoint.keep(self._directory, checkpoint, row)
        except (DamagedCheckpointError, OSError) as error:
            warn(f"{self._directory / best_checkpoint.FOLDER}: not updated with step {row.step} ({error})")


def _print(lines: list[str]) -> None:
    for line in lines:
        print(line, flush=True)
