"""Draw the network as a row of arrays, from the image to the classes, as the article draws LeNet-5."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lowlevel_cnn.mnist_eval import Network
from lowlevel_cnn.models import layers
from lowlevel_cnn.models.layers import Layer
from lowlevel_cnn.plots.drawing import COLOURS, MOST_IN_A_COLUMN, as_maps, block, new_figure
from lowlevel_cnn.plots.trained_run import TrainedRun
from lowlevel_cnn.tensorflow_v1 import tf

_WIDTH, _HEIGHT = 9.2, 2.35
_MIDDLE, _CAPTIONS = 0.8, 1.62  # from the top: the middle of the arrays, and the top of the captions
_LARGEST, _MOST_PIXELS = 0.78, 32
_DEPTH = 0.3  # of a stack of maps
_NAMES = 0.35  # for the names of the classes, to the right of the last column
_CLASS_HEIGHT, _LEGIBLE_HEIGHT = 0.14, 0.1
_TALLEST = 1.5  # above the captions
_LETTER = 0.055  # the width of one in a caption
_ACCENT = COLOURS[1]
_IMAGES = ("Placeholder", "Pad")


@dataclass(frozen=True)
class Array:
    """A layer's output for one image, and the position of its front map, or of its block of nodes, in inches.

    Attributes:
        layer: the layer.
        values: `[height, width, maps]` or `[nodes]`.
        left: the left edge.
        top: the upper edge.
        height: height of a map, or of the block.
        width: width of a map, or of the block.
    """

    layer: Layer
    values: np.ndarray
    left: float
    top: float
    height: float
    width: float

    @property
    def rows(self) -> int:
        return int(self.values.shape[0]) if self.values.ndim == 3 else int(block(self.values).shape[0])

    @property
    def columns(self) -> int:
        return int(self.values.shape[1]) if self.values.ndim == 3 else int(block(self.values).shape[1])

    def corner(self, row: float, column: float) -> tuple[float, float]:
        """Return the upper left corner of a pixel of the front map: from the left, and from the top."""
        return self.left + self.width * column / self.columns, self.top + self.height * row / self.rows


def draw(run: TrainedRun) -> Figure:
    """Draw the layers' outputs for `--image`, or for the first test image, in a row.

    Raises:
        InputError: the image, the data or a checkpoint is missing.
    """
    image, name = run.image
    session, network = run.restored.session, run.restored.network
    found, values, probabilities = of_image(session, network, image)
    header = run.header(
        f"{run.model.title}: the outputs of its layers for {name}; orange: what one value is computed from"
    )
    return draw_row(found, values, probabilities, run.class_names, header)


def of_image(
    session: tf.Session, network: Network, image: np.ndarray
) -> tuple[list[Layer], list[np.ndarray], np.ndarray]:
    """Return the layers, their outputs for an image `[height, width, channels]`, and the probabilities `[labels]`."""
    every = layers.of_network(network.images, network.logits)
    found = [each for each in every if each.operation != "Reshape" and each.has_values]
    tensors = [*(each.output for each in found), network.probabilities]
    *values, probabilities = session.run(tensors, {network.images: image[np.newaxis]})
    return found, [as_maps(each[0]) for each in values], probabilities[0]


def draw_row(
    found: Sequence[Layer],
    values: Sequence[np.ndarray],
    probabilities: np.ndarray,
    names: Sequence[str],
    header: str,
) -> Figure:
    """Draw the layers with their values, `[height, width, maps]` or `[nodes]`, followed by the probabilities."""
    figure = new_figure(_WIDTH, _HEIGHT, header)
    axes = figure.subplots()
    axes.set_axis_off()
    arrays = _placed(found, values)
    for number, array in enumerate(arrays):
        _draw_array(axes, array)
        _draw_caption(axes, array, _middle(number, len(arrays)), _shortened(array.layer.name, len(arrays)))
    for before, after in itertools.pairwise(arrays):
        _draw_computation(axes, before, after)
    _draw_classes(axes, arrays[-1], probabilities, names)
    axes.set(xlim=(0, _WIDTH), ylim=(_HEIGHT, 0), aspect="equal")
    return figure


def _placed(found: Sequence[Layer], values: Sequence[np.ndarray]) -> list[Array]:
    """Place each array in the middle of a column; the map with the largest value is in front."""
    arrays = []
    for number, (layer, each) in enumerate(zip(found, values, strict=True)):
        height, width = _inches(each, _column_width(len(found)))
        depth = 0.0
        if each.ndim == 3 and layer.operation not in _IMAGES:
            front = int(each.max(axis=(0, 1)).argmax())
            each = np.concatenate([each[..., front:], each[..., :front]], axis=2)
            depth = _DEPTH
        left = _middle(number, len(found)) - (width + depth) / 2
        arrays.append(Array(layer, each, left, _MIDDLE - (height - depth) / 2, height, width))
    return arrays


def _column_width(columns: int) -> float:
    return (_WIDTH - _NAMES) / columns


def _middle(column: int, columns: int) -> float:
    return _column_width(columns) * (column + 0.5)


def _inches(values: np.ndarray, widest: float) -> tuple[float, float]:
    """Return height and width on the page. Areas are proportional to sides; otherwise small maps would be invisible."""
    if values.ndim == 3:
        height, width = values.shape[:2]
        inches_a_pixel = _LARGEST / (_MOST_PIXELS * max(height, width)) ** 0.5
        inches_a_pixel = min(inches_a_pixel, _TALLEST / height, (widest - _DEPTH) / width)
        return inches_a_pixel * height, inches_a_pixel * width
    if len(values) <= MOST_IN_A_COLUMN:
        return min(_CLASS_HEIGHT * len(values), _TALLEST), _CLASS_HEIGHT
    rows, columns = block(values).shape
    return _LARGEST, _LARGEST * columns / rows


def _draw_array(axes: Axes, array: Array) -> None:
    values = array.values
    if array.layer.operation in _IMAGES:
        image = values[..., 0] if values.shape[2] == 1 else values
        _draw_sheet(axes, image, array, 0.0, cmap="gray", vmin=0, vmax=1)
        return
    sheets = [block(values)] if values.ndim == 1 else list(values.transpose(2, 0, 1))
    behind = np.linspace(0, _DEPTH, len(sheets))
    for number in reversed(range(len(sheets))):
        _draw_sheet(axes, sheets[number], array, behind[number], cmap="viridis", vmin=values.min(), vmax=values.max())


def _draw_sheet(axes: Axes, image: np.ndarray, array: Array, behind: float, **looks: Any) -> None:
    left, top = array.left + behind, array.top - behind
    extent = (left, left + array.width, top + array.height, top)
    axes.imshow(image, extent=extent, zorder=-behind, **looks)
    # Many maps get thinner edges, which would otherwise cover the maps.
    width = min(0.3, 20 * _DEPTH / (array.values.shape[2] if array.values.ndim == 3 else 1))
    edge = Rectangle((left, top), array.width, array.height, fill=False, edgecolor="white", linewidth=width)
    edge.set_zorder(-behind)
    axes.add_patch(edge)


def _draw_computation(axes: Axes, before: Array, after: Array) -> None:
    """Mark the largest value of an array, or of its front map, and what it is computed from."""
    if after.layer.operation == "Pad":
        return
    front = after.values[..., 0] if after.values.ndim == 3 else block(after.values)
    row, column = (int(each) for each in np.unravel_index(np.nanargmax(front), front.shape))
    rows, columns = slice(0, before.rows), slice(0, before.columns)
    if after.layer.window is not None and after.layer.output.shape.rank == 4:
        rows_seen, columns_seen = after.layer.window.seen((row, column))
        rows, columns = _inside(rows_seen, before.rows), _inside(columns_seen, before.columns)
        _mark(axes, before, rows, columns)
    _mark(axes, after, slice(row, row + 1), slice(column, column + 1))
    for start, end in ((rows.start, row), (rows.stop, row + 1)):
        ends = zip(before.corner(start, columns.stop), after.corner(end, column), strict=True)
        axes.plot(*ends, color=_ACCENT, linewidth=0.6)


def _inside(seen: slice, size: int) -> slice:
    return slice(max(seen.start, 0), min(seen.stop, size))


def _mark(axes: Axes, array: Array, rows: slice, columns: slice) -> None:
    (left, top), (right, bottom) = array.corner(rows.start, columns.start), array.corner(rows.stop, columns.stop)
    axes.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=_ACCENT, linewidth=1.0))


def _shortened(name: str, columns: int) -> str:
    """Return the end of a layer's name, as much as there is room for in one of so many columns."""
    letters = int(_column_width(columns) / _LETTER)
    return name if len(name) <= letters else f"…{name[1 - letters :]}"


