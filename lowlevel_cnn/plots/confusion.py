"""Draw the confusion matrix: the true and the predicted classes of the test images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lowlevel_cnn.plots.drawing import new_figure
from lowlevel_cnn.plots.trained_run import TrainedRun

_SIDE = 6.5
# Colours by the square root of the share: one mistake in a hundred remains visible beside the diagonal.
_SHARES = PowerNorm(0.5, vmin=0, vmax=1)
_TICKS = (0, 0.01, 0.05, 0.1, 0.25, 0.5, 1)


def counts(labels: np.ndarray, classes: np.ndarray, size: int) -> np.ndarray:
    """Return `[size, size]`: the number of images of each true class (row) and predicted class (column)."""
    return np.bincount(labels.astype(np.int64) * size + classes, minlength=size * size).reshape(size, size)


def draw(run: TrainedRun) -> Figure:
    """Draw the matrix of the test split.

    Raises:
        InputError: the data or a checkpoint is missing.
    """
    matrix = counts(run.data.test.labels, run.probabilities.argmax(axis=1), len(run.class_names))
    total, right = int(matrix.sum()), int(matrix.trace())
    text = f"{right:,} of {total:,} test images are classified correctly: accuracy {right / total:.4f}"
    return draw_matrix(matrix, run.class_names, run.header(text))


def draw_matrix(matrix: np.ndarray, names: Sequence[str], header: str) -> Figure:
    """Draw counts `[true, predicted]`; the colour is the share of the row's images."""
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure = new_figure(_SIDE + 1.3, _SIDE, header)
    axes = figure.subplots()
    shown = axes.imshow(shares, cmap="cividis", norm=_SHARES)
    for (row, column), count in np.ndenumerate(matrix):
        colour = "black" if _SHARES(shares[row, column]) > 0.5 else "white"
        axes.text(column, row, f"{count:,}", ha="center", va="center", fontsize=8, color=colour)
    are_long = max(map(len, names)) > 2
    axes.set_xticks(range(len(names)), names, rotation=45 if are_long else 0, ha="right" if are_long else "center")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    bar = figure.colorbar(shown, ax=axes, shrink=0.8, label="share of the images of the class", ticks=_TICKS)
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure
