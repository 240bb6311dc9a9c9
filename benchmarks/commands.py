"""The project's commands as processes that are measured from outside: time, memory, processor time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """What a process cost.

    Attributes:
        seconds: wall time from its start to its end.
        processor_seconds: user and system time.
        megabytes: the largest resident size.
        lines: standard output, each with the second at which it came.
    """

    seconds: float
    processor_seconds: float
    megabytes: float
    lines: list[tuple[float, str]] = field(default_factory=list)

    def when(self, text: str) -> float:
        """The second at which the first line with this text came."""
        return next(second for second, line in self.lines if text in line)

    def milliseconds_a_step(self, first: int, last: int) -> float:
        """Of a training: from the line of the checkpoint at one step to that of another, the last save included."""
        return 1000 * (self.when(f"After {last} ") - self.when(f"After {first} ")) / (last - first)


def python(*words: str) -> Measured:
    """Runs this Python with a command line to its end.

    Raises:
        SystemExit: it failed.
    """
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    lines = [(time.perf_counter() - began, line.rstrip("\n")) for line in process.stdout]
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"python {' '.join(words)}: {errors}")
    # Linux counts in KiB.
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, lines)


def lowlevel_cnn(*words: str) -> Measured:
    """Runs a command of the project to its end."""
    return python("-m", "lowlevel_cnn", *words)


def processor_seconds(process: int) -> float:
    """What a running process has used, user and system."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
