"""Print messages to standard error, apart from the results on standard output."""

from __future__ import annotations

import sys


def note(line: str) -> None:
    """Print a message as one line, even if it contains a file name with line breaks or undecodable bytes."""
    print(one_line(line), file=sys.stderr, flush=True)


def one_line(text: str) -> str:
    """Return a text with escapes for what is not printable: line breaks and undecodable bytes in a file's name."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def warn(line: str) -> None:
    """Print a warning: something is wrong, but the work continues."""
    note(f"warning: {line}")


def shortened(names: list[str], most: int = 4) -> str:
    """Return the first names as a comma-separated list, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "nothing"
