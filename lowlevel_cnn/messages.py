"""Lines on standard error, beside the results on standard output."""

from __future__ import annotations

import sys


def note(line: str) -> None:
    """Says what goes on; a line stays one, also with a file's name in it that has a line break, or is no text."""
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line)
    print(shown, file=sys.stderr, flush=True)


def warn(line: str) -> None:
    """Says what is wrong, where the work goes on all the same."""
    note(f"warning: {line}")
