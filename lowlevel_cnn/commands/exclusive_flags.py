"""Pairs of flags that cannot both hold: of each, one would be ignored."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from lowlevel_cnn.errors import InputError

# A flag means the same in every command that has it.
_PAIRS = (
    ("--once", "--all", "either the newest checkpoint or every one is evaluated"),
    ("--once", "--interval-secs", "one look is enough for the newest checkpoint"),
    ("--once", "--timeout-secs", "the newest checkpoint is not waited for"),
    ("--data-dir", "--mirror", "nothing is downloaded into a folder that is given"),
    ("--split", "--polarity", "a data set's own images are what they should be"),
    ("--output", "--json", "what is written to a file is not printed"),
)


def check(arguments: Sequence[str]) -> None:
    """Refuses a command line that gives both of a pair.

    Raises:
        InputError: it does.
    """
    given = {word.partition("=")[0] for word in takewhile(lambda word: word != "--", arguments)}
    for first, second, why in _PAIRS:
        if {first, second} <= given:
            raise InputError(f"{first} and {second} exclude each other: {why}; leave one of them out")
