"""A cluster on this machine: what `TF_CONFIG` is for each of its processes."""

from __future__ import annotations

import contextlib
import json
import socket

from lowlevel_cnn.cluster.task import CHIEF, PARAMETER_SERVER, WORKER


def configurations(workers: int, parameter_servers: int) -> dict[str, list[str]]:
    """`TF_CONFIG` of each task, by job.

    Args:
        workers: how many processes train; the chief is one of them.
        parameter_servers: how many hold the variables.
    """
    counts = {CHIEF: 1, WORKER: workers - 1, PARAMETER_SERVER: parameter_servers}
    addresses = iter(_free_addresses(sum(counts.values())))
    cluster = {job: [next(addresses) for _ in range(count)] for job, count in counts.items() if count}
    return {
        job: [json.dumps({"cluster": cluster, "task": {"type": job, "index": index}}) for index in range(len(each))]
        for job, each in cluster.items()
    }


def _free_addresses(count: int) -> list[str]:
    """Addresses of this machine that nobody listens on now; others cannot reach them by these names."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
