"""What the chief and the workers have in common: the graph, and which batch comes next."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lowlevel_cnn import models
from lowlevel_cnn.cluster.graph import Synchronous, asynchronous
from lowlevel_cnn.cluster.meeting import Meeting
from lowlevel_cnn.cluster.task import Task
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.mnist_train import TrainingStep, training_step
from lowlevel_cnn.run_record import RunRecord
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training_loop import Feeds

# Until the steps that a killed worker had taken are done by the chief.
_SECONDS_FOR_OTHERS = 5.0


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
    meeting: Meeting
    hooks: list[Any]

    def scaffold(self, begin: Callable[[tf.Session], None] | None = None) -> tf.train.Scaffold:
        """What `MonitoredTrainingSession` wants to know: here the chief gives all values, and the workers wait."""
        init_fn = (lambda scaffold, session: begin(session)) if begin else None
        return tf.train.Scaffold(
            init_op=tf.no_op(), init_fn=init_fn, saver=self.step.saver, summary_op=self.step.summaries.scalars
        )


def build(task: Task, model: models.Model, num_examples: int, *, sync: bool) -> TaskGraph:
    """Builds a task's graph in the default graph, in `graph.placed`, for an epoch of `num_examples` images."""
    together = Synchronous(task) if sync else None
    step = training_step(model, num_examples, together.update if together else asynchronous)
    return TaskGraph(step, Meeting(task), [together.hook] if together else [])


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
        watch: has the session.
        graph: of the task.
        stop: the run's last step.
        waits: whether, when all are handed out, this task waits for those of the others, and does those of the dead.
    """

    def __init__(self, watch: Any, graph: TaskGraph, stop: int, *, waits: bool) -> None:
        self._watch = watch
        self._graph = graph
        self._stop = stop
        self._waits = waits

    def __call__(self, done: int) -> int | None:
        if done >= self._stop:
            return None
        batch = int(self._watch.session.run(self._graph.meeting.claim))
        if batch < self._stop or (self._waits and self._others_are_gone(done)):
            return batch
        return None

    def _others_are_gone(self, done: int) -> bool:
        deadline = time.monotonic() + _SECONDS_FOR_OTHERS
        while time.monotonic() < deadline:
            now = int(self._watch.session.run(self._graph.step.global_step))
            if now >= self._stop:
                return False
            if now > done:
                done, deadline = now, time.monotonic() + _SECONDS_FOR_OTHERS
            time.sleep(0.05)
        return True
