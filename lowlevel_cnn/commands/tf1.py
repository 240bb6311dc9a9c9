"""The command `tf1`: runs a script that was written for TensorFlow 1.x, or says what has become of its names."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from lowlevel_cnn import datasets
from lowlevel_cnn.commands import console
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import path_name
from lowlevel_cnn.commands.shared_flags import add_data_flags
from lowlevel_cnn.commands.text_table import aligned
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system import strict_json
from lowlevel_cnn.tf1.script import check_file, run

if TYPE_CHECKING:
    from lowlevel_cnn.tf1.check import Name


@dataclass(frozen=True, kw_only=True)
class Tf1Options:
    """Which script, and how it is run.

    Attributes:
        script: a Python file or a notebook.
        arguments: the script's own words.
        check: list its names instead of running it.
        json: whether the list is printed as JSON.
        data_dir: where the data is that the script's own folder lacks.
        mirror: where it is downloaded from; see `datasets.load`.
    """

    script: str
    arguments: tuple[str, ...] = ()
    check: bool = False
    json: bool = False
    data_dir: str | None = None
    mirror: str | None = None


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command, which stand before the script; what stands behind it is the script's."""
    parser.add_argument(
        "--check",
        action="store_true",
        help="list the script's names of TensorFlow without running it: works as is, given back, or gone",
    )
    parser.add_argument("--json", action="store_true", help="print the list of --check as JSON")
    add_data_flags(parser)
    parser.add_argument("script", type=path_name, metavar="SCRIPT", help="a Python file or a notebook (.ipynb)")
    arguments = parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="ARGUMENTS", help="the script's own arguments"
    )
    # An error would name them beside SCRIPT.
    arguments.required = False


def tf1(options: Tf1Options) -> int:
    """Run the script and return its exit code, or print what has become of its names.

    Raises:
        InputError: there is no such script, or it was written for Python 2.
        WorkError: the script needs what is gone from TensorFlow.
    """
    if options.json and not options.check:
        raise InputError("--json: prints the list of --check, which is not given; what follows SCRIPT is the script's")
    if options.check:
        check_file(options.script)
        return _check(options)
    console.show_pictures()
    with _data_from(options):
        return run(options.script, options.arguments)


@contextlib.contextmanager
def _data_from(options: Tf1Options) -> Iterator[None]:
    """Give the script, and processes that it starts, the data's place by the environment."""
    given = {datasets.DATA_VARIABLE: options.data_dir, datasets.MIRROR_VARIABLE: options.mirror}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update({name: value for name, value in given.items() if value is not None})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _check(options: Tf1Options) -> int:
    from lowlevel_cnn.tf1 import check

    found = check.check(options.script)
    if options.json:
        print(strict_json.dumps({"script": options.script, "names": [asdict(each) for each in found]}, indent=2))
        return 0
    rows = [("line", "name", "today", "replacement")]
    rows += [(_place(each), each.name, each.status, each.replacement) for each in found]
    for line in aligned(rows, left=len(rows[0])):
        print(line)
    counts = Counter(each.status for each in found)
    print(", ".join(f"{counts[status]} {status}" for status in (check.WORKS, check.GIVEN_BACK, check.GONE)))
    return 0


def _place(name: Name) -> str:
    return f"{name.line}" if name.cell is None else f"cell {name.cell}, {name.line}"


def _options(parsed: argparse.Namespace) -> Tf1Options:
    parsed.arguments = tuple(parsed.arguments)
    return options_from_flags(Tf1Options)(parsed)


COMMAND = Command(add_flags, _options, tf1)
