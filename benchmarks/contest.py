"""What the contenders of a training step have in common: the task, and what they say at the end."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from benchmarks.networks import NETWORKS, Network
from lowlevel_cnn import datasets, models


@dataclass(frozen=True)
class Task:
    """What a contender is to train, and on what.

    Attributes:
        model: hyper-parameters and reported figures.
        network: its layers.
        images: `[count, height, width, channels]` float32 in [0, 1], padded as the network wants them.
        labels: `[count]` int64.
        test_images: all test images.
        test_labels: theirs.
    """

    model: models.Model
    network: Network
    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """What a contender says at the end.

    Attributes:
        test_loss: mean cross entropy on the test images after the last step, to see that all learn alike.
        versions: of what computed.
    """

    test_loss: float
    versions: dict[str, str]


def arguments(description: str | None) -> argparse.Namespace:
    """A contender's command line, as `train_step` gives it."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", choices=list(NETWORKS), default="book-lenet")
    parser.add_argument("--data-dir")
    parser.add_argument("--variant", default="")
    return parser.parse_args()


def task(flags: argparse.Namespace) -> Task:
    """The task that the command line names, with its data."""
    model, network = models.get(flags.model), NETWORKS[flags.model]
    data = datasets.load(model.dataset, flags.data_dir)
    border = [(0, 0), (network.padded,) * 2, (network.padded,) * 2, (0, 0)]

    def floats(pixels: np.ndarray) -> np.ndarray:
        return np.pad(pixels, border).astype(np.float32) / 255

    return Task(
        model,
        network,
        floats(data.train.images),
        data.train.labels.astype(np.int64),
        floats(data.test.images),
        data.test.labels.astype(np.int64),
    )
