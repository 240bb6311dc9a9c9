"""Convert the values of flags from the command line, or say why they are wrong."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from lowlevel_cnn.system.paths import expand_user

_MOST_SECONDS = 10**8


def whole_number(least: int) -> Callable[[str], int]:
    """Return a converter to integers of at least `least`."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value < 2**31:
            raise argparse.ArgumentTypeError(f"{text!r} is not an integer from {least} to {2**31 - 1}")
        return value

    return convert


def path_name(text: str) -> str:
    """Convert to a path, expanding `~` even if the shell does not. Refuse "", which would be the working directory."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return expand_user(text)


def seconds(text: str) -> float:
    """Convert to a positive time in seconds, within what a clock can count."""
    value = positive_number(text)
    if value > _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is more than {_MOST_SECONDS} seconds")
    return value


def positive_number(text: str) -> float:
    """Convert to a finite, positive number."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value <= 0 or not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return value
