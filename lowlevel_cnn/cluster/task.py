"""Read `TF_CONFIG`: which tasks train together, and which of them this process is.

Kubernetes training operators and cloud services set this variable. It is JSON with the addresses of all tasks by job,
and the job and index of this one:

    {"cluster": {"chief": ["a:2222"], "worker": ["b:2222"], "ps": ["c:2222"]}, "task": {"type": "worker", "index": 0}}
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import Any

from lowlevel_cnn.errors import InputError

VARIABLE = "TF_CONFIG"
CHIEF, WORKER, PARAMETER_SERVER = "chief", "worker", "ps"

_JOBS = (CHIEF, WORKER, PARAMETER_SERVER)
_ADDRESS = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s\[\]:/]+):(?P<port>\d{1,5})")


@dataclass(frozen=True)
class Task:
    """One process of a cluster.

    Attributes:
        addresses: the `host:port` of all tasks, by job: `chief` (one), `worker` (any number) and `ps` (at least one).
        job: this task's job.
        index: this task's index in its job.
    """

    addresses: dict[str, list[str]]
    job: str
    index: int

    @property
    def name(self) -> str:
        """The task's name in messages."""
        return CHIEF if self.job == CHIEF else f"{self.job} {self.index}"

    @property
    def device(self) -> str:
        """TensorFlow's name of the task."""
        return f"/job:{self.job}/task:{self.index}"

    @property
    def is_chief(self) -> bool:
        """Whether it is the task that saves."""
        return self.job == CHIEF

    @property
    def replica(self) -> int:
        """Its number among the tasks that compute gradients: the chief's is 0."""
        return 0 if self.is_chief else 1 + self.index

    @property
    def replicas(self) -> int:
        """The number of tasks that compute gradients: the chief and the workers."""
        return 1 + len(self.addresses.get(WORKER, []))

    @property
    def parameter_servers(self) -> list[str]:
        """TensorFlow's names of the tasks that hold the variables."""
        return [f"/job:{PARAMETER_SERVER}/task:{index}" for index in range(len(self.addresses[PARAMETER_SERVER]))]


def environment_of_a_process_alone() -> dict[str, str]:
    """Return the environment without `TF_CONFIG`, for a process outside any cluster."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


def task_of_this_process() -> Task | None:
    """Return the task that `TF_CONFIG` makes this process; None if it trains alone.

    It does if the variable is unset or empty, defines no cluster, or only a chief.

    Raises:
        InputError: it is wrong.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return None
    try:
        return _task(json.loads(text))
    except json.JSONDecodeError as error:
        raise _wrong(f"is not JSON ({error})") from None
    except RecursionError:
        raise _wrong("is nested too deeply") from None


def _task(config: Any) -> Task | None:
    if not isinstance(config, dict):
        raise _wrong("is not a JSON object")
    if not config.get("cluster") and not config.get("task"):
        return None
    addresses = _addresses(config.get("cluster"))
    task = config.get("task")
    if not isinstance(task, dict) or not isinstance(task.get("type"), str):
        raise _wrong('has no "task" with a "type"')
    job, index = task["type"], task.get("index", 0)
    if job == "evaluator":
        raise _wrong("makes this task an evaluator, which is not part of the cluster; run `lowlevel-cnn eval` there")
    if job not in addresses:
        raise _wrong(f"makes this task a {job!r:.50}, but its cluster has only {', '.join(addresses)}")
    if isinstance(index, str) and index.isdecimal():
        index = int(index[:9])
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(addresses[job]):
        raise _wrong(f'gives this task the index {index!r:.50}, but "{job}" has {len(addresses[job])} address(es)')
    return Task(addresses, job, index) if PARAMETER_SERVER in addresses else None


def _addresses(cluster: Any) -> dict[str, list[str]]:
    if not isinstance(cluster, dict):
        raise _wrong('has no "cluster" of addresses')
    if "evaluator" in cluster:
        raise _wrong("has an evaluator in its cluster; leave it out, and run `lowlevel-cnn eval` outside the cluster")
    for job, addresses in cluster.items():
        if job not in _JOBS:
            raise _wrong(f"has a job {job!r:.50} in its cluster; the jobs are {', '.join(_JOBS)}")
        if not isinstance(addresses, list) or not all(map(_is_address, addresses)):
            raise _wrong(f'has something other than a list of "host:port" under "{job}"')
    if len(cluster.get(CHIEF, [])) != 1:
        raise _wrong(f'has {len(cluster.get(CHIEF, []))} chiefs in its cluster; give "{CHIEF}" one address')
    if not cluster.get(PARAMETER_SERVER) and cluster.get(WORKER):
        raise _wrong(f'has no parameter server in its cluster; give "{PARAMETER_SERVER}" at least one address')
    everywhere = [address for addresses in cluster.values() for address in addresses]
    twice = next((address for address in everywhere if everywhere.count(address) > 1), None)
    if twice:
        raise _wrong(f"gives the address {twice!r:.100} to two tasks")
    return {job: cluster[job] for job in _JOBS if cluster.get(job)}


def _is_address(address: Any) -> bool:
    match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    return match is not None and 0 < int(match["port"]) < 1 << 16


def _wrong(what: str) -> InputError:
    # Some machines set it for every process, so the user may never have heard of it.
    return InputError(
        f"{VARIABLE} {what}; it comes from the environment: to train in a single process, unset it with "
        f"`env -u {VARIABLE}`"
    )
