"""Event files read back: what is in them, and what of it TensorBoard shows."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf


@dataclass(frozen=True)
class Shown:
    """What is left of a folder once what was done again is taken out: values by tag, each a list of (step, value)."""

    values: dict[str, list[tuple[int, Any]]]

    def scalars(self, tag: str) -> dict[int, float]:
        """Values by step, of which each is there once."""
        steps = self.steps(tag)
        assert steps == sorted(set(steps)), (tag, steps)
        return {step: value.simple_value for step, value in self.values[tag]}

    def value(self, tag: str, step: int) -> Any:
        """The histogram or the image of a step."""
        [found] = [value for there, value in self.values[tag] if there == step]
        return found

    def steps(self, tag: str) -> list[int]:
        return [step for step, _ in self.values[tag]]


def event_files(folder: Path) -> list[Path]:
    """In the order in which TensorBoard reads them."""
    return sorted(folder.glob("*tfevents*"))


def events(folder: Path) -> list[Any]:
    """All events of a folder; what stands after half of one cannot be read."""
    found = []
    for path in event_files(folder):
        with contextlib.suppress(tf.errors.DataLossError):
            for event in tf.train.summary_iterator(str(path)):
                found.append(event)
    return found


def shown(folder: Path) -> Shown:
    """What TensorBoard shows: a process that begins takes the place of what is there from its first step on."""
    values: dict[str, list[tuple[int, Any]]] = {}
    for event in events(folder):
        if event.session_log.status == tf.SessionLog.START:
            values = {tag: [pair for pair in pairs if pair[0] < event.step] for tag, pairs in values.items()}
        for value in event.summary.value:
            values.setdefault(value.tag, []).append((event.step, value))
    return Shown(values)
