"""This task's server in TensorFlow's distributed runtime, and its sessions."""

from __future__ import annotations

import socket
import sys
from typing import Any

from lowlevel_cnn.cluster.task import VARIABLE, Task
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tensorflow_v1 import cause, session_config, tf


def reason(error: Exception) -> str:
    """What was lost, for a line that a person reads; TensorFlow's own words are many, of connections and nodes."""
    return str(error) if isinstance(error, SessionLostError) else type(error).__name__


class SessionLostError(Exception):
    """A session has gone, and all that was done in it since the last checkpoint."""


def task_lost_errors() -> tuple[type[Exception], ...]:
    """What a session raises when another task has gone or has begun anew."""
    errors = tf.errors
    return (
        *(errors.AbortedError, errors.UnavailableError, errors.CancelledError, errors.OutOfRangeError),
        *(errors.FailedPreconditionError, errors.NotFoundError, errors.InternalError),
        *(errors.DeadlineExceededError, SessionLostError),
    )


def start_server(task: Task) -> tf.train.Server:
    """Starts this task's server.

    Raises:
        InputError: its address cannot be used.
    """
    address = task.addresses[task.job][task.index]
    _check_port(task, address)
    # What `MonitoredSession` reports as an error, that a session could not be closed, is what `lost` is for.
    tf.logging.set_verbosity(tf.logging.FATAL)
    try:
        return tf.train.Server(tf.train.ClusterSpec(task.addresses), task.job, task.index, config=settings(task))
    except tf.errors.OpError as error:
        raise InputError(
            f"{VARIABLE}: {task.name} cannot listen on {address} ({cause(error)}); give another address"
        ) from None


def _check_port(task: Task, address: str) -> None:
    """Refuses a port on which another process listens; TensorFlow would say so in lines of its own."""
    with socket.socket() as probe:
        if sys.platform != "win32":
            # The connections of a process that has ended hold nobody back.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", int(address.rpartition(":")[2])))
        except OSError as error:
            raise InputError(
                f"{VARIABLE}: {task.name} cannot listen on {address} ({error.strerror}); stop what does, or give "
                "another port to all tasks"
            ) from None


def settings(task: Task, *, alone: bool = False, milliseconds: int = 0) -> Any:
    """Of a session: it needs the parameter servers and the task itself, whatever becomes of the others."""
    config = session_config()
    # A task waits for others within operations.
    config.inter_op_parallelism_threads = 0
    config.device_filters.extend([task.device] if alone else ["/job:ps", task.device])
    config.operation_timeout_in_ms = milliseconds
    return config


def plain_session(task: Task, server: tf.train.Server) -> tf.Session:
    """A session of the default graph."""
    return tf.Session(server.target, config=settings(task))


def training_session(
    task: Task, server: tf.train.Server, scaffold: tf.train.Scaffold, hooks: list[Any]
) -> tf.train.MonitoredSession:
    """TensorFlow's `MonitoredTrainingSession`, which leaves saving and summaries to us."""
    return tf.train.MonitoredTrainingSession(
        master=server.target,
        is_chief=task.is_chief,
        scaffold=scaffold,
        hooks=hooks,
        config=settings(task),
        save_checkpoint_secs=None,
        save_summaries_steps=None,
        save_summaries_secs=None,
        log_step_count_steps=None,
        # A worker is let in when all is ready. Later, when it is not, something was lost, and it is to say so.
        max_wait_secs=1,
        # Its thread waits for gradients that do not come any more.
        stop_grace_period_secs=1,
    )


def session_watch() -> Any:
    """A hook that keeps the session itself as `session`, and lets no other take its place."""

    class Watch(tf.train.SessionRunHook):  # type: ignore[misc]
        session: tf.Session = None

        def after_create_session(self, session: tf.Session, coord: tf.train.Coordinator) -> None:
            if self.session is not None:
                raise SessionLostError("its session was lost")
            self.session = session

    return Watch()
