"""Lines on standard error, beside the results on standard output."""

from __future__ import annotations

import sys


def note(line: str) -> None:
    """Says what goes on."""
    print(line, file=sys.stderr, flush=True)


def warn(line: str) -> None:
    """Says what is wrong, where the work goes on all the same."""
    note(f"warning: {line}")
