"""What a command consists of: its flags, its options, and the function that they are given to."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

Options = TypeVar("Options")
AddFlags = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True)
class Command(Generic[Options]):
    """A command of `lowlevel-cnn`; each file of this package that is named after one has it as `COMMAND`.

    Attributes:
        add_flags: adds its flags to a parser.
        options: makes the options of the parsed flags: a frozen dataclass, the only form in which they leave here.
        function: does the work and returns the exit code.
    """

    add_flags: AddFlags
    options: Callable[[argparse.Namespace], Options]
    function: Callable[[Options], int]


def options_from_flags(kind: type[Options]) -> Callable[[argparse.Namespace], Options]:
    """Return what makes a dataclass of parsed flags, each field from the flag of its name."""

    def options(parsed: argparse.Namespace) -> Options:
        values: dict[str, Any] = {each.name: getattr(parsed, each.name) for each in fields(kind) if each.init}  # type: ignore[arg-type]
        return kind(**values)

    return options
