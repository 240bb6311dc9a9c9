"""What the chief and the workers have in common: the graph, and which batch comes next."""

from __future__ import annotations

import argparse
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lowlevel_cnn import models
from lowlevel_cnn.cluster.coordination import SECONDS_BETWEEN_LOOKS, Coordination
from lowlevel_cnn.cluster.graph import Asynchronous, Synchronous
from lowlevel_cnn.cluster.task import WORKER, Task
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.mnist_train import TrainingStep, training_step
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.messages import note
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training.loop import Feeds

_SECONDS_IN_SILENCE = 5.0
# A host that has gone does not even refuse a connection.
_SECONDS_TO_CONNECT = 5.0


def check(task: Task, flags: argparse.Namespace, record: RunRecord) -> None:
    """Refuses a batch that cannot be shared.

    Raises:
        InputError: `--sync`, and the batch is no multiple of the tasks that train.
    """
    batch_size = record.restored_model().batch_size
    if flags.sync and batch_size % task.replicas:
        raise InputError(
            f"--batch-size {batch_size}: {task.replicas} tasks cannot share it evenly, as --sync wants; give a multiple"
        )


@dataclass(frozen=True)
class TaskGraph:
    """What a task builds, the same in all of them: in the default graph."""

    step: TrainingStep
    coordination: Coordination
    hooks: list[Any]

    def scaffold(self, begin: Callable[[tf.Session], None] | None = None) -> tf.train.Scaffold:
        """What `MonitoredTrainingSession` wants to know: here the chief gives all values, and the workers wait."""
        init_fn = (lambda scaffold, session: begin(session)) if begin else None
        return tf.train.Scaffold(
            init_op=tf.no_op(), init_fn=init_fn, saver=self.step.saver, summary_op=self.step.summaries.scalars
        )


def build(task: Task, model: models.Model, num_examples: int, *, sync: bool) -> TaskGraph:
    """Builds a task's graph in the default graph, in `graph.placed`, for an epoch of `num_examples` images."""
    shared = Synchronous(task) if sync else Asynchronous(model.training_steps)
    step = training_step(model, num_examples, shared.update)
    return TaskGraph(step, Coordination(task), shared.hooks)


def feeds_of(task: Task, examples: Split, record: RunRecord, *, sync: bool) -> Feeds:
    """Whole batches, or with `sync` this task's slice of each."""
    return Feeds(examples, record, task.replica, task.replicas) if sync else Feeds(examples, record)


def description(record: RunRecord, *, sync: bool) -> dict[str, Any]:
    """What must be the same for all tasks."""
    same = {name: getattr(record, name) for name in ("model", "dataset", "seed", "data_checksum")}
    return {**same, **record.hyper_parameters, "sync": sync}


class Claims:
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
