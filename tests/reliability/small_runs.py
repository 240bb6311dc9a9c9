"""Small runs of `lenet-5` on made-up images, where a step takes a few milliseconds: command lines, and what is left."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

from helpers.processes import ENDLESS, PATIENCE, Ended, Started

from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.commands import parser
from lowlevel_cnn.system.atomic_files import write_atomically

BEGINS = "Training lenet-5 on mnist: from step "
# Where a save's file operations are counted, or what a power loss leaves: event files are written at other times, and
# may be lost. `test_event_files.py` looks at theirs.
WITHOUT_SUMMARIES = ("--summary-every", 0)
# At the beginning of a warm-up as long as that of an endless run the model's own rate changes hardly anything.
_FASTER = ("--learning-rate", 0.5)
_ACKNOWLEDGED = re.compile(r"After (\d+) training step\(s\), loss")
_HALF_SAVED = re.compile(r"\.tempstate|\.tmp$")


def train_words(
    data: Path, directory: Path, *, steps: int, save_every: int = 1, keep: int = 5, command: str = "train"
) -> tuple[object, ...]:
    """The command line of a small training."""
    network = ("--model", "lenet-5", "--seed", 3, "--batch-size", 20)
    saves = ("--steps", steps, "--save-every", save_every, "--keep", keep)
    return (command, *network, *saves, "--data-dir", data, "--checkpoint-dir", directory)


def endless_words(
    data: Path, directory: Path, *, save_every: int = 1, keep: int = 5, command: str = "train"
) -> tuple[object, ...]:
    """The command line of a small training that does not end by itself."""
    return (
        *train_words(data, directory, steps=ENDLESS, save_every=save_every, keep=keep, command=command),
        *_FASTER,
    )


def uninterrupted_until(step: int, data: Path, directory: Path) -> Path:
    """All checkpoints of an endless run in one process, up to a step or a little more; the directory again."""
    trainer = Started(*endless_words(data, directory, keep=ENDLESS), cwd=directory.parent)
    try:
        trainer.wait_for(f"After {step} training step(s)")
        trainer.signal(signal.SIGTERM)
    finally:
        trainer.kill_all()
    return directory


def train_here(words: tuple[object, ...]) -> None:
    """Trains in this process."""
    assert parser.parse([str(word) for word in words]).run() == 0


def newest(directory: Path) -> int:
    """The step of the newest good checkpoint; 0 before the first."""
    found = listing.newest_good(directory, lambda warning: None)
    return found.step if found else 0


def acknowledged(ended: Ended) -> int:
    """The last step of which a trainer said that it is saved; 0 before the first."""
    return max((int(match[1]) for match in map(_ACKNOWLEDGED.match, ended.out) if match), default=0)


def half_saved(directory: Path) -> bool:
    """Whether a save is under way in a directory, or was when its trainer died."""
    names = {path.name for path in directory.glob("*")}
    data = {name.removesuffix(".data-00000-of-00001") for name in names if ".data-" in name}
    return any(_HALF_SAVED.search(name) for name in names) or any(f"{prefix}.index" not in names for prefix in data)


def wait_for_a_save(directory: Path) -> None:
    """Waits until a save is under way, and returns in the middle of it."""
    deadline = time.monotonic() + PATIENCE
    while not half_saved(directory):
        assert time.monotonic() < deadline, f"nothing is saved in {directory}"
        time.sleep(0.0005)


def set_steps(directory: Path, steps: int) -> None:
    """Makes a run one that is to reach `steps`, more or fewer."""
    record = directory / "run.json"
    write_atomically(record, re.sub(r'("training_steps": )\d+', rf"\g<1>{steps}", record.read_text()))
