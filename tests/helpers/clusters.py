"""Clusters of real processes on this machine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from helpers.processes import PATIENCE, Ended, Started, steps_in, tensors
from lowlevel_cnn.cluster.local import configurations
from lowlevel_cnn.cluster.task import VARIABLE

LOSS = re.compile(r"After (\d+) training step\(s\), loss on training batch is (\S+)\.")
SMALL = {"seed": 3, "batch_size": 20, "save_every": 10}
# Later a rounding error may make another pixel the largest of a pool, and then it is one no more.
FEW = {"seed": 3, "batch_size": 20, "save_every": 1, "keep": 20}
STEPS = 8
ROLES = [("chief", 0), ("worker", 0), ("ps", 0)]
Start = Callable[..., Started]


class Cluster:
    """A chief, workers and parameter servers, each started when it is asked for.

    Args:
        start: starts a process, see `conftest.start`.
        words: the command line that all have.
    """

    def __init__(self, start: Start, *words: object, workers: int = 2, parameter_servers: int = 1) -> None:
        self._start = start
        self._words = words
        self._configurations = configurations(workers, parameter_servers)
        self.tasks: dict[tuple[str, int], Started] = {}

    def start(self, job: str, index: int = 0, words: Iterable[object] = ()) -> Started:
        """Starts a task, for the first time or again, with the command line of all or one of its own."""
        task = self._start(*(words or self._words), env={VARIABLE: self._configurations[job][index]})
        self.tasks[job, index] = task
        return task

    def start_all(self) -> None:
        """Starts every task."""
        for job, each in self._configurations.items():
            for index in range(len(each)):
                self.start(job, index)

    def kill(self, job: str, index: int = 0) -> None:
        """Kills a running task, and waits until it has gone."""
        task = self.tasks[job, index]
        task.signal(signal.SIGKILL)
        assert task.ended().code == -signal.SIGKILL, "it had ended before the kill"

    def ended(self) -> dict[tuple[str, int], Ended]:
        """Waits until every task has ended."""
        return {name: task.ended() for name, task in self.tasks.items()}

    def last_lines(self) -> dict[tuple[str, int], list[str]]:
        """What each task has said last, for the message of a test that fails."""
        return {name: task.last_lines() for name, task in self.tasks.items()}

    def process_ids(self) -> list[int]:
        """Of all tasks as they were started last."""
        return [task.process.pid for task in self.tasks.values()]


def train_words(data: Path, directory: Path, **flags: object) -> list[object]:
    """The command line of a training of the book's network."""
    words: list[object] = ["train", "--data-dir", data, "--checkpoint-dir", directory]
    for name, value in flags.items():
        if value is not False:
            words += [f"--{name.replace('_', '-')}"] + ([] if value is True else [value])
    return words


def losses(ended: Ended) -> dict[int, float]:
    return {int(match[1]): float(match[2]) for match in map(LOSS.fullmatch, ended.out) if match}


def assert_close(first: Path, second: Path) -> None:
    """Two checkpoints hold the same variables, to float32 rounding over a few steps."""
    one, other = tensors(first), tensors(second)
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-5, atol=1e-6, err_msg=name)


def wait_for_step(directory: Path, step: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while max(steps_in(directory), default=0) < step:
        assert time.monotonic() < deadline, f"no checkpoint of step {step}"
        time.sleep(0.02)


def wait_for_new_checkpoints(cluster: Cluster, directory: Path, count: int) -> None:
    """Waits until the chief has written some more checkpoints, of earlier steps too where it had gone back."""
    chief, written, newest = cluster.tasks["chief", 0], 0, _newest(directory)
    deadline = time.monotonic() + PATIENCE
    while written < count:
        now = _newest(directory)
        if now != newest:
            written, newest, deadline = written + 1, now, time.monotonic() + PATIENCE
        assert chief.process.poll() is None, f"the chief has ended: {chief.ended()}"
        assert time.monotonic() < deadline, f"no checkpoint after {newest}: {cluster.last_lines()}"
        time.sleep(0.02)


def _newest(directory: Path) -> tuple[int, str]:
    """When the last checkpoint was written, and its name."""
    found = [(0, "")]
    for path in directory.glob("model.ckpt-*.index"):
        with contextlib.suppress(FileNotFoundError):
            found.append((path.stat().st_mtime_ns, path.name))
    return max(found)


def assert_none_left(process_ids: list[int]) -> None:
    for each in process_ids:
        with pytest.raises(ProcessLookupError):
            os.kill(each, 0)


def errors(ended: Ended) -> list[str]:
    return [line for line in ended.err if line.startswith("error: ") or "Traceback" in line]


def assert_no_process_in(directory: Path) -> None:
    """No process has this current directory any more."""
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            assert entry.readlink() != directory, entry
