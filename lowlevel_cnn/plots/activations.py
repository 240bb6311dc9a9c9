"""Draw the activations of each layer for one image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lowlevel_cnn.mnist_eval import Network
from lowlevel_cnn.models.layers import RECURRENT, of_network
from lowlevel_cnn.plots.drawing import COLOURS, as_maps, mosaic, new_figure, show_image
from lowlevel_cnn.plots.trained_run import TrainedRun
from lowlevel_cnn.tensorflow_v1 import tf

# The operations whose outputs are drawn as layers, beside recurrent ones; those between them (Conv2D, BiasAdd, Reshape)
# are not.
_OPERATIONS = ("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus", "Tanh", "Sigmoid", "MaxPool", "AvgPool")
_MAPS_A_ROW, _VALUES_A_ROW = 16, 64
_MOST_CLASSES = 12
_WIDTH, _MAP_INCHES, _VALUE_INCHES = 9.0, 0.55, 0.14
_TITLE_INCHES, _TOP_INCHES = 0.3, 1.9


@dataclass(frozen=True)
class Layer:
    """The activations of a layer for one image.

    Attributes:
        name: the scope, such as `layer1-conv1`.
        operation: TensorFlow's type of the operation, such as `Relu`; `While` for a recurrent layer.
        values: `[height, width, maps]` or `[nodes]`.
    """

    name: str
    operation: str
    values: np.ndarray

    @property
    def title(self) -> str:
        least, most = self.values.min(), self.values.max()
        if self.values.ndim == 1:
            size = f"{len(self.values)} nodes"
        else:
            height, width, maps = self.values.shape
            size = f"{f'{maps} maps' if maps > 1 else 'a map'} of {height} x {width}"
        return f"{self.name}, {self.operation}: {size}, from {least:.3g} to {most:.3g}"

    @property
    def picture(self) -> np.ndarray:
        """The maps or the nodes as one image, with NaN in the gaps."""
        if self.values.ndim == 3:
            return mosaic(self.values.transpose(2, 0, 1), _MAPS_A_ROW, gap_value=np.nan)
        rows = -(-len(self.values) // _VALUES_A_ROW)
        image = np.full(rows * _VALUES_A_ROW, np.nan)
        image[: len(self.values)] = self.values
        return image.reshape(rows, _VALUES_A_ROW)

    @property
    def inches(self) -> float:
        """The height of the picture on the page."""
        if self.values.ndim == 3:
            return _MAP_INCHES * -(-int(self.values.shape[2]) // _MAPS_A_ROW)
        return _VALUE_INCHES * -(-len(self.values) // _VALUES_A_ROW)


def draw(run: TrainedRun) -> Figure:
    """Draw the image of `--image`, or the first test image, the layers' activations, and the probabilities.

    Raises:
        InputError: the image, the data or a checkpoint is missing.
    """
    image, name = run.image
    session, network = run.restored.session, run.restored.network
    layers, probabilities = of_image(session, network, image)
    header = run.header(f"Activations for {name}; in each layer dark is the smallest value, yellow the largest")
    return draw_layers(image, layers, probabilities, run.class_names, header)


def of_image(session: tf.Session, network: Network, image: np.ndarray) -> tuple[list[Layer], np.ndarray]:
    """Return the layers' activations for an image `[height, width, channels]`, and the probabilities `[labels]`."""
    graph = network.logits.graph
    found = of_network(network.images, network.logits)
    recurrent = {each.beginning: each for each in found if each.operation == RECURRENT and each.has_values}
    drawn = []
    for operation in graph.get_operations():
        if operation in recurrent:
            drawn.append((recurrent[operation].name, RECURRENT, recurrent[operation].output))
        elif operation.type in _OPERATIONS and graph.is_fetchable(operation):
            drawn.append((operation.name.rpartition("/")[0] or operation.name, operation.type, operation.outputs[0]))
    outputs = [output for *_, output in drawn]
    *values, probabilities = session.run([*outputs, network.probabilities], {network.images: image[np.newaxis]})
    layers = [Layer(name, kind, as_maps(each[0])) for (name, kind, _), each in zip(drawn, values, strict=True)]
    return layers, probabilities[0]


def draw_layers(
    image: np.ndarray, layers: Sequence[Layer], probabilities: np.ndarray, names: Sequence[str], header: str
) -> Figure:
    """Draw the image and its probabilities at the top, then one row per layer."""
    heights = [_TOP_INCHES, *(layer.inches + _TITLE_INCHES for layer in layers)]
    figure = new_figure(_WIDTH, sum(heights) + 0.1, header)
    rows = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    top = rows[0].subgridspec(1, 2, width_ratios=(1, 3))
    show_image(figure.add_subplot(top[0]), image)
    _draw_probabilities(figure.add_subplot(top[1]), probabilities, names)
    for row, layer in enumerate(layers, 1):
        axes = figure.add_subplot(rows[row])
        axes.set_axis_off()
        axes.set_anchor("W")
        axes.set_title(layer.title, loc="left")
        axes.imshow(layer.picture, cmap="viridis")
    return figure


def _draw_probabilities(axes: Axes, probabilities: np.ndarray, names: Sequence[str]) -> None:
    """Draw the probabilities of the classes, or of the most probable ones if there are many, largest first."""
    shown, title = list(range(len(names))), "Probabilities"
    if len(names) > _MOST_CLASSES:
        shown = (-probabilities).argsort(kind="stable")[:_MOST_CLASSES].tolist()
        title += f" of the {len(shown)} most probable of {len(names)} classes"
    bars = axes.barh(range(len(shown)), probabilities[shown], color=COLOURS[0])
    axes.set_yticks(range(len(shown)), [names[each] for each in shown])
    axes.bar_label(bars, [f"{probabilities[each]:.2%}" for each in shown], padding=3, fontsize=8)
    axes.set_title(title, loc="left")
    axes.set_xlim(0, 1.12)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(left=False, labelsize=8)
    axes.invert_yaxis()
