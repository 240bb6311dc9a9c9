"""A contender: this project, as `lowlevel-cnn train` and `lowlevel-cnn eval` run it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.contest import Outcome, arguments
from benchmarks.turns import Turns
from lowlevel_cnn import mnist_train
from lowlevel_cnn.__main__ import main as command
from lowlevel_cnn.runs import run_record
from lowlevel_cnn.training.loop import Loop


def main() -> None:
    """Trains by the command with its defaults, which here waits for its turns before it takes a batch."""
    flags, turns = arguments(__doc__), Turns()

    def in_turns(*words: Any) -> Loop:
        return Loop(*words, next_batch=lambda done: done if turns.another_step() else None)

    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    with tempfile.TemporaryDirectory() as folder, patch.object(mnist_train, "Loop", in_turns):
        where += ["--checkpoint-dir", folder]
        assert command(["train", "--model", flags.model, "--lines", "book", *where]) == 0
        assert command(["eval", "--once", "--split", "test", "--weights", "raw", *where]) == 0
        row = json.loads((Path(folder) / "eval/test/metrics.jsonl").read_text())
    turns.say(asdict(Outcome(row["loss"], run_record.versions())))


if __name__ == "__main__":
    main()
