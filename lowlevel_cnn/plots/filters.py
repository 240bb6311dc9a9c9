"""Draw the filters of the first convolution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.mnist_eval import Network
from lowlevel_cnn.models.layers import first_convolution
from lowlevel_cnn.plots.drawing import mosaic, new_figure
from lowlevel_cnn.plots.trained_run import TrainedRun
from lowlevel_cnn.tensorflow_v1 import tf

_COLUMNS = 8
_WIDTH, _TILE_INCHES = 7.5, 0.9


def draw(run: TrainedRun) -> Figure:
    """Draw the filters of the graph's first `Conv2D`.

    Raises:
        InputError: there is no checkpoint, or the network has no convolution.
    """
    session, network = run.restored.session, run.restored.network
    kernel = first_kernel(network)
    if kernel is None:
        raise InputError(f"{run.model.name} has no convolution")
    return draw_filters(session.run(kernel), run.header)


def first_kernel(network: Network) -> tf.Tensor | None:
    """Return the filters `[height, width, channels, deep]` of the graph's first `Conv2D`; None if there is none."""
    operation = first_convolution(network.logits.graph)
    return None if operation is None else operation.inputs[1]


def draw_filters(filters: np.ndarray, header: Callable[[str], str]) -> Figure:
    """Draw filters `[height, width, channels, deep]`: in colour if there are three channels, else by sign."""
    height, width, channels, deep = filters.shape
    text = f"The {deep} filters of the first convolution, {height} x {width}"
    in_colours = channels == 3
    if in_colours:
        text += "; red, green and blue are their channels, grey is 0, each filter is scaled separately"
    count = deep if in_colours else deep * channels
    columns = min(count, _COLUMNS)
    rows = -(-count // columns)
    figure = new_figure(_WIDTH, rows * _TILE_INCHES + 0.2, header(text))
    axes = figure.subplots()
    axes.set_axis_off()
    if in_colours:
        axes.imshow(mosaic(colours(filters), columns, gap_value=1.0))
        return figure
    maps = filters.transpose(3, 2, 0, 1).reshape(-1, height, width)
    limit = float(np.abs(maps).max()) or 1.0
    shown = axes.imshow(mosaic(maps, columns, gap_value=np.nan), cmap="PuOr", vmin=-limit, vmax=limit)
    figure.colorbar(shown, ax=axes, label="weight")
    return figure


def colours(filters: np.ndarray) -> np.ndarray:
    """Convert filters `[height, width, 3, deep]` to images `[deep, height, width, 3]` in [0, 1]; 0 becomes 0.5."""
    images = filters.transpose(3, 0, 1, 2)
    largest = np.abs(images).max(axis=(1, 2, 3), keepdims=True)
    return np.asarray(0.5 + 0.5 * images / np.where(largest == 0, 1, largest))
