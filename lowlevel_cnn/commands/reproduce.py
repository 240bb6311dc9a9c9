"""The command `reproduce`: train models on real data, record one row per run, and write the results table.

It continues where it was interrupted: runs with a row are skipped, and an unfinished run is resumed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lowlevel_cnn import datasets, models
from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.cluster.task import environment_of_a_process_alone
from lowlevel_cnn.commands import results_table
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import model_name, path_name, whole_number
from lowlevel_cnn.commands.own_model import loaded
from lowlevel_cnn.commands.results_in_chinese import in_chinese
from lowlevel_cnn.commands.results_table import Result
from lowlevel_cnn.commands.shared_flags import add_data_flags
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.models import Model
from lowlevel_cnn.runs import metrics, run_record
from lowlevel_cnn.system.atomic_files import write_atomically
from lowlevel_cnn.system.signals import DeferredInterrupt, signals_blocked

_TABLE_BEGINS = "<!-- made by `lowlevel-cnn reproduce`; what is below this line is written anew -->"


@dataclass(frozen=True, kw_only=True)
class ReproduceOptions:
    """The options of `reproduce`.

    Attributes:
        model: the models to train, names or files; None: all of `models.names()`.
        seeds: the seeds, with one run each.
        data_dir: see `datasets.folder`.
        mirror: see `datasets.load`.
        runs_dir: the folder for the run directories.
        rows: the file to which one row per run is added.
        table: the Markdown file to which the table is written; the same page in Chinese gets it too, if there is one.
    """

    model: Sequence[str] | None = None
    seeds: Sequence[int] = (0, 1, 2)
    data_dir: str | None = None
    mirror: str | None = None
    runs_dir: str = "checkpoints/reproduce"
    rows: str = "results.jsonl"
    table: str = "results.md"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    parser.add_argument(
        "--model",
        action="append",
        type=model_name,
        metavar="NAME|FILE",
        help="the model to train, or a Python file with one; may be given several times (default: all that `models` "
        "lists)",
    )
    parser.add_argument(
        "--seeds",
        type=whole_number(0),
        nargs="+",
        default=ReproduceOptions.seeds,
        metavar="N",
        help="one run per seed (default: 0 1 2)",
    )
    add_data_flags(parser)
    for flag, metavar, text in (
        ("--runs-dir", "DIR", "where the run directories go"),
        ("--rows", "FILE", "the file to which one row per run is added"),
        ("--table", "FILE", "the file to which the results table is written; in Chinese to the page beside it, if any"),
    ):
        default = getattr(ReproduceOptions, flag[2:].replace("-", "_"))
        parser.add_argument(
            flag, type=path_name, default=default, metavar=metavar, help=f"{text} (default: %(default)s)"
        )


def reproduce(options: ReproduceOptions) -> int:
    """Run every model with every seed that has no row yet, write the table, and return the exit code.

    Raises:
        InputError: the data, the rows file or the table is wrong.
        WorkError: training or evaluation failed.
    """
    rows_file, table = Path(options.rows), Path(options.table)
    _check_outputs(rows_file, table)
    rows = results_table.read(rows_file)
    found = [_model(name) for name in options.model or models.names()]
    for model in found:
        datasets.fetch(model.dataset, options.data_dir, mirror=options.mirror)
    for model in found:
        name, checksum = (model.file.name, model.file.checksum) if model.file else (model.name, "")
        for seed in options.seeds:
            if any((row.model, row.model_checksum, row.seed) == (name, checksum, seed) for row in rows):
                print(f"{name}, seed {seed}: already in {options.rows}", flush=True)
                continue
            row = _run(model, seed, options)
            rows.append(row)
            results_table.append(rows_file, row)
            print(f"{name}, seed {seed}: test accuracy {row.accuracy_average:.4f}", flush=True)
    table.parent.mkdir(parents=True, exist_ok=True)
    text, translation = results_table.markdown(rows), _translation(table)
    write_atomically(table, f"{_text_above(table)}{_TABLE_BEGINS}\n\n{text}")
    if translation.exists():
        write_atomically(translation, f"{_text_above(translation)}{_TABLE_BEGINS}\n\n{in_chinese(text)}")
    return 0


def _model(name: str) -> Model:
    """Return a model by its name, or that of a file."""
    found = loaded(name)
    return found if isinstance(found, Model) else models.get(name)


def _run(model: Model, seed: int, options: ReproduceOptions) -> Result:
    """Train in its own run directory, and score the last checkpoint with both kinds of weights."""
    directory = Path(options.runs_dir) / f"{model.name}-seed-{seed}"
    # A flag's value after "=" may begin with a dash.
    where = ["--checkpoint-dir", str(directory), f"--model={model.file.path if model.file else model.name}"]
    where += ["--data-dir", options.data_dir] if options.data_dir else []
    where += ["--mirror", options.mirror] if options.mirror else []

    resumed = run_record.read(directory) is not None
    started = time.monotonic()
    _call("train", "--seed", str(seed), "--keep", "2", *where)
    seconds = None if resumed else round(time.monotonic() - started, 1)

    for weights in ("average", "raw"):
        _call("eval", "--split", "test", "--weights", weights, "--once", *where)
    record, there = run_record.read(directory), listing.listed(directory)
    if record is None or not there:
        raise WorkError(f"{directory}: its run.json or checkpoints disappeared during training")
    average, raw = (_row(directory, weights, there[-1].step) for weights in ("average", "raw"))
    return Result(
        model=model.file.name if model.file else model.name,
        seed=seed,
        steps=average.step,
        accuracy_average=average.accuracy,
        accuracy_raw=raw.accuracy,
        seconds=seconds,
        versions=record.versions,
        speed=record.speed,
        data_checksum=record.data_checksum,
        model_checksum=record.model_checksum,
    )


def _row(directory: Path, weights: str, step: int) -> metrics.Row:
    """Return the score of a checkpoint as recorded by the evaluator."""
    for row in metrics.read(directory, "test", weights):
        if row.step == step:
            return row
    path = metrics.path(directory, "test")
    raise WorkError(
        f"{path}: has no row for step {step} with {weights} weights; free disk space or make it writable, then run "
        "reproduce again to continue"
    )


def _call(command: str, *arguments: str) -> None:
    """Run another command in a process of its own, which prints its own errors."""
    with DeferredInterrupt() as interrupt:
        with signals_blocked():
            command_line = [sys.executable, "-m", "lowlevel_cnn", command, *arguments]
            process = subprocess.Popen(command_line, env=environment_of_a_process_alone())
            interrupt.pass_on_to(process)
        code = process.wait()
    if code:
        raise WorkError(
            f"lowlevel-cnn {command} {' '.join(arguments)}: exited with code {code}; run reproduce again to continue"
        )


def _check_outputs(rows_file: Path, table: Path) -> None:
    """Refuse outputs that could not be written after hours of training, without creating anything yet."""
    for flag, path in (("--rows", rows_file), ("--table", table)):
        if path.is_dir():
            raise InputError(f"{flag} {path}: is a directory; give a file name")
        there = next(each for each in (path, *path.absolute().parents) if each.exists())
        if not os.access(there, os.W_OK) or (there != path and not there.is_dir()):
            raise InputError(f"{flag} {path}: cannot be written; choose another file")
    if rows_file.resolve() == table.resolve():
        raise InputError(f"--table {table}: is the same file as --rows; choose another")
    for page in (table, _translation(table)):
        _text_above(page)


def _translation(table: Path) -> Path:
    """Return the same page in Chinese, `results.zh-CN.md` for `results.md`; if it exists, it gets the same table."""
    return table.with_name(f"{table.stem}.zh-CN{table.suffix}")


def _text_above(table: Path) -> str:
    """Return the text above the marker in a Markdown file, which is kept."""
    if not table.exists():
        return "# Results\n\n"
    try:
        return table.read_text(encoding="utf-8").split(_TABLE_BEGINS)[0]
    except UnicodeDecodeError:
        raise InputError(f"--table {table}: is not UTF-8 text; choose another file") from None


COMMAND = Command(add_flags, options_from_flags(ReproduceOptions), reproduce)
