"""Following a run: wait until there is one, then hand out its checkpoints, each once, until it ends."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from lowlevel_cnn import checkpoints, models, run_record
from lowlevel_cnn.checkpoints import Checkpoint
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.messages import note


class Follower:
    """Looks into a run directory from time to time, and knows what was there already when it was made.

    Attributes:
        run_was_begun_anew: another run has taken the directory's name, as with `train --fresh`.
    """

    def __init__(self, directory: Path, flags: argparse.Namespace, *, restarted: bool = False) -> None:
        self._directory = directory
        self._flags = flags
        # Of a run that was begun anew meanwhile, nothing has been there before.
        self._there_already = [] if restarted else checkpoints.listed(directory)
        self._identity = _identity(directory)
        self.run_was_begun_anew = False
        self._damaged: dict[int, tuple[int, int]] = {}
        self._since = time.monotonic()
        self._said = ""

    def model_and_dataset(self) -> tuple[models.Model, str, bool]:
        """The model, the data set to score, and whether that is the run's own; waits until they are known.

        They are what `run.json` says or, for a directory that others wrote, what the flags say; `--dataset` may name
        another data set than the run's own.

        Raises:
            InputError: the flags contradict `run.json`, or there is no `run.json` and no `--model`.
            WorkError: there was nothing until the time-out.
        """
        directory, flags = self._directory, self._flags
        while True:
            record = run_record.read(directory)
            self._identity = _identity(directory)
            if record:
                if flags.model not in (None, record.model):
                    raise InputError(
                        f"--model {flags.model}: the run in {directory} is of {record.model}; leave the flag out"
                    )
                dataset = flags.dataset or record.dataset
                return record.restored_model(), dataset, dataset == record.dataset
            if checkpoints.listed(directory):
                if not flags.model:
                    raise InputError(
                        f"--checkpoint-dir {directory}: checkpoints without a run.json; name their network with --model"
                    )
                model = models.get(flags.model)
                return model, flags.dataset or model.dataset, True
            if not self._wait_for("a run"):
                raise WorkError(
                    f"--checkpoint-dir {directory}: there is no checkpoint; train first, or name another directory"
                )

    def checkpoints(self, done: set[int]) -> Iterator[Checkpoint]:
        """The checkpoints to evaluate, each once, in the order of steps, until the run is finished.

        A restarted evaluator goes on behind what is done. A new one begins with the newest that was there already, or
        with `--all` with the first. With `--once` it is the newest, and older ones only while those before were
        damaged.
        """
        if self._flags.once:
            yield from reversed(checkpoints.listed(self._directory))
            return
        behind = (
            0 if self._flags.all else max(done, default=self._there_already[-1].step - 1 if self._there_already else 0)
        )
        newest = max(done, default=0)
        while True:
            left = [
                each for each in checkpoints.listed(self._directory) if each.step > behind and each.step not in done
            ]
            fresh = [each for each in left if self._damaged.get(each.step) != _stamp(each)]
            if fresh:
                self._damaged.pop(fresh[0].step, None)
                yield fresh[0]
                newest = max(newest, fresh[0].step)
                if fresh[0].step not in self._damaged:
                    behind = fresh[0].step
                self._since, self._said = time.monotonic(), ""
                continue
            if _identity(self._directory) not in (None, self._identity):
                self.run_was_begun_anew = True
                return
            record = run_record.read(self._directory)
            last_step = self._flags.until_steps or (record and record.training_steps)
            if last_step and newest >= last_step:
                return
            if not self._wait_for(f"a checkpoint after step {newest}" if newest else "a checkpoint"):
                return

    def is_same_directory(self) -> bool:
        """Whether the directory that is followed still has its name, and no other run has taken it."""
        return _identity(self._directory) == self._identity

    def remember_damaged(self, checkpoint: Checkpoint) -> None:
        """It is not handed out again, unless a trainer that went on from an older one writes it anew."""
        self._damaged[checkpoint.step] = _stamp(checkpoint)

    def _wait_for(self, what: str) -> bool:
        """Says, once, what is waited for, and sleeps; False when there is no more time to wait."""
        if self._flags.once:
            return False
        if what != self._said:
            self._said = what
            note(f"Waiting for {what} in {self._directory}")
        pause = self._flags.interval_secs
        if self._flags.timeout_secs is not None:
            left = self._since + self._flags.timeout_secs - time.monotonic()
            if left <= 0:
                return False
            pause = min(pause, left)
        time.sleep(pause)
        return True


def _identity(directory: Path) -> tuple[int, int] | None:
    """What tells a directory from another of the same name; None where there is none."""
    try:
        status = directory.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _stamp(checkpoint: Checkpoint) -> tuple[int, int]:
    """What changes when a checkpoint is written again."""
    try:
        status = Path(f"{checkpoint.prefix}.index").stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino
