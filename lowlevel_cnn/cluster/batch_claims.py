"""Hand out the batches of an asynchronous run, each to one task."""

from __future__ import annotations

import socket
import time

from lowlevel_cnn.cluster.coordination import SECONDS_BETWEEN_LOOKS
from lowlevel_cnn.cluster.task import WORKER, Task
from lowlevel_cnn.cluster.task_graph import TaskGraph
from lowlevel_cnn.system.messages import note
from lowlevel_cnn.tensorflow_v1 import tf

_SECONDS_IN_SILENCE = 5.0
# A host that has gone does not even refuse a connection.
_SECONDS_TO_CONNECT = 5.0


class BatchClaims:
    """The next batch of an asynchronous run, handed out to one task only.

    Args:
        task: this one.
        session: of the task.
        graph: of the task.
        stop: the run's last step.
    """

    def __init__(self, task: Task, session: tf.Session, graph: TaskGraph, stop: int) -> None:
        self._task = task
        self._session = session
        self._graph = graph
        self._stop = stop

    def next(self) -> int | None:
        """The next batch for this task; None where all are handed out."""
        batch = self._claim()
        return batch if batch < self._stop else None

    def next_or_lost(self, done: int) -> int | None:
        """The chief's: when all are handed out it waits for those of the others, and makes up for those of the dead."""
        if done >= self._stop:
            return None
        batch = self._claim()
        return batch if batch < self._stop or self._batches_are_lost() else None

    def _claim(self) -> int:
        return int(self._session.run(self._graph.coordination.claim))

    def _batches_are_lost(self) -> bool:
        """Whether steps are missing that nobody is at work on; a slow task is waited for."""
        said_at = time.monotonic() + _SECONDS_IN_SILENCE
        while self._lacks_steps():
            working = self._others_at_work()
            if not working:
                # What a task did before it had no more to do, or died.
                return self._lacks_steps()
            if time.monotonic() > said_at:
                note(f"{self._task.name}: waits for the last batch of {', '.join(working)}")
                said_at = float("inf")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return False

    def _lacks_steps(self) -> bool:
        return int(self._session.run(self._graph.step.global_step)) < self._stop

    def _others_at_work(self) -> list[str]:
        idle = self._graph.coordination.idle_tasks(self._session)[1:]
        workers = enumerate(self._task.addresses.get(WORKER, []))
        return [f"{WORKER} {number}" for number, address in workers if not idle[number] and _lives(address)]


def _lives(address: str) -> bool:
    """Whether a task listens at its address, however busy it is."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _SECONDS_TO_CONNECT).close()
    except OSError:
        return False
    return True
