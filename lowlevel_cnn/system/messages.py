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


def shortened(names: list[str], most: int = 4) -> str:
    """Some names in a row, for a line that a person reads."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "nothing"
