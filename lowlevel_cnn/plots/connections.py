"""Draw a convolutional layer beside a fully connected one: the values that one node of each is connected to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.mnist_eval import Network
from lowlevel_cnn.models import layers
from lowlevel_cnn.models.layers import Layer
from lowlevel_cnn.plots.drawing import as_maps, block, new_figure
from lowlevel_cnn.plots.trained_run import TrainedRun
from lowlevel_cnn.tensorflow_v1 import tf

_WIDTH, _HEIGHT = 9.2, 2.6
_GAP, _NODES = 0.7, 0.55  # between inputs and nodes, and the size of the nodes' picture, relative to the inputs'


@dataclass(frozen=True)
class Connections:
    """The node of a layer with the largest value, and what it is connected to.

    Attributes:
        inputs: the layer's inputs as a picture, with NaN in the gaps.
        weights: the node's weights, each at its input's position in that picture; NaN if there is no connection.
        nodes: the layer's values, or those of one map if there are several, as a picture.
        node: row and column of the node in that picture.
        texts: the lines above the picture.
    """

    inputs: np.ndarray
    weights: np.ndarray
    nodes: np.ndarray
    node: tuple[int, int]
    texts: tuple[str, str]


def draw(run: TrainedRun) -> Figure:
    """Draw the first layer of each kind, for `--image` or the first test image.

    Raises:
        InputError: the image, the data or a checkpoint is missing, or the network has only one kind.
    """
    image, name = run.image
    session, network = run.restored.session, run.restored.network
    both = of_image(session, network, image)
    if both is None:
        raise InputError(f"{run.model.name} lacks a convolution of images or a fully connected layer")
    header = run.header(f"One node of each kind of layer, with its weights: the node with the largest value for {name}")
    return draw_both(both, header)


def of_image(session: tf.Session, network: Network, image: np.ndarray) -> tuple[Connections, Connections] | None:
    """Return the first convolution of maps and the first fully connected layer; None if one of them is missing."""
    found = [each for each in layers.of_network(network.images, network.logits) if each.operation != "Reshape"]
    kinds = [(each.operation, each.output.shape.rank) for each in found]
    if ("Conv2D", 4) not in kinds or ("MatMul", 2) not in kinds:
        return None
    places = kinds.index(("Conv2D", 4)), kinds.index(("MatMul", 2))
    convolution, dense = (found[at] for at in places)
    tensors = [([*each.beginning.inputs], each.output) for each in (convolution, dense)]
    (convolved, multiplied), before = session.run(
        (tensors, found[places[1] - 1].output), {network.images: image[np.newaxis]}
    )
    (images, filters), maps = convolved
    (inputs, matrix), nodes = multiplied
    # The flattened values as they were before, unless others have come to them.
    arranged = as_maps(before[0]) if before[0].size == inputs[0].size else inputs[0]
    return _of_convolution(convolution, images[0], filters, maps[0]), _of_dense(dense, arranged, matrix, nodes[0])


def _of_convolution(layer: Layer, inputs: np.ndarray, filters: np.ndarray, maps: np.ndarray) -> Connections:
    row, column, number = (int(each) for each in np.unravel_index(maps.argmax(), maps.shape))
    window = layer.window
    assert window is not None
    margin = max(window.size)
    weights = np.full((inputs.shape[0] + 2 * margin, inputs.shape[1] + 2 * margin, inputs.shape[2]), np.nan)
    rows, columns = window.seen((row, column))
    weights[rows.start + margin : rows.stop + margin, columns.start + margin : columns.stop + margin] = filters[
        ..., number
    ]
    weights = weights[margin:-margin, margin:-margin]
    each = math.prod(filters.shape[:3])
    texts = (
        f"{layer.name}: {maps.size:,} nodes, each connected to {each:,} of {inputs.size:,} values",
        f"the nodes of a map share their weights: {layer.parameters:,} parameters, {layer.connections:,} connections",
    )
    return Connections(_tiled(inputs), _tiled(weights), maps[..., number], (row, column), texts)


def _of_dense(layer: Layer, inputs: np.ndarray, matrix: np.ndarray, nodes: np.ndarray) -> Connections:
    shown = block(nodes)
    row, column = (int(each) for each in np.unravel_index(np.nanargmax(shown), shown.shape))
    weights = matrix[:, int(nodes.argmax())].reshape(inputs.shape)
    texts = (
        f"{layer.name}: {nodes.size:,} nodes, each connected to all {inputs.size:,} values",
        f"each node has its own weights: {layer.parameters:,} parameters, as many connections",
    )
    return Connections(_tiled(inputs), _tiled(weights), shown, (row, column), texts)


def _tiled(values: np.ndarray) -> np.ndarray:
    """Arrange maps `[height, width, maps]` as tiles with gaps, or nodes `[nodes]` as a block."""
    if values.ndim == 1:
        return block(values)
    height, width, count = values.shape
    columns = math.ceil(math.sqrt(count))
    image = np.full((-(-count // columns) * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for number in range(count):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        image[top : top + height, left : left + width] = values[..., number]
    return image


def draw_both(both: Sequence[Connections], header: str) -> Figure:
    """Draw both side by side, each with the inputs and the node's weights on the left and its layer on the right."""
    figure = new_figure(_WIDTH, _HEIGHT, header)
    for axes, each in zip(figure.subplots(1, len(both)), both, strict=True):
        _draw(axes, each)
    return figure


