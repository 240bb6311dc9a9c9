"""`train --profile N`: a timeline of N steps for the Chrome or Perfetto trace viewer, and the dearest operations."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from lowlevel_cnn.system.atomic_files import write_atomically
from lowlevel_cnn.tensorflow_v1 import tf

# The first steps allocate memory and choose kernels; they are slower than all others.
WARM_UP_STEPS = 10
_MOST_EXPENSIVE = 10


class Profiler:
    """Traces some of the training steps.

    Args:
        directory: where the timeline is written, as `profile-<first step>-<last step>.json`.
        steps: how many steps to trace, after the first ten of this process; 0: none.
    """

    def __init__(self, directory: Path, steps: int) -> None:
        self._directory = directory
        self._first = WARM_UP_STEPS + 1
        self._last = WARM_UP_STEPS + steps
        self._count = 0
        self._metadata: Any = None
        self._traced: list[tuple[int, Any]] = []

    def run_arguments(self) -> dict[str, Any]:
        """Return the arguments of `session.run` that have the next step traced, if it is one of those to trace."""
        self._count += 1
        if not self._first <= self._count <= self._last:
            return {}
        self._metadata = tf.RunMetadata()
        return {"options": tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), "run_metadata": self._metadata}

    def after_step(self, step: int) -> None:
        """Keep the trace of global step `step`, if it was traced."""
        if self._metadata is not None:
            self._traced.append((step, self._metadata.step_stats))
            self._metadata = None

    def finish(self) -> str:
        """Writes the timeline; the lines to print, or "" where no profile was asked for."""
        if self._last == WARM_UP_STEPS:
            return ""
        if not self._traced:
            return (
                f"No timeline: --profile traces the steps after the first {WARM_UP_STEPS} of a process; "
                f"there were {self._count}"
            )
        path = self._directory / f"profile-{self._traced[0][0]}-{self._traced[-1][0]}.json"
        events = [event for _, stats in self._traced for event in _events(stats)]
        write_atomically(path, json.dumps({"traceEvents": events}))
        head = f"Timeline of {len(self._traced)} step(s) for chrome://tracing or ui.perfetto.dev: {path}"
        return "\n".join([head, *self._most_expensive()])

    def _most_expensive(self) -> list[str]:
        milliseconds: Counter[tuple[str, str]] = Counter()
        for _, stats in self._traced:
            for node in (node for device in stats.dev_stats for node in device.node_stats):
                milliseconds[node.node_name, _operation(node)] += node.op_end_rel_micros / 1000 / len(self._traced)
        lines = [
            f"{each:9.3f} ms a step  {name} ({kind})"
            for (name, kind), each in milliseconds.most_common(_MOST_EXPENSIVE)
        ]
        others = sum(milliseconds.values()) - sum(each for _, each in milliseconds.most_common(_MOST_EXPENSIVE))
        return [*lines, f"{others:9.3f} ms a step  the other {max(0, len(milliseconds) - _MOST_EXPENSIVE)} operations"]


def _operation(node: Any) -> str:
    """What kind of operation a node is; TensorFlow writes it as `name = Operation(inputs)`."""
    return str(node.timeline_label.partition(" = ")[2].partition("(")[0])


def _events(stats: Any) -> list[dict[str, Any]]:
    """The operations of a step as complete events of the trace format; what runs at the same time has a row each."""
    events, row_ends = [], [0]
    nodes = [node for device in stats.dev_stats for node in device.node_stats]
    for node in sorted(nodes, key=lambda node: node.all_start_micros):
        start, duration = node.all_start_micros, max(1, node.op_end_rel_micros)
        row = next((row for row, end in enumerate(row_ends) if end <= start), len(row_ends))
        row_ends[row:] = [start + duration, *row_ends[row + 1 :]]
        events.append(
            {
                "name": _operation(node) or node.node_name,
                "ph": "X",
                "ts": start,
                "dur": duration,
                "pid": 0,
                "tid": row,
                "args": {"name": node.node_name, "label": node.timeline_label},
            }
        )
    return events
