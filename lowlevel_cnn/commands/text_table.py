"""Format tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

# Above it, every float is an integer for lack of digits.
_MOST_WHOLE = 2**53


def shown(number: float) -> str:
    """Format a number for display: integers in full, others with five digits."""
    is_whole = isinstance(number, int) or (number.is_integer() and abs(number) < _MOST_WHOLE)
    return str(int(number)) if is_whole else f"{number:.5g}"


def aligned(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Format rows as aligned lines: the first `left` columns are left-aligned, the others right-aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
