"""Parse the command line into a command and its options.

Only the module of the given command is imported, so that the others' imports cost nothing.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from lowlevel_cnn import __version__
from lowlevel_cnn.commands import exclusive_flags
from lowlevel_cnn.commands.command import Command
from lowlevel_cnn.errors import InputError

# Each name is also that of its module in this package.
COMMANDS = {
    "train": "train a network, or resume the run in the directory",
    "eval": "evaluate the checkpoints of a run as they appear",
    "run": "train and evaluate side by side",
    "reproduce": "train models in full and make the results table",
    "inspect": "show what is in a checkpoint",
    "predict": "classify images",
    "export": "write a trained network for TensorFlow 2, or its weights for NumPy",
    "plot": "draw pictures of a run: learning curves, filters, mistakes",
    "draw": "serve a page on which to draw a digit and look into the network",
    "data": "download a data set if necessary, check it and show where it is",
    "models": "list the networks, or the layers of one",
    "tf1": "run a script written for TensorFlow 1.x",
}


@dataclass(frozen=True)
class Call:
    """A command with its options.

    Attributes:
        command: its name.
        options: the command's frozen dataclass.
        function: does the work and returns the exit code.
    """

    command: str
    options: Any
    function: Callable[[Any], int]

    def run(self) -> int:
        """Run the command and return its exit code."""
        return self.function(self.options)


class OneLineParser(argparse.ArgumentParser):
    """A command-line parser that raises `InputError` if the command line is wrong."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see `{self.prog} --help`")


def parse(arguments: Sequence[str]) -> Call:
    """Parse a command line.

    Raises:
        InputError: the command line is wrong.
        SystemExit: it asks for help, which has been printed.
    """
    parser = OneLineParser(
        prog="lowlevel-cnn",
        description="The convolutional networks of the TensorFlow 1.x textbooks, low-level, on today's TensorFlow.",
    )
    parser.add_argument("--version", action="version", version=f"lowlevel-cnn {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    named = next((word for word in arguments if not word.startswith("-")), "")
    for name, text in COMMANDS.items():
        subparser = subparsers.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False
        )
        if name == named:
            command_named(name).add_flags(subparser)
    parsed = parser.parse_args(arguments)
    # What `tf1` passes on to a script is the script's.
    passed_on = len(getattr(parsed, "arguments", ()))
    exclusive_flags.check(arguments[: len(arguments) - passed_on])
    command = command_named(parsed.command)
    return Call(parsed.command, command.options(parsed), command.function)


def command_named(name: str) -> Command[Any]:
    """Return the command of this name, one of `COMMANDS`."""
    command: Command[Any] = importlib.import_module(f"lowlevel_cnn.commands.{name}").COMMAND
    return command