def _draw_caption(axes: Axes, array: Array, middle: float, name: str) -> None:
    layer = array.layer
    lines = [name, " x ".join(map(str, layer.output_shape)), layer.operation]
    if layer.window is not None:
        lines[2] += " {} x {}".format(*layer.window.size)
        lines.append(f"stride {layer.window.stride[0]}, {layer.window.padding}")
    if layer.parameters:
        # In two lines below a fully connected layer, which has the most.
        lines += [f"{layer.parameters:,} parameters"] if layer.window else [f"{layer.parameters:,}", "parameters"]
    for number, line in enumerate(lines):
        weight = "bold" if number == 1 else "normal"
        axes.text(middle, _CAPTIONS + 0.14 * number, line, ha="center", va="top", fontsize=6.5, weight=weight)


def _draw_classes(axes: Axes, array: Array, probabilities: np.ndarray, names: Sequence[str]) -> None:
    """Write the names beside the last nodes, if there is room, and the probability of the predicted class."""
    best = int(probabilities.argmax())
    is_legible = array.columns == 1 and array.height / array.rows >= _LEGIBLE_HEIGHT
    for number, name in enumerate(names):
        if number != best and not is_legible:
            continue
        text, colour = (f"{name}: {probabilities[number]:.1%}", _ACCENT) if number == best else (name, "black")
        x, y = array.corner(number % array.rows + 0.5, array.columns)
        axes.text(x + 0.05, y, text, va="center", fontsize=6.5, color=colour)
