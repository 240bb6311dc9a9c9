"""Clusters of real processes on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from processes import Ended, Started

from lowlevel_cnn.cluster.local import configurations
from lowlevel_cnn.cluster.task import VARIABLE

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

    def ended(self) -> dict[tuple[str, int], Ended]:
        """Waits until every task has ended."""
        return {name: task.ended() for name, task in self.tasks.items()}

    def process_ids(self) -> list[int]:
        """Of all tasks as they were started last."""
        return [task.process.pid for task in self.tasks.values()]


def train_words(data: Path, directory: Path, **flags: object) -> list[object]:
    """The command line of a training of the book's network."""
    words: list[object] = ["train", "--data-dir", data, "--checkpoint-dir", directory]
    for name, value in flags.items():
        words += [f"--{name.replace('_', '-')}"] + ([] if value is True else [value])
    return words
