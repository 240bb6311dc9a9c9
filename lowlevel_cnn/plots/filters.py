"""The filters of the first convolution."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.plots.drawing import mosaic, new_figure
from lowlevel_cnn.plots.trained_run import TrainedRun

_COLUMNS = 8
_WIDTH, _TILE_INCHES = 7.5, 0.85


def draw(run: TrainedRun) -> Figure:
    """Draws the filters that the graph's first `Conv2D` has.

    Raises:
        InputError: there is no checkpoint, or the network has no convolution.
    """
    session, network, _ = run.restored
    convolution = next((each for each in network.logits.graph.get_operations() if each.type == "Conv2D"), None)
    if convolution is None:
        raise InputError(f"{run.model.name} has no convolution")
    return draw_filters(session.run(convolution.inputs[1]), run)


def draw_filters(filters: np.ndarray, run: TrainedRun) -> Figure:
    """Draws filters `[height, width, channels, deep]`: in colours where there are three channels, else by sign."""
    height, width, channels, deep = filters.shape
    text = f"The {deep} filters of the first convolution, {height} x {width}"
    in_colours = channels == 3
    if in_colours:
        text += ", with their channels as red, green and blue:\neach scaled for itself; grey is 0"
    rows = -(-(deep if in_colours else deep * channels) // _COLUMNS)
    figure = new_figure(_WIDTH, rows * _TILE_INCHES + 0.2, run.header(text))
    axes = figure.subplots()
    axes.set_axis_off()
    if in_colours:
        axes.imshow(mosaic(colours(filters), _COLUMNS, gap_value=1.0))
        return figure
    maps = filters.transpose(3, 2, 0, 1).reshape(-1, height, width)
    limit = float(np.abs(maps).max()) or 1.0
    shown = axes.imshow(mosaic(maps, _COLUMNS, gap_value=np.nan), cmap="PuOr", vmin=-limit, vmax=limit)
    figure.colorbar(shown, ax=axes, label="weight", shrink=min(1.0, 1.6 / rows) if rows > 1 else 1.0)
    return figure


def colours(filters: np.ndarray) -> np.ndarray:
    """Filters `[height, width, 3, deep]` as images `[deep, height, width, 3]` in [0, 1], in which 0 has become 0.5."""
    images = filters.transpose(3, 0, 1, 2)
    largest = np.abs(images).max(axis=(1, 2, 3), keepdims=True)
    return np.asarray(0.5 + 0.5 * images / np.where(largest == 0, 1, largest))
