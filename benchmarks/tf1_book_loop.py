"""The book's loop under `lowlevel-cnn tf1` against the same loop on plain `tf.compat.v1` in plain `python`.

python -m benchmarks.tf1_book_loop [--rounds 5] [--steps 150] [--data-dir DATA]

Both run `benchmarks/scripts/book_loop.py`, whose second word says how it gets TensorFlow 1.x. The first runs as a
user's old script does: oneDNN is on there, where TensorFlow on its own leaves it off on many processors.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.record import arguments, keep
from lowlevel_cnn.tensorflow_v1 import ONEDNN

SCRIPT = str(Path(__file__).parent / "scripts" / "book_loop.py")
TF1, PLAIN = "lowlevel-cnn tf1", "plain compat.v1"


def main() -> None:
    """Runs the two in turn, prints the medians and keeps them."""
    flags = arguments(__doc__, rounds=5, steps=150)
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    commands = {
        TF1: ["-m", "lowlevel_cnn", "tf1", *where, SCRIPT, str(flags.steps), "tf1"],
        PLAIN: [SCRIPT, str(flags.steps), "plain", *where],
    }
    rounds = [{name: _milliseconds(words) for name, words in commands.items()} for _ in range(flags.rounds)]
    result: dict[str, Any] = {
        "steps": flags.steps,
        "milliseconds": {name: median(each[name] for each in rounds) for name in commands},
        "all": {name: [round(each[name], 2) for each in rounds] for name in commands},
    }
    for name, milliseconds in result["milliseconds"].items():
        spread = f"{min(result['all'][name]):.1f} to {max(result['all'][name]):.1f}"
        times = milliseconds / result["milliseconds"][TF1]
        print(f"  {name:18} {milliseconds:7.1f} ms a step ({spread}), {times:.2f} times that under tf1")
    keep("tf1_book_loop", result)


def _milliseconds(words: list[str]) -> float:
    # As a shell has them: nobody who runs an old script sets oneDNN's variable.
    variables = {name: value for name, value in os.environ.items() if name != ONEDNN}
    ended = subprocess.run([sys.executable, *words], capture_output=True, text=True, env=variables)
    if ended.returncode:
        raise SystemExit(f"python {' '.join(words)}: {ended.stderr}")
    return float(json.loads(ended.stdout.splitlines()[-1])["milliseconds"])


if __name__ == "__main__":
    main()
