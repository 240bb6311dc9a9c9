"""`python -m benchmarks [--data-dir DATA] [--part NAME ...]`: all measurements, one after the other; half an hour.

Held to AVX2, on a processor that has AVX-512:

    ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 MKL_ENABLE_INSTRUCTIONS=AVX2 python -m benchmarks ...
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.networks import NETWORKS

_OTHER_NETWORKS = tuple(word for name in NETWORKS if name != "book-lenet" for word in ("--model", name))


@dataclass(frozen=True)
class Part:
    """A measurement: its module, its words, and the minutes after which it is given up."""

    module: str
    minutes: float
    words: tuple[str, ...] = ()


PARTS = {
    "step": Part("train_step", 8, ("--every-variant",)),
    "steps": Part("train_step", 12, (*_OTHER_NETWORKS, "--rounds", "9", "--steps", "6")),
    "start": Part("start", 4, ("--rounds", "2")),
    "saving": Part("saving", 4, ("--rounds", "3", "--steps", "40")),
    "evaluation": Part("evaluation", 5, ("--rounds", "1", "--steps", "300")),
    "growth": Part("growth", 5, ("--rounds", "5")),
    "time_to_accuracy": Part("time_to_accuracy", 12, ("--rounds", "1")),
    "tf1_book_loop": Part("tf1_book_loop", 5, ("--rounds", "3", "--steps", "120")),
    "cluster": Part("cluster", 12, ("--rounds", "1")),
    "drawing": Part("drawing", 4),
}


def main() -> None:
    """Runs each measurement as a process of its own; one that takes too long is ended, and the next one begins."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", help="the folder that holds the data sets")
    parser.add_argument(
        "--part", action="append", choices=list(PARTS), help="only this one; may be given several times"
    )
    flags = parser.parse_args()
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    failed = []
    for name in flags.part or PARTS:
        part = PARTS[name]
        print(f"\n== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{part.module}", *part.words, *where]
        try:
            subprocess.run(command, check=True, timeout=60 * part.minutes)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(error, file=sys.stderr)
            failed.append(name)
    if failed:
        raise SystemExit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
