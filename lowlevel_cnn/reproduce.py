"""The command `reproduce`: trains models on real data, a row a run, and makes the results table of the rows.

It goes on where it was interrupted: a run that has its row is not run again, a run that was cut off is resumed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from lowlevel_cnn import datasets, metrics, models, results_table, run_record
from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.files import write_atomically
from lowlevel_cnn.interrupts import RememberedInterrupt, held_back
from lowlevel_cnn.results_table import Result

_TABLE_BEGINS = "<!-- made by `lowlevel-cnn reproduce`; what is below this line is written anew -->"


def reproduce(flags: argparse.Namespace) -> int:
    """Runs every model with every seed that has no row yet, and writes the table; returns the exit code.

    Raises:
        InputError: the data or the rows file is wrong.
        WorkError: a training or an evaluation failed.
    """
    names = flags.model or models.names()
    for name in names:
        datasets.fetch(models.get(name).dataset, flags.data_dir, mirror=flags.mirror)
    rows = results_table.read(Path(flags.rows))
    for name in names:
        for seed in flags.seeds:
            if any(row.model == name and row.seed == seed for row in rows):
                print(f"{name}, seed {seed}: has its row in {flags.rows}", flush=True)
                continue
            row = _run(name, seed, flags)
            rows.append(row)
            results_table.append(Path(flags.rows), row)
            print(f"{name}, seed {seed}: test accuracy {row.accuracy_average:.4f}", flush=True)
    _write_table(Path(flags.table), results_table.markdown(rows))
    return 0


def _run(name: str, seed: int, flags: argparse.Namespace) -> Result:
    """Trains in a run directory of its own, scores its last checkpoint with both kinds of weights."""
    directory = Path(flags.runs_dir) / f"{name}-seed-{seed}"
    where = ["--checkpoint-dir", str(directory)]
    where += ["--data-dir", flags.data_dir] if flags.data_dir else []
    where += ["--mirror", flags.mirror] if flags.mirror else []

    resumed = run_record.read(directory) is not None
    started = time.monotonic()
    _call("train", "--model", name, "--seed", str(seed), "--keep", "2", *where)
    seconds = None if resumed else round(time.monotonic() - started, 1)

    for weights in ("average", "raw"):
        _call("eval", "--split", "test", "--weights", weights, "--once", *where)
    average, raw = (
        max(metrics.read(directory, "test", weights), key=lambda row: row.step) for weights in ("average", "raw")
    )
    record = run_record.read(directory)
    if record is None:
        raise WorkError(f"{directory}: its run.json has gone while it was trained")
    return Result(
        model=name,
        seed=seed,
        steps=average.step,
        accuracy_average=average.accuracy,
        accuracy_raw=raw.accuracy,
        seconds=seconds,
        versions=record.versions,
        speed=record.speed,
        data_checksum=record.data_checksum,
    )


def _call(command: str, *arguments: str) -> None:
    """Runs another of the commands as a process of its own, which prints its errors itself."""
    with RememberedInterrupt() as interrupt:
        with held_back():
            process = subprocess.Popen([sys.executable, "-m", "lowlevel_cnn", command, *arguments])
            interrupt.pass_on_to(process)
        code = process.wait()
    if code:
        raise WorkError(
            f"lowlevel-cnn {command} {' '.join(arguments)}: ended with {code}; reproduce goes on from there"
        )


def _write_table(path: Path, table: str) -> None:
    """Writes the tables below the mark in a Markdown file; what stands above it stays."""
    above = path.read_text(encoding="utf-8").split(_TABLE_BEGINS)[0] if path.exists() else "# Results\n\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, f"{above}{_TABLE_BEGINS}\n\n{table}")
