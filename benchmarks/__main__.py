"""`python -m benchmarks [--data-dir DATA] [--model ...]`: all measurements, one after the other."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.networks import NETWORKS

PARTS = ("start", "saving", "evaluation", "growth", "time_to_accuracy", "tf1_book_loop", "cluster")


def main() -> None:
    """Runs each measurement as a process of its own, the training step of all models first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", help="the folder that holds the data sets")
    flags = parser.parse_args()
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    each_model = [word for model in NETWORKS for word in ("--model", model)]
    for name, words in (("train_step", each_model), *((part, []) for part in PARTS)):
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *words, *where], check=True)


if __name__ == "__main__":
    main()
