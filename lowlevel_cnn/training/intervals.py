"""What is to be done every so many steps."""

from __future__ import annotations


def is_due(before: int, now: int, every: int) -> bool:
    """Whether a multiple of `every` lies after step `before` and not after step `now`.

    A task of a cluster sees steps go by that others did, so that it may never see a given one.
    """
    return now // every > before // every
