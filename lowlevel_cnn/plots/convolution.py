"""Draw a filter of the first convolution as it slides over an image: three places, with all numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.mnist_eval import Network
from lowlevel_cnn.models import layers
from lowlevel_cnn.models.layers import Window, window_of
from lowlevel_cnn.plots.drawing import COLOURS, mosaic, new_figure, show_image
from lowlevel_cnn.plots.trained_run import TrainedRun
from lowlevel_cnn.tensorflow_v1 import tf

_WIDTH, _ROW_HEIGHT = 9.2, 1.75
_PLACES, _STEP = 3, 3  # columns from one to the next
_MOST_NUMBERS = 36  # in a picture of a patch; more would be illegible
_ACCENT = COLOURS[2]


@dataclass(frozen=True)
class Convolution:
    """A filter and its output for an image.

    Attributes:
        window: its size, stride and padding.
        image: `[height, width, channels]`.
        weights: `[height, width, channels]`.
        sums: at each place the sum of weights times pixels: `[height, width]`.
        bias: added to each sum.
        number: the filter's number, from 1, and the number of filters.
    """

    window: Window
    image: np.ndarray
    weights: np.ndarray
    sums: np.ndarray
    bias: float
    number: tuple[int, int]

    @property
    def places(self) -> list[tuple[int, int]]:
        """Three places: the one with the largest sum, and one some columns to either side."""
        row, column = (int(each) for each in np.unravel_index(self.sums.argmax(), self.sums.shape))
        last = self.sums.shape[1] - 1
        step = min(_STEP, last // 2)
        middle = min(max(column, step), last - step)
        return [(row, middle - step), (row, middle), (row, middle + step)]

    def pixels(self, place: tuple[int, int]) -> np.ndarray:
        """Return the pixels under the filter at a place, `[height, width, channels]`; outside the image are zeros."""
        rows, columns = self.window.seen(place)
        zeros = max(self.window.size)
        padded = np.pad(self.image, ((zeros, zeros), (zeros, zeros), (0, 0)))
        return padded[rows.start + zeros : rows.stop + zeros, columns.start + zeros : columns.stop + zeros]


def draw(run: TrainedRun) -> Figure:
    """Draw the filter with the largest sum for `--image`, or for the first test image.

    Raises:
        InputError: the image, the data or a checkpoint is missing, or the network has no convolution of images.
    """
    image, name = run.image
    session, network = run.restored.session, run.restored.network
    found = first_convolution(session, network, image)
    if found is None:
        raise InputError(f"{run.model.name} has no convolution of images")
    number, count = found.number
    return draw_places(found, run.header(f"Filter {number} of {count} of the first convolution slides over {name}"))


def first_convolution(session: tf.Session, network: Network, image: np.ndarray) -> Convolution | None:
    """Return a network's first `Conv2D`, with the filter that has the largest sum; None if there is none of images."""
    operation = layers.first_convolution(network.logits.graph)
    window = operation and window_of(operation)
    if operation is None or window is None or not _takes_images(operation):
        return None
    outputs = operation.outputs[0]
    biased = next((each.outputs[0] for each in outputs.consumers() if each.type in ("BiasAdd", "AddV2")), outputs)
    tensors = [*operation.inputs, outputs, biased]
    images, weights, sums, with_biases = session.run(tensors, {network.images: image[np.newaxis]})
    number = int(sums[0].max(axis=(0, 1)).argmax())
    bias = float(with_biases[0, 0, 0, number] - sums[0, 0, 0, number])
    of_filter = weights[..., number], sums[0, ..., number]
    return Convolution(window, images[0], *of_filter, bias, (number + 1, weights.shape[3]))


def _takes_images(operation: tf.Operation) -> bool:
    """Return whether the inputs of a convolution can be shown; those of a one-dimensional one have a single row."""
    _, height, _, channels = operation.inputs[0].shape
    return height != 1 and channels in (1, 3)


def draw_places(found: Convolution, header: str) -> Figure:
    """Draw one row per place: the image, the pixels under the filter, its weights, their products, and all sums."""
    figure = new_figure(_WIDTH, _ROW_HEIGHT * _PLACES, header)
    rows = figure.subplots(_PLACES, 5, width_ratios=(1.15, 1, 1, 1, 1.25))
    products = [found.pixels(place) * found.weights for place in found.places]
    weights_looks, products_looks = (_by_sign(each) for each in (found.weights, products))
    for axes, place, each in zip(rows, found.places, products, strict=True):
        _draw_image(axes[0], found, place)
        _draw_numbers(axes[1], found.pixels(place), "pixels", cmap="gray", vmin=0, vmax=1)
        _draw_numbers(axes[2], found.weights, "times weights", **weights_looks)
        _draw_numbers(axes[3], each, "are products;", **products_looks)
        _draw_sums(axes[4], found, place)
    return figure


def _by_sign(values: np.ndarray | Sequence[np.ndarray]) -> dict[str, Any]:
    """Return settings for colours in which zero is white."""
    limit = float(np.abs(values).max()) or 1.0
    return {"cmap": "PuOr", "vmin": -limit, "vmax": limit}


def _draw_image(axes: Axes, found: Convolution, place: tuple[int, int]) -> None:
    show_image(axes, found.image)
    axes.set_title(f"row {place[0]}, column {place[1]}:", loc="left")
    rows, columns = found.window.seen(place)
    _mark(axes, rows.start, columns.start, *found.window.size)


def _draw_numbers(axes: Axes, values: np.ndarray, title: str, **looks: Any) -> None:
    """Draw values `[height, width, channels]`, one channel above the other, with numbers if there is room."""
    axes.set_axis_off()
    axes.set_title(title, loc="left")
    if values.size > _MOST_NUMBERS:
        axes.imshow(mosaic(values.transpose(2, 0, 1), 1, gap_value=np.nan), **looks)
        return
    image = np.concatenate(list(values.transpose(2, 0, 1)))
    shown = axes.imshow(image, **looks)
    for (row, column), value in np.ndenumerate(image):
        is_dark = np.dot(shown.to_rgba(value)[:3], (0.3, 0.6, 0.1)) < 0.5
        colour = "white" if is_dark else "black"
        # Not "-0.00".
        axes.text(
            column, row, f"{round(float(value), 2) + 0.0:.2f}", ha="center", va="center", fontsize=5.5, color=colour
        )


def _draw_sums(axes: Axes, found: Convolution, place: tuple[int, int]) -> None:
    axes.set_axis_off()
    axes.imshow(found.sums + found.bias, **_by_sign(found.sums + found.bias))
    total = found.sums[place]
    text = f"sum {total:.2f} + bias {found.bias:.2f} = {total + found.bias:.2f}"
    axes.set_title(text, loc="left", fontsize=8)
    _mark(axes, *place, 1, 1)


def _mark(axes: Axes, row: int, column: int, height: int, width: int) -> None:
    square = Rectangle((column - 0.5, row - 0.5), width, height, fill=False, edgecolor=_ACCENT, linewidth=1.5)
    axes.add_patch(square)
