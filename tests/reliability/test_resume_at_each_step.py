"""Resuming after each step of three epochs: the samples that are left, in their order, and the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import write_mnist
from helpers.processes import copy_checkpoint, same_bits, steps_in
from helpers.torture import Report
from small_runs import train_here, train_words

from lowlevel_cnn.checkpoints import saving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.datasets.batches import Batches

STEPS_AN_EPOCH, BATCH = 20, 20
STEPS = 3 * STEPS_AN_EPOCH
RESUMED = 50

Samples = list[bytes]


@dataclass(frozen=True)
class Uninterrupted:
    """The data, the directory with every checkpoint of the run, and the samples of each of its steps."""

    data: Path
    directory: Path
    steps: list[Samples]


@pytest.fixture(scope="module")
def seen() -> Iterator[list[Samples]]:
    """The samples of each step of what is trained here."""
    batch, steps = Batches.batch, list[Samples]()

    def recorded(self: Batches, step: int) -> tuple[np.ndarray, np.ndarray]:
        images, labels = batch(self, step)
        steps.append([image.tobytes() + label.tobytes() for image, label in zip(images, labels, strict=True)])
        return images, labels

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batches, "batch", recorded)
        yield steps


@pytest.fixture(scope="module")
def uninterrupted(seen: list[Samples], tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    folder = tmp_path_factory.mktemp("uninterrupted")
    # 436 images, of which a twelfth is held out: 400 are trained on.
    data = write_mnist(folder / "data", count_train=436, count_test=20)
    directory = folder / "run"
    train_here(train_words(data, directory, steps=STEPS, keep=STEPS))
    assert steps_in(directory) == list(range(1, STEPS + 1))
    return Uninterrupted(data, directory, seen.copy())


def stopped_after(step: int, run: Path, directory: Path) -> Path:
    """What was in a run's directory when `step` was its last."""
    directory.mkdir()
    (directory / "run.json").write_bytes((run / "run.json").read_bytes())
    for each in range(1, step + 1):
        copy_checkpoint(run / f"model.ckpt-{each}", directory / f"model.ckpt-{each}")
    saving.write_state(directory, [Checkpoint(step, directory / f"model.ckpt-{step}")])
    return directory


def test_an_epoch_has_each_sample_once_in_an_order_of_its_own(uninterrupted: Uninterrupted) -> None:
    samples = [sample for step in uninterrupted.steps for sample in step]
    epochs = [samples[start : start + 400] for start in range(0, len(samples), 400)]
    assert [len(set(epoch)) for epoch in epochs] == [STEPS_AN_EPOCH * BATCH] * 3
    assert all(set(first) == set(second) and first != second for first, second in pairwise(epochs))


def test_a_run_resumed_after_any_step_sees_the_samples_that_are_left_in_order_and_ends_with_the_same_weights(
    uninterrupted: Uninterrupted, seen: list[Samples], tmp_path: Path, full: bool, report: Report
) -> None:
    # The quick ones stand at the beginning, at the ends of epochs, and at the last.
    stops = range(1, RESUMED + 1) if full else (1, 19, 20, 41, RESUMED)
    same_samples = same_weights = 0
    for stop in stops:
        directory = stopped_after(stop, uninterrupted.directory, tmp_path / f"after-{stop}")
        seen.clear()
        train_here(train_words(uninterrupted.data, directory, steps=STEPS, save_every=STEPS))
        last = f"model.ckpt-{STEPS}"
        same_samples += seen == uninterrupted.steps[stop:]
        same_weights += same_bits(directory / last, uninterrupted.directory / last)
    report(
        "steps of three epochs after which a resumed run has the same samples in order, and the same weights",
        f"{same_samples} and {same_weights} of {len(stops)}",
    )
    assert (same_samples, same_weights) == (len(stops), len(stops))
