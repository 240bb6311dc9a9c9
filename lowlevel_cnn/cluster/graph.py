"""Build the graph of a task: where the variables are, and how the tasks' gradients are combined.

As in the books' chapters on distributed TensorFlow, every task builds the same graph, in which the variables and their
updates are on the parameter servers and everything else is on the task itself (`replica_device_setter`). Asynchronous
tasks apply their gradients one after the other, each computed with the weights that the task has read. With `--sync`
(`SyncReplicasOptimizer`) each task takes its own slice of the same batch, and the mean of their gradients is applied
once, which is what a single process computes with the whole batch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from lowlevel_cnn.cluster.task import Task
from lowlevel_cnn.mnist_train import TRAIN_STEP, step_then_averages
from lowlevel_cnn.stateless_random import SLICE_OF_BATCH
from lowlevel_cnn.tensorflow_v1 import tf

# The collection of variables that the tasks share and no checkpoint contains.
SHARED = "shared_by_the_cluster"


@contextlib.contextmanager
def placed(task: Task) -> Iterator[None]:
    """Place variables created in this context on the parameter servers in turn, and everything else on the task."""
    setter = tf.train.replica_device_setter(cluster=task.addresses, worker_device=task.device)
    with tf.device(setter), tf.variable_scope(tf.get_variable_scope(), custom_getter=_read_once):
        yield


def _read_once(getter: Callable[..., tf.Variable], *words: Any, **settings: Any) -> tf.Variable | tf.Tensor:
    """Return a weight's value instead of the variable, whose every use would be sent over the network."""
    variable = getter(*words, **settings)
    return variable if settings.get("trainable") is False else variable.read_value()


def shared_variable(name: str, first: bool | int | float | str) -> tf.Variable:
    """Create a scalar that all tasks of a cluster share; it is not in checkpoints."""
    initializer = tf.constant_initializer(first)
    dtype = {bool: tf.bool, int: tf.int64, float: tf.float32, str: tf.string}[type(first)]
    return tf.get_variable(
        f"cluster/{name}", [], dtype, initializer, trainable=False, collections=[SHARED], use_resource=True
    )


def count_up(counter: tf.Variable, limit: int) -> tf.Tensor:
    """Return the value of a counter and increment it; no two tasks get the same value.

    `assign_add` would add and then read, and two tasks that add at the same time would read the same value.

    Raises (when run):
        tf.errors.OutOfRangeError: the counter is at the limit.
    """
    with tf.device(counter.device):
        return tf.raw_ops.ResourceCountUpTo(resource=counter.handle, limit=limit, T=counter.dtype.base_dtype)


class Asynchronous:
    """The update of a training step by the gradients of this task alone.

    Args:
        last_step: the run's last step; no task counts beyond it.

    Attributes:
        hooks: the session hooks: none.
    """

    def __init__(self, last_step: int) -> None:
        self._last_step = last_step
        self.hooks: list[Any] = []

    def update(
        self,
        optimizer: tf.train.Optimizer,
        averages: tf.train.ExponentialMovingAverage,
        loss: tf.Tensor,
        global_step: tf.Variable,
    ) -> tuple[tf.Operation, tf.Tensor]:
        """Build the update, as `mnist_train.step_then_averages` does."""
        counting = _CountingNoFurther(optimizer, self._last_step)
        return step_then_averages(counting, _AveragesOnServers(averages), loss, global_step)


class _CountingNoFurther:
    """An optimizer that counts steps up to the last one of a run, and fails beyond it."""

    def __init__(self, optimizer: tf.train.Optimizer, last_step: int) -> None:
        self._optimizer = optimizer
        self._last_step = last_step

    def minimize(self, loss: tf.Tensor, global_step: tf.Variable) -> tf.Operation:
        """Build the step, as `Optimizer.minimize` does."""
        with tf.control_dependencies([self._optimizer.minimize(loss)]):
            return count_up(global_step, self._last_step).op


class _AveragesOnServers:
    """Moving averages computed where the variables are; TensorFlow would send their differences to the task."""

    def __init__(self, averages: tf.train.ExponentialMovingAverage) -> None:
        self._averages = averages

    def apply(self, variables: list[tf.Variable]) -> tf.Operation:
        """Build the update of the averages, as `ExponentialMovingAverage.apply` does."""
        updates = []
        for variable in variables:
            with tf.device(variable.device):
                updates.append(self._averages.apply([variable]))
        return tf.group(*updates)


class Synchronous:
    """The update of a training step by the mean of all tasks' gradients.

    Args:
        task: this task, which takes its own slice of each batch.

    Attributes:
        hooks: the session hooks, once the update is in the graph.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        tf.add_to_collection(SLICE_OF_BATCH, (task.replica, task.replicas))

    def update(
        self,
        optimizer: tf.train.Optimizer,
        averages: tf.train.ExponentialMovingAverage,
        loss: tf.Tensor,
        global_step: tf.Variable,
    ) -> tuple[tf.Operation, tf.Tensor]:
        """Build the update, as `mnist_train.step_then_averages` does; the loss is that of the whole batch."""
        whole_loss = shared_variable("loss", 0.0)
        optimizer = _WithLossAndAverages(optimizer, averages)
        together = tf.train.SyncReplicasOptimizer(optimizer, self._task.replicas)
        with tf.name_scope(TRAIN_STEP):
            gradients = together.compute_gradients(loss)
        train_op = together.apply_gradients([*gradients, (loss, whole_loss)], global_step)
        runner = _until_the_session_closes(together.get_chief_queue_runner())
        together.get_chief_queue_runner = lambda: runner
        # No initial tokens: they would let each task take its first step twice.
        self.hooks = [together.make_session_run_hook(self._task.is_chief, num_tokens=0)]
        with tf.control_dependencies([train_op]):
            return tf.group(train_op), whole_loss.read_value()


def _until_the_session_closes(runner: tf.train.QueueRunner) -> tf.train.QueueRunner:
    """Return the same queue runner, but with a thread that does not report a closing session as an error."""
    return tf.train.QueueRunner(
        runner.queue,
        runner.enqueue_ops,
        runner.close_op,
        runner.cancel_op,
        queue_closed_exception_types=(tf.errors.OutOfRangeError, tf.errors.CancelledError),
    )


class _WithLossAndAverages:
    """The optimizer that `SyncReplicasOptimizer` runs once per step with the mean gradients, before any task continues.

    It also updates the moving averages, because `SyncReplicasOptimizer` would do so while the tasks already continue,
    and save. The last pair is not a gradient, but the mean loss and the variable that stores it.
    """

    def __init__(self, optimizer: tf.train.Optimizer, averages: tf.train.ExponentialMovingAverage) -> None:
        self._optimizer = optimizer
        self._averages = _AveragesOnServers(averages)
        self.compute_gradients = optimizer.compute_gradients

    def apply_gradients(self, gradients: Any, global_step: tf.Variable) -> tf.Operation:
        *gradients, (loss, whole_loss) = gradients
        # `SyncReplicasOptimizer` leaves the scope that Adam's own variables are named after.
        with tf.name_scope(TRAIN_STEP):
            train_step = self._optimizer.apply_gradients(gradients, global_step)
        with tf.control_dependencies([train_step, whole_loss.assign(loss)]):
            return self._averages.apply(tf.trainable_variables())
