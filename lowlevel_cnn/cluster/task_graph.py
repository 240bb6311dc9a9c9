"""What every task that trains builds and feeds: the same graph, whole batches or slices of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lowlevel_cnn import models
from lowlevel_cnn.cluster.coordination import Coordination
from lowlevel_cnn.cluster.graph import Asynchronous, Synchronous
from lowlevel_cnn.cluster.task import Task
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.mnist_train import training_step
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training.loop import TrainingStep
from lowlevel_cnn.training.training_run import Feeds


def check_batch_size(task: Task, record: RunRecord, *, sync: bool) -> None:
    """Refuse a batch that the tasks cannot share evenly.

    Raises:
        InputError: `sync`, and the batch size is no multiple of the number of tasks that train.
    """
    batch_size = record.restored_model().batch_size
    if sync and batch_size % task.replicas:
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
            init_op=tf.no_op(), init_fn=init_fn, saver=self.step.saver.saver, summary_op=self.step.summaries.scalars
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
