"""Run a parameter server: hold a share of the variables until the run has ended."""

from __future__ import annotations

from lowlevel_cnn.cluster import coordination
from lowlevel_cnn.cluster.session import start_server
from lowlevel_cnn.cluster.task import Task
from lowlevel_cnn.system.interruptible import run_interruptibly
from lowlevel_cnn.system.messages import note


def serve(task: Task) -> int:
    """Hold this parameter server's share of the variables until the run has ended; return the exit code."""
    server = start_server(task)
    note(f"{task.name}: serving variables at {task.addresses[task.job][task.index]}")
    run_interruptibly(lambda: coordination.serve_until_the_end(task, server))
    note(f"{task.name}: the run has ended")
    return 0
