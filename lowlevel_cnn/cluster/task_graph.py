"""Build and feed the graph of a training task: the same in all tasks, with whole batches or slices of them."""

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
        InputError: with `sync`, the batch size is not a multiple of the number of training tasks.
    """
    batch_size = record.batch_size
    if sync and batch_size % task.replicas:
        raise InputError(
            f"--batch-size {batch_size}: --sync splits it evenly among {task.replicas} tasks; use a multiple of "
            f"{task.replicas}"
        )


@dataclass(frozen=True)
class TaskGraph:
    """The operations of a task in the default graph, the same in all tasks."""

    step: TrainingStep
    coordination: Coordination
    hooks: list[Any]

    def scaffold(self, begin: Callable[[tf.Session], None] | None = None) -> tf.train.Scaffold:
        """Return the scaffold of `MonitoredTrainingSession`: the chief sets all values, and the workers wait."""
        init_fn = (lambda scaffold, session: begin(session)) if begin else None
        return tf.train.Scaffold(
            init_op=tf.no_op(), init_fn=init_fn, saver=self.step.saver.saver, summary_op=self.step.summaries.scalars
        )


def build(task: Task, model: models.Model, num_examples: int, *, sync: bool) -> TaskGraph:
    """Build a task's graph in the default graph, within `graph.placed`, for epochs of `num_examples` images."""
    shared = Synchronous(task) if sync else Asynchronous(model.training_steps)
    step = training_step(model, num_examples, shared.update)
    return TaskGraph(step, Coordination(task), shared.hooks)


def feeds_of(task: Task, examples: Split, record: RunRecord, *, sync: bool) -> Feeds:
    """Return whole batches, or with `sync` this task's slice of each."""
    return Feeds(examples, record, task.replica, task.replicas) if sync else Feeds(examples, record)


def description(record: RunRecord, *, sync: bool) -> dict[str, Any]:
    """Return the settings that must be the same in all tasks."""
    same = {name: getattr(record, name) for name in ("model", "model_checksum", "dataset", "seed", "data_checksum")}
    return {**same, **record.hyper_parameters, "sync": sync}
