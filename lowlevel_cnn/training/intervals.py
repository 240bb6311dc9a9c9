"""Decide whether something is due that happens every N steps."""

from __future__ import annotations


def is_due(before: int, now: int, every: int) -> bool:
    """Return whether a multiple of `every` lies after step `before` and not after step `now`.

    In a cluster other tasks take steps too, so a task may never see a given step number.
    """
    return now // every > before // every
