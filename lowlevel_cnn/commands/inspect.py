"""The command `inspect`: show the contents of a checkpoint, compare two, or verify them."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lowlevel_cnn.checkpoints import listing, paths, tensor_values
from lowlevel_cnn.checkpoints.contents import AVERAGE, Contents, Statistics, differences
from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError
from lowlevel_cnn.checkpoints.resolving import named_prefix, prefix_of
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import path_name
from lowlevel_cnn.commands.output_paths import check_output_file
from lowlevel_cnn.commands.text_table import aligned, shown
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.evaluation import best_checkpoint
from lowlevel_cnn.runs import run_record
from lowlevel_cnn.system import strict_json
from lowlevel_cnn.system.messages import warn

_SHORT = ("model", "dataset", "seed")


@dataclass(frozen=True, kw_only=True)
class InspectOptions:
    """The options of `inspect`; by default it prints a table of all variables.

    Attributes:
        path: a run directory, a checkpoint, or a file of one.
        tensor: the variable whose values to print.
        diff: another checkpoint to compare with.
        verify: whether to read everything and report any damage.
        output: the `.npy` file to which to write the values of `tensor`.
        json: whether to print JSON.
    """

    path: str
    tensor: str | None = None
    diff: str | None = None
    verify: bool = False
    output: str | None = None
    json: bool = False


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    parser.add_argument("path", type=path_name, metavar="PATH", help="a run directory, a checkpoint, or a file of one")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--tensor", metavar="NAME", help="print all values of a variable")
    what.add_argument("--diff", type=path_name, metavar="OTHER", help="show the differences from another checkpoint")
    what.add_argument(
        "--verify", action="store_true", help="read everything and report any damage (exit code 1 if there is)"
    )
    parser.add_argument("--output", type=path_name, metavar="FILE.npy", help="write the values of --tensor there")
    parser.add_argument("--json", action="store_true", help="print JSON")


def inspect(options: InspectOptions) -> int:
    """Print what the options ask for, and return the exit code: 1 if `verify` found damage.

    Raises:
        InputError: the path is not a checkpoint, or a variable is not in it.
        DamagedCheckpointError: values to print cannot be read.
    """
    if options.output is not None and options.tensor is None:
        raise InputError("--output: only applies to --tensor; add --tensor NAME")
    path = Path(options.path)
    paths.check_name(path)
    prefix = prefix_of(path)
    if options.verify:
        return _verify(path, prefix, options.json)
    if options.tensor is not None:
        _tensor(Contents(prefix), options.tensor, options)
    elif options.diff is not None:
        paths.check_name(Path(options.diff))
        _diff(Contents(prefix), Contents(prefix_of(Path(options.diff))), options.json)
    else:
        _table(Contents(prefix), options.json)
    return 0


def _table(contents: Contents, as_json: bool) -> None:
    rows = list(contents.statistics())
    about = _about(contents.prefix)
    totals = {
        "variables": len(rows),
        "values": sum(row.count for row in rows),
        "weights": sum(row.count for row in rows if row.name + AVERAGE in contents.shapes),
    }
    if as_json:
        print(strict_json.dumps({**about, "variables": [asdict(row) for row in rows], "totals": totals}, indent=2))
        return
    print(f"{contents.prefix}, written {about['written']}")
    head = ("variable", "shape", "dtype", "count", "min", "max", "mean", "stddev", "zeros", "not finite", "average")
    for line in aligned([head, *map(_cells, rows)], left=3):
        print(line)
    weights = f", {totals['weights']:,} of them weights with moving averages" if totals["weights"] else ""
    print(f"{totals['variables']} variables, {totals['values']:,} values{weights}")
    print(f"Checkpoints at steps: {', '.join(map(str, about['steps'])) or 'not in their names'}")
    if about["best"]:
        print(f"Best: step {about['best']['step']}, validation accuracy {about['best']['accuracy']:g}")
    if about["run"]:
        print(f"Run: {', '.join(f'{name} {value}' for name, value in about['run'].items())}")


def _cells(row: Statistics) -> tuple[str, ...]:
    numbers = (row.minimum, row.maximum, row.mean, row.stddev)
    return (
        row.name,
        "x".join(map(str, row.shape)) or "scalar",
        row.dtype,
        f"{row.count:,}",
        *("" if number is None else shown(number) for number in numbers),
        "" if row.zeros is None else f"{row.zeros:.1%}",
        "" if row.not_finite is None else f"{row.not_finite:,}",
        "" if row.average_distance is None else f"{row.average_distance:.2%} off",
    )


def _about(prefix: Path) -> dict[str, Any]:
    """Return facts about a checkpoint: its time, the steps and the best one in its directory, and the run in short."""
    directory = prefix.parent
    index = prefix.with_name(prefix.name + ".index")
    written = datetime.datetime.fromtimestamp((index if index.exists() else prefix).stat().st_mtime)
    return {
        "checkpoint": str(prefix),
        "written": written.astimezone().isoformat(sep=" ", timespec="seconds"),
        # A checkpoint without a step in its name or contents is listed as step 0.
        "steps": [each.step for each in listing.listed(directory) if each.step or each.prefix.name.endswith("-0")],
        "best": best_checkpoint.kept(directory),
        "run": _run(directory),
    }


def _run(directory: Path) -> dict[str, Any]:
    try:
        record = run_record.read(directory)
    except InputError as error:
        warn(str(error))
        return {}
    if record is None:
        return {}
    file = {"model_file": record.model_file} if record.model_file else {}
    return {name: getattr(record, name) for name in _SHORT} | file | record.hyper_parameters


def _tensor(contents: Contents, given: str, options: InspectOptions) -> None:
    name = contents.name_of(given)
    if options.output is not None:
        path = Path(options.output)
        check_output_file("--output", path, ".npy", "the values are")
        print(tensor_values.write_npy(path, name, contents.value(name)))
    elif options.json:
        print(tensor_values.as_json(name, contents.value(name)))
    else:
        print(tensor_values.as_text(contents.value(name)))


def _diff(first: Contents, second: Contents, as_json: bool) -> None:
    found = list(differences(first, second))
    if as_json:
        both = {"first": str(first.prefix), "second": str(second.prefix)}
        print(strict_json.dumps({**both, "differences": [asdict(each) for each in found]}, indent=2))
        return
    rows = [("variable", "", "largest difference", "distance")]
    for each in found:
        kind = f"reshaped from {each.before} to {each.after}" if each.kind == "reshaped" else each.kind
        largest = "" if each.largest is None else shown(each.largest)
        rows.append((each.name, kind, largest, "" if each.distance is None else f"{each.distance:.2%}"))
    print(f"From {first.prefix} to {second.prefix}")
    for line in aligned([row for row in rows if row[1] != "same"], left=2):
        print(line)
    same = sum(each.kind == "same" for each in found)
    print(f"{same} of {len(found)} variables are identical, bit for bit")


def _verify(path: Path, prefix: Path, as_json: bool) -> int:
    """Verify all checkpoints of a run directory, or the one named; return 1 if any is damaged."""
    prefixes = [prefix]
    if named_prefix(path) is None:
        folders = (prefix.parent, prefix.parent / best_checkpoint.FOLDER)
        prefixes = [each.prefix for folder in folders for each in listing.listed(folder)]
    found = {str(each): _damage(each) for each in prefixes}
    if as_json:
        print(
            strict_json.dumps(
                {name: {"good": not damage, "damage": damage} for name, damage in found.items()}, indent=2
            )
        )
    else:
        for name, damage in found.items():
            print(f"{name}: {damage or 'good'}")
    return 1 if any(found.values()) else 0


def _damage(prefix: Path) -> str:
    """Describe what is damaged in a checkpoint; "" if nothing is."""
    try:
        contents = Contents(prefix)
    except DamagedCheckpointError as error:
        return str(error).removeprefix(f"{prefix}: ")
    names: Sequence[str] = contents.damaged()
    return f"damaged: {', '.join(names)}" if names else ""


COMMAND = Command(add_flags, options_from_flags(InspectOptions), inspect)
