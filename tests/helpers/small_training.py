"""Small trainings of `lenet-5` in the test's own process."""

from __future__ import annotations

from pathlib import Path

from lowlevel_cnn.__main__ import main


def small_words(
    data: Path, directory: Path, *, steps: int = 2, save_every: int = 1, command: str = "train"
) -> list[str]:
    """The command line of a small training."""
    network = ("--model", "lenet-5", "--batch-size", 20, "--steps", steps, "--save-every", save_every)
    return [str(word) for word in (command, *network, "--data-dir", data, "--checkpoint-dir", directory)]


def train_small(data: Path, directory: Path) -> Path:
    """Makes a run of two steps, and returns its directory."""
    assert main(small_words(data, directory)) == 0
    return directory
