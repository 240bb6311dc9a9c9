"""Following a run: wait until there is one, then hand out its checkpoints, each once, until it ends."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lowlevel_cnn import checkpoints, models, run_record
from lowlevel_cnn.checkpoints import Checkpoint
from lowlevel_cnn.errors import InputError, WorkError


class Waiting:
    """Waits between two looks at the directory, and knows when it has been too long."""

    def __init__(self, directory: Path, flags: argparse.Namespace) -> None:
        self._directory = directory
        self._flags = flags
        self._since = time.monotonic()
        self._said = ""

    def reset(self) -> None:
        """Something new was there: the time-out begins anew."""
        self._since, self._said = time.monotonic(), ""

    def once_more(self, what: str) -> bool:
        """Says, once, what is waited for, and sleeps; False when there is no more time to wait."""
        if self._flags.once:
            return False
        if what != self._said:
            self._said = what
            print(f"Waiting for {what} in {self._directory}", file=sys.stderr, flush=True)
        pause = self._flags.interval_secs
        if self._flags.timeout_secs is not None:
            left = self._since + self._flags.timeout_secs - time.monotonic()
            if left <= 0:
                return False
            pause = min(pause, left)
        time.sleep(pause)
        return True


def model_and_dataset(waiting: Waiting, directory: Path, flags: argparse.Namespace) -> tuple[models.Model, str]:
    """What `run.json` says, or, for a directory that others wrote, what the flags say; waits until there is either."""
    while True:
        record = run_record.read(directory)
        if record:
            for flag, given, ours in (
                ("--model", flags.model, record.model),
                ("--dataset", flags.dataset, record.dataset),
            ):
                if given is not None and given != ours:
                    raise InputError(f"{flag} {given}: the run in {directory} is of {ours}; leave the flag out")
            return record.restored_model(), record.dataset
        if checkpoints.listed(directory):
            if not flags.model:
                raise InputError(
                    f"--checkpoint-dir {directory}: checkpoints without a run.json; name their network with --model"
                )
            model = models.get(flags.model)
            return model, flags.dataset or model.dataset
        if not waiting.once_more("a run"):
            raise WorkError(
                f"--checkpoint-dir {directory}: there is no checkpoint; train first, or name another directory"
            )


def checkpoints_to_evaluate(
    waiting: Waiting, directory: Path, flags: argparse.Namespace, done: set[int]
) -> Iterator[Checkpoint]:
    """The checkpoints to evaluate, each once, in the order of steps, until the run is finished."""
    if flags.once:
        # The newest; an older one only if that is damaged.
        yield from reversed(checkpoints.listed(directory))
        return
    # A restarted evaluator goes on where it stopped; a new one begins with the newest, or with --all with the first.
    listed = checkpoints.listed(directory)
    behind = 0 if flags.all else max(done, default=listed[-1].step - 1 if listed else 0)
    handled: set[int] = set(done)
    while True:
        fresh = [each for each in checkpoints.listed(directory) if each.step > behind and each.step not in handled]
        if fresh:
            handled.add(fresh[0].step)
            behind = fresh[0].step
            yield fresh[0]
            waiting.reset()
            continue
        record = run_record.read(directory)
        if record and max(handled, default=0) >= record.training_steps:
            return
        steps = f" after step {max(handled)}" if handled else ""
        if not waiting.once_more(f"a checkpoint{steps}"):
            return
