"""A contender: this project, as `lowlevel-cnn train` and `lowlevel-cnn eval` run it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.commands import lowlevel_cnn
from benchmarks.contest import Outcome, arguments, say, warm_up_steps
from lowlevel_cnn.runs import run_record


def main() -> None:
    """Trains and prints the outcome."""
    flags = arguments(__doc__)
    first, last = warm_up_steps(flags.steps), warm_up_steps(flags.steps) + flags.steps
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    with tempfile.TemporaryDirectory() as folder:
        where += ["--checkpoint-dir", folder]
        words = ["--model", flags.model, "--steps", str(last), "--save-every", str(flags.steps), "--lines", "book"]
        milliseconds = lowlevel_cnn("train", *words, *where).milliseconds_a_step(first, last)
        lowlevel_cnn("eval", "--once", "--split", "test", "--weights", "raw", *where)
        row = json.loads((Path(folder) / "eval/test/metrics.jsonl").read_text())
    say(Outcome(milliseconds, row["loss"], run_record.versions()))


if __name__ == "__main__":
    main()
