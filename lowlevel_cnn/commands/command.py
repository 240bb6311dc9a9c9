"""Define what a command consists of: its flags, its options, and the function that takes them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

Options = TypeVar("Options")
AddFlags = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True)
class Command(Generic[Options]):
    """A command of `lowlevel-cnn`; each module of this package named after one defines it as `COMMAND`.

    Attributes:
        add_flags: adds its flags to a parser.
        options: converts the parsed flags to a frozen dataclass, the only form in which they leave this package.
        function: does the work and returns the exit code.
    """

    add_flags: AddFlags
    options: Callable[[argparse.Namespace], Options]
    function: Callable[[Options], int]


def options_from_flags(kind: type[Options]) -> Callable[[argparse.Namespace], Options]:
    """Return a function that builds a dataclass from parsed flags, each field from the flag of the same name."""

    def options(parsed: argparse.Namespace) -> Options:
        values: dict[str, Any] = {each.name: getattr(parsed, each.name) for each in fields(kind) if each.init}  # type: ignore[arg-type]
        return kind(**values)

    return options
