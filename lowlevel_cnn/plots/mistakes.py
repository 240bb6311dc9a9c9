"""Draw the worst mistakes in the test split: the most confident wrong predictions."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.plots import drawing
from lowlevel_cnn.plots.trained_run import TrainedRun

COUNT = 25


def worst(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the indices of misclassified images by their probabilities `[count, labels]`, the most confident first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]


def draw(run: TrainedRun) -> Figure:
    """Draw the worst 25, or all if there are fewer.

    Raises:
        InputError: the data or a checkpoint is missing.
    """
    test, probabilities = run.data.test, run.probabilities
    places = worst(probabilities, test.labels)
    shown = places[:COUNT]
    captions = [_caption(place, probabilities[place], int(test.labels[place]), run.class_names) for place in shown]
    which = f"all {len(shown)}" if len(shown) == len(places) else f"the {len(shown)} most confident"
    text = f"{len(places):,} of {len(test):,} test images are classified wrongly"
    if captions:
        text += f"; {which}, with the predicted and the true class"
    return drawing.tiles(scale(test.images[shown]), captions, run.header(text), lines_a_caption=3)


def _caption(place: int, probabilities: np.ndarray, label: int, names: tuple[str, ...]) -> str:
    taken_for = int(probabilities.argmax())
    return (
        f"{names[taken_for]}: {probabilities[taken_for]:.2%}\nis {names[label]}: {probabilities[label]:.2%}\n"
        f"image {place}"
    )
