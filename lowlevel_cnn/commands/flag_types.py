"""What the value of a flag may be: each function reads one from the command line, or says why it is wrong."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from lowlevel_cnn.system.paths import expand_user

_MOST_SECONDS = 10**8


def whole_number(least: int) -> Callable[[str], int]:
    """A whole number, `least` or more."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value < 2**31:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {2**31 - 1}")
        return value

    return convert


def path_name(text: str) -> str:
    """A path; `~` is the home directory also where no shell says so. An empty one would be the working directory."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return expand_user(text)


def seconds(text: str) -> float:
    """A time above 0, no longer than a clock can count."""
    value = positive_number(text)
    if value > _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is more than {_MOST_SECONDS} seconds")
    return value


def positive_number(text: str) -> float:
    """A finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value <= 0 or not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value
