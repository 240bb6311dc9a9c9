"""Medians with the interval in which the true one lies with a probability of 95 %, whatever the distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

FEWEST = 6


@dataclass(frozen=True)
class Interval:
    """A median and its interval.

    Attributes:
        median: of the values.
        low: the lower end of the interval.
        high: the upper end.
    """

    median: float
    low: float
    high: float

    def text(self, digits: int) -> str:
        """The median, and the interval in brackets."""
        return f"{self.median:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def interval(values: Sequence[float]) -> Interval:
    """The interval by order statistics: from the k-th smallest to the k-th largest of the values.

    The true median is below the k-th smallest of n values only if fewer than k of them fall below it, which is as
    likely as fewer than k heads in n tosses of a coin. k is the largest for which both ends together stay below 5 %.

    Raises:
        SystemExit: there are fewer than six values.
    """
    count, ordered = len(values), sorted(values)
    if count < FEWEST:
        raise SystemExit(f"--rounds: an interval needs at least {FEWEST}, not {count}")
    outside, k = 2.0 / 2**count, 1
    while outside + 2 * math.comb(count, k) / 2**count <= 0.05:
        outside += 2 * math.comb(count, k) / 2**count
        k += 1
    return Interval(median(ordered), ordered[k - 1], ordered[-k])
