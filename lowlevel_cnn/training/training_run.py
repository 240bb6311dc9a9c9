"""Define a training run: its settings, the checkpoint to resume from, and the batches to feed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.datasets.batches import Batches, Split
from lowlevel_cnn.models import Model
from lowlevel_cnn.runs.locking import Lock
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.messages import warn

# Makes a `tqdm` from its arguments.
ProgressBar = Callable[..., Any]


def bar_on_a_terminal(**arguments: Any) -> Any:
    """Return a progress bar on standard error if that is a terminal, else one that is not shown."""
    return tqdm(**arguments, disable=None, file=sys.stderr)


@dataclass(frozen=True)
class TrainingRun:
    """A run to train.

    Attributes:
        directory: the run directory.
        options: how to train it.
        record: the run's record.
        model: its network, with the run's hyper-parameters.
        examples: the training images.
        lock: the lock of the directory.
        is_new: whether the directory has no record of the run yet.
        progress_bar: makes the bar that shows the steps done.
    """

    directory: Path
    options: TrainOptions
    record: RunRecord
    model: Model
    examples: Split
    lock: Lock
    is_new: bool
    progress_bar: ProgressBar = bar_on_a_terminal


def checkpoint_to_resume(run: TrainingRun) -> Checkpoint | None:
    """Return the newest good checkpoint in the run directory, or None, and print where training starts.

    Raises:
        WorkError: there are checkpoints and none can be read.
    """
    resumed = listing.newest_good(run.directory, warn)
    start, stop = resumed.step if resumed else 0, run.record.training_steps
    if start >= stop:
        print(
            f"{run.directory} is already trained: {start} step(s) of {stop}; raise the number of steps to continue.",
            flush=True,
        )
    else:
        steps = f"from step {start} to {stop}"
        print(f"Training {run.record.model} on {run.record.dataset}: {steps} in {run.directory}", flush=True)
    return resumed


class Feeds:
    """The inputs of training steps: whole batches, or a slice of each if several tasks share them.

    Args:
        examples: the training images.
        record: the run's record, for the batch size and the seed.
        part: the index of the slice.
        parts: the number of slices.
    """

    def __init__(self, examples: Split, record: RunRecord, part: int = 0, parts: int = 1) -> None:
        self._batches = Batches(examples, record.batch_size, record.seed)
        count = record.batch_size // parts
        self._slice = slice(part * count, (part + 1) * count)

    def batch(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return batch `number` (from 0): images `[batch, height, width, channels]` float32 in [0, 1], labels."""
        images, labels = self._batches.batch(number)
        return images[self._slice], labels[self._slice]