def _draw(axes: Axes, shown: Connections) -> None:
    axes.set_axis_off()
    axes.set_title("\n".join(shown.texts), loc="left", fontsize=7.5)
    inputs, nodes = _place(shown.inputs.shape, 0.0, 1.0), _place(shown.nodes.shape, 1.0 + _GAP, _NODES)
    least, most = float(np.nanmin(shown.inputs)), float(np.nanmax(shown.inputs))
    # The smallest value is light grey, to distinguish it from a gap.
    axes.imshow(shown.inputs, extent=inputs, cmap="Greys", vmin=1.2 * least - 0.2 * most, vmax=2 * most - least)
    axes.imshow(shown.nodes, extent=nodes, cmap="viridis")
    limit = float(np.nanmax(np.abs(shown.weights))) or 1.0
    looks: dict[str, Any] = {"cmap": "PuOr", "clim": (-limit, limit)}
    axes.imshow(shown.weights, extent=inputs, **looks)
    end = _centres(shown.nodes.shape, nodes)[shown.node]
    connected = np.isfinite(shown.weights)
    starts, weights = _centres(shown.weights.shape, inputs)[connected], shown.weights[connected]
    # The largest weights are drawn on top.
    order = np.argsort(np.abs(weights))
    lines = LineCollection([(starts[each], end) for each in order], array=weights[order], **looks)
    lines.set(linewidth=max(0.2, 0.7 - len(order) / 2000), alpha=0.9 if len(order) < 100 else 0.35)
    axes.add_collection(lines)
    axes.plot(*end, "o", color="black", markeredgecolor="white", markersize=5, zorder=3)
    axes.set(xlim=(0, 1 + _GAP + _NODES), ylim=(1, 0), aspect="equal")


def _place(shape: tuple[int, ...], left: float, size: float) -> tuple[float, float, float, float]:
    """Return the extent of a picture whose larger side is `size`, centred in a height of 1."""
    height, width = (size * each / max(shape) for each in shape)
    return left, left + width, 0.5 + height / 2, 0.5 - height / 2


def _centres(shape: tuple[int, ...], extent: tuple[float, float, float, float]) -> np.ndarray:
    """Return the centres of a picture's cells: `[height, width, 2]`, from the left and from the top."""
    left, right, bottom, top = extent
    x = left + (np.arange(shape[1]) + 0.5) * (right - left) / shape[1]
    y = top + (np.arange(shape[0]) + 0.5) * (bottom - top) / shape[0]
    return np.stack(np.meshgrid(x, y), axis=-1)
