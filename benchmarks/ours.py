"""A contender: this project, as `lowlevel-cnn train` and `lowlevel-cnn eval` run it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.commands import lowlevel_cnn
from benchmarks.contest import WARM_UP_STEPS, Outcome, arguments, say
from lowlevel_cnn import run_record


def main() -> None:
    """Trains and prints the outcome."""
    flags = arguments(__doc__)
    steps = WARM_UP_STEPS + flags.steps
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    with tempfile.TemporaryDirectory() as folder:
        where += ["--checkpoint-dir", folder]
        words = ["--model", flags.model, "--steps", str(steps), "--save-every", str(steps)]
        milliseconds = lowlevel_cnn("train", *words, *where).milliseconds_a_step(steps)
        lowlevel_cnn("eval", "--once", "--split", "test", "--weights", "raw", *where)
        row = json.loads((Path(folder) / "eval/test/metrics.jsonl").read_text())
    say(Outcome(milliseconds, row["loss"], run_record.versions()))


if __name__ == "__main__":
    main()
