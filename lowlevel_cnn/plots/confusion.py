"""Draw the confusion matrix: the true and the predicted classes of the test images."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lowlevel_cnn.plots.drawing import new_figure
from lowlevel_cnn.plots.trained_run import TrainedRun

_SIDE, _LARGEST, _AROUND = 6.5, 20.0, 1.5  # inches; the last is what names and title take of the side
_MOST_WITH_COUNTS = 30  # classes; of more, colours alone are drawn
_CELL_WITH_COUNT, _CELL, _NAME = 0.34, 0.16, 0.13  # inches: side of a cell, and what a name needs
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
    """Draw counts `[true, predicted]`; the colour is the share of the row's images.

    Of many classes the counts are left out, and of very many all but every second, third, ... name.
    """
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    has_counts = len(names) <= _MOST_WITH_COUNTS
    cells = len(names) * (_CELL_WITH_COUNT if has_counts else _CELL)
    side = min(max(_SIDE, cells + _AROUND), _LARGEST)
    figure = new_figure(side + 1.3, side, header)
    axes = figure.subplots()
    shown = axes.imshow(shares, cmap="cividis", norm=_SHARES)
    if has_counts:
        _write_counts(axes, matrix, shares)
    named = range(0, len(names), math.ceil(len(names) * _NAME / (side - _AROUND)))
    are_long = max(map(len, names)) > 2
    rotation, alignment = (45, "right") if are_long else (0, "center")
    axes.set_xticks(named, names[:: named.step], rotation=rotation, ha=alignment)
    axes.set_yticks(named, names[:: named.step])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    bar = figure.colorbar(shown, ax=axes, shrink=0.8, label="share of the images of the class", ticks=_TICKS)
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure


def _write_counts(axes: Axes, matrix: np.ndarray, shares: np.ndarray) -> None:
    for (row, column), count in np.ndenumerate(matrix):
        colour = "black" if _SHARES(shares[row, column]) > 0.5 else "white"
        axes.text(column, row, f"{count:,}", ha="center", va="center", fontsize=8, color=colour)
