"""What a cluster costs on one machine: time, bytes on the wire and processor time of a step.

python -m benchmarks.cluster [--rounds 3] [--steps 150] [--data-dir DATA]

The network is the book's, batch 100. All tasks share this machine's processors, so that no speed-up is to be expected:
what is measured is the price of the division of labour. The bytes are those of the loopback device (Linux alone).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.commands import processor_seconds
from benchmarks.record import arguments, keep
from lowlevel_cnn.cluster.local import configurations
from lowlevel_cnn.cluster.task import VARIABLE

_LINE = re.compile(r"After (\d+) training step\(s\), loss")
CASES: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "one process": (1, 0, ()),
    "chief alone, 1 parameter server": (1, 1, ()),
    "chief and 1 worker, 1 parameter server": (2, 1, ()),
    "the same, --sync": (2, 1, ("--sync",)),
    "chief and 1 worker, 2 parameter servers": (2, 2, ()),
}


def main() -> None:
    """Prints the figures and keeps them."""
    flags = arguments(__doc__, rounds=3, steps=150)
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    result = {}
    for name, (workers, servers, words) in CASES.items():
        rounds = [_measure(workers, servers, [*words, *where], flags.steps) for _ in range(flags.rounds)]
        result[name] = {key: median(each[key] for each in rounds) for key in rounds[0]}
        costs = result[name]
        print(f"{name}: {costs['milliseconds']:.1f} ms a step, {costs['megabytes']:.2f} MB a step on the wire")
        print(f"  processor time a step: trainers {costs['trainers']:.1f} ms, parameter servers {costs['ps']:.1f} ms")
    keep("cluster", result)


def _measure(workers: int, servers: int, words: list[str], steps: int) -> dict[str, float]:
    first, last = 1 + steps, 1 + 2 * steps
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "lowlevel_cnn", "train", "--steps", str(last), "--save-every", str(steps)]
        command += ["--checkpoint-dir", f"{folder}/run", *words]
        tasks = configurations(workers, servers) if servers else {"chief": [""]}
        processes = {
            job: [
                subprocess.Popen(
                    command,
                    env={**os.environ, VARIABLE: each},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
                for each in configuration
            ]
            for job, configuration in tasks.items()
        }
        try:
            return _between_two_checkpoints(processes, first)
        finally:
            for each in (each for group in processes.values() for each in group):
                each.kill()
                each.wait()


def _between_two_checkpoints(processes: dict[str, list[subprocess.Popen[str]]], first: int) -> dict[str, float]:
    """What each step takes from the checkpoint at step `first` to the next one, by the chief's lines."""
    chief = processes["chief"][0]
    assert chief.stdout is not None
    begin: dict[str, float] = {}
    for line in chief.stdout:
        match = _LINE.match(line)
        if match and int(match[1]) >= first:
            if begin:
                end, done = _now(processes), int(match[1]) - int(begin["step"])
                return {name: (end[name] - begin[name]) / done for name in end}
            begin = {**_now(processes), "step": int(match[1])}
    raise SystemExit("the chief ended early")


def _now(processes: dict[str, list[subprocess.Popen[str]]]) -> dict[str, Any]:
    """Milliseconds, megabytes on the wire, and milliseconds of processor time until now."""
    loopback = next(line for line in Path("/proc/net/dev").read_text().splitlines() if line.strip().startswith("lo:"))
    used = {job: sum(1000 * processor_seconds(each.pid) for each in group) for job, group in processes.items()}
    return {
        "milliseconds": 1000 * time.perf_counter(),
        "megabytes": int(loopback.split()[1]) / 1e6,
        "trainers": used["chief"] + used.get("worker", 0.0),
        "ps": used.get("ps", 0.0),
    }


if __name__ == "__main__":
    main()
