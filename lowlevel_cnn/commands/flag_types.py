"""Convert the values of flags from the command line, or say why they are wrong."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable

from lowlevel_cnn import datasets, models
from lowlevel_cnn.system.paths import expand_user

_MOST_SECONDS = 10**8
_MOST_PIXELS = 4096


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


def is_model_file(text: str) -> bool:
    """Return whether a `--model` is a file, not the name of a network."""
    return text.endswith(".py") or any(each in text for each in (os.sep, os.altsep or os.sep))


def model_name(text: str) -> str:
    """Convert to the name of a network or the path of a Python file."""
    if text not in models.all_names() and not is_model_file(text):
        names = ", ".join(map(repr, models.all_names()))
        raise argparse.ArgumentTypeError(
            f"invalid choice: {text!r} (choose from {names}, or give a Python file: a name that ends in .py)"
        )
    return text if text in models.all_names() else path_name(text)


def dataset_name(text: str) -> str:
    """Convert to the name of a data set or the path of one's own."""
    if text in datasets.NAMES:
        return text
    path = path_name(text)
    if not datasets.is_path(path):
        names = ", ".join(map(repr, datasets.NAMES))
        raise argparse.ArgumentTypeError(f"invalid choice: {text!r} (choose from {names}, or give a path)")
    return path


def image_size(text: str) -> tuple[int, int]:
    """Convert `28` or `28x32` to height and width."""
    sides = text.split("x") if "x" in text else [text, text]
    if len(sides) != 2 or not all(
        each.isascii() and each.isdecimal() and 0 < int(each) <= _MOST_PIXELS for each in sides
    ):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a size such as 28 or 28x32, of at most {_MOST_PIXELS} pixels"
        )
    return int(sides[0]), int(sides[1])


def number(least: float, below: float = math.inf) -> Callable[[str], float]:
    """Return a converter to finite numbers of at least `least` and below `below`."""

    def convert(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value < below:
            most = f" and below {below:g}" if below < math.inf else ""
            raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least {least:g}{most}")
        return value

    return convert


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
