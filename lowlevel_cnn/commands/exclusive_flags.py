"""Refuse pairs of flags of which one would be ignored."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from lowlevel_cnn.errors import InputError

# A flag has the same meaning in every command.
_PAIRS = (
    ("--once", "--all", "evaluate either the newest checkpoint or all of them"),
    ("--once", "--interval-secs", "--once checks for checkpoints only once"),
    ("--once", "--timeout-secs", "--once does not wait for a new checkpoint"),
    ("--data-dir", "--mirror", "nothing is downloaded into a folder of your own"),
    ("--split", "--polarity", "--polarity is for image files only"),
    ("--output", "--json", "the values are either written to a file or printed"),
)


def check(arguments: Sequence[str]) -> None:
    """Refuse a command line that gives both flags of a pair.

    Raises:
        InputError: it does.
    """
    given = {word.partition("=")[0] for word in takewhile(lambda word: word != "--", arguments)}
    for first, second, why in _PAIRS:
        if {first, second} <= given:
            raise InputError(f"{first} and {second} cannot be used together: {why}; leave one of them out")
