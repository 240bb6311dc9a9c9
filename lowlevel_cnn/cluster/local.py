"""Define a cluster on this machine: the `TF_CONFIG` of each of its processes."""

from __future__ import annotations

import contextlib
import json
import socket

from lowlevel_cnn.cluster.task import CHIEF, PARAMETER_SERVER, WORKER


def configurations(workers: int, parameter_servers: int) -> dict[str, list[str]]:
    """Return the `TF_CONFIG` of each task, by job.

    Args:
        workers: number of training processes, the chief included.
        parameter_servers: number of parameter servers.
    """
    counts = {CHIEF: 1, WORKER: workers - 1, PARAMETER_SERVER: parameter_servers}
    addresses = iter(_free_addresses(sum(counts.values())))
    cluster = {job: [next(addresses) for _ in range(count)] for job, count in counts.items() if count}
    return {
        job: [json.dumps({"cluster": cluster, "task": {"type": job, "index": index}}) for index in range(len(each))]
        for job, each in cluster.items()
    }


def _free_addresses(count: int) -> list[str]:
    """Return addresses on this machine that no process listens on now; other machines cannot reach them."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
