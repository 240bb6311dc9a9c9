"""Follow runs: which checkpoints they have now, and when that changes."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.checkpoints.listing import Checkpoint

_SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True)
class Kept:
    """A checkpoint that a run keeps.

    Attributes:
        checkpoint: its step and its files.
        written: differs if another checkpoint takes its place, as a new run's does.
    """

    checkpoint: Checkpoint
    written: tuple[int, int]

    @property
    def step(self) -> int:
        """Its global step."""
        return self.checkpoint.step


class FollowedRun:
    """The checkpoints of a run directory, read from it each time.

    Args:
        directory: the run directory.
        named: the only checkpoint to show, if the user has named one.
    """

    def __init__(self, directory: Path, named: Checkpoint | None = None) -> None:
        self._directory = directory
        self._named = named

    def kept(self) -> list[Kept]:
        """Return the checkpoints, lowest step first."""
        found = [self._named] if self._named else listing.listed(self._directory)
        stamped = [(each, _written(each)) for each in found]
        return [Kept(each, written) for each, written in stamped if written]


def _written(checkpoint: Checkpoint) -> tuple[int, int] | None:
    try:
        status = Path(f"{checkpoint.prefix}.index").stat()
    except OSError:
        return None  # deleted by the trainer since it was listed
    return status.st_mtime_ns, status.st_ino


def state(runs: Sequence[FollowedRun]) -> tuple[str, list[list[int]]]:
    """Return a word that differs once a run has other checkpoints, and the steps of each run."""
    kept = [run.kept() for run in runs]
    return f"{zlib.crc32(repr(kept).encode()):08x}", [[each.step for each in run] for run in kept]


def changed_state(runs: Sequence[FollowedRun], seen: str, patience: float) -> tuple[str, list[list[int]]]:
    """Wait until the state is no longer the one seen, at most `patience` seconds, and return it."""
    deadline = time.monotonic() + patience
    while True:
        now = state(runs)
        left = deadline - time.monotonic()
        if now[0] != seen or left <= 0:
            return now
        time.sleep(min(_SECONDS_BETWEEN_LOOKS, left))
