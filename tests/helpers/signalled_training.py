"""Trainings that a signal meets at a known step, however fast the machine is.

As a program: the step, the signals' numbers with commas between them, and then a command line.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from helpers import forks
from helpers.processes import Ended, Started


def train_with_signals(done: int, *numbers: signal.Signals, words: tuple[object, ...], cwd: Path) -> Ended:
    """Runs a training to which these signals come when `done` steps are done and the next one begins."""
    trainer = _start(done, *numbers, words=words, cwd=cwd)
    try:
        return trainer.ended()
    finally:
        trainer.kill_all()


@contextmanager
def held_training(done: int, words: tuple[object, ...], cwd: Path) -> Iterator[Started]:
    """A training that stands still after `done` steps, until SIGCONT; at the context's end it is ended."""
    # Not a fork: only a process of ours can be waited for here.
    trainer = _start(done, signal.SIGSTOP, words=words, cwd=cwd, fresh=True)
    try:
        _, status = os.waitpid(trainer.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), trainer.last_lines()
        yield trainer
    finally:
        trainer.kill_all()


def _start(
    done: int, *numbers: signal.Signals, words: tuple[object, ...], cwd: Path, fresh: bool = not forks.POSSIBLE
) -> Started:
    listed = ",".join(str(int(number)) for number in numbers)
    # A fork finds this module by itself.
    env = {"PYTHONPATH": os.pathsep.join(sys.path)} if fresh else {}
    return Started(done, listed, *words, cwd=cwd, module=__name__, env=env, fresh=fresh)


def _main() -> None:
    from lowlevel_cnn.datasets.batches import Batches

    _, done, listed, *words = sys.argv
    batch = Batches.batch

    def batch_with_signals(self: Batches, number: int) -> tuple[np.ndarray, np.ndarray]:
        if number == int(done):
            for each in listed.split(","):
                os.kill(os.getpid(), int(each))
        return batch(self, number)

    Batches.batch = batch_with_signals  # type: ignore[assignment]
    sys.argv = ["lowlevel_cnn", *words]
    runpy.run_module("lowlevel_cnn", run_name="__main__")


if __name__ == "__main__":
    _main()
