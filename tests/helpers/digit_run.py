"""A run that recognizes drawn digits, for all tests of the page."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from helpers.commands_here import run_here
from helpers.made_data import IDX_FILES, idx_bytes
from lowlevel_cnn.datasets.drawn_digits import draw

MISLABELLED = [3, 150]  # test images
STEPS = [1, 31, 61, 90]


@pytest.fixture(scope="session")
def digit_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of drawn digits in MNIST's files; some of its 200 test images have a wrong label."""
    folder = tmp_path_factory.mktemp("digit-data")
    for seed, (split, count) in enumerate((("train", 2000), ("test", 200))):
        images, labels = draw(count, seed)
        if split == "test":
            labels = labels.copy()
            labels[MISLABELLED] = (labels[MISLABELLED] + 1) % 10
        for name, array in zip(IDX_FILES[split], (images[..., 0], labels), strict=True):
            contents = idx_bytes(np.asarray(array, np.uint8))
            (folder / f"{name}.gz").write_bytes(gzip.compress(contents, compresslevel=1, mtime=0))
    return folder


@pytest.fixture(scope="session")
def digit_run(digit_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on that data with checkpoints at `STEPS`. Not to be changed."""
    directory = tmp_path_factory.mktemp("digit-run") / "run"
    words = ("--model", "book-lenet-fast", "--dataset", "mnist", "--batch-size", 40, "--learning-rate", 0.003)
    kept = ("--steps", STEPS[-1], "--save-every", 30, "--summary-every", 0)
    assert run_here("train", *words, *kept, "--data-dir", digit_data, "--checkpoint-dir", directory) == 0
    return directory
