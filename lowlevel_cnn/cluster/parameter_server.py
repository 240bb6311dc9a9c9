"""A parameter server: holds its share of the variables until the run has ended."""

from __future__ import annotations

from lowlevel_cnn.cluster import meeting
from lowlevel_cnn.cluster.session import start_server
from lowlevel_cnn.cluster.task import Task
from lowlevel_cnn.in_thread import in_thread
from lowlevel_cnn.messages import note


def serve(task: Task) -> int:
    """A parameter server's `train`: holds its share of the variables until the run has ended."""
    server = start_server(task)
    note(f"{task.name}: holds variables at {task.addresses[task.job][task.index]}")
    in_thread(lambda: meeting.serve_until_the_end(task, server))
    note(f"{task.name}: the run has ended")
    return 0
