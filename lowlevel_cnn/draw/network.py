"""Compute what a network makes of a picture: probabilities, activations, and where in the picture they come from."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from lowlevel_cnn.checkpoints import restoring
from lowlevel_cnn.draw.following import Kept
from lowlevel_cnn.draw.weights import WeightCache
from lowlevel_cnn.errors import LowlevelCnnError
from lowlevel_cnn.mnist_eval import build_network
from lowlevel_cnn.models import Model, layers
from lowlevel_cnn.models.layers import Layer
from lowlevel_cnn.tensorflow_v1 import session_config, tf

MOST_PROBABLE = -1  # in place of a class
_ONLY_REARRANGED = ("Placeholder", "Reshape", "Pad")
_WITH_FILTERS = ("Conv2D", "DepthwiseConv2dNative", "MatMul")


@dataclass(frozen=True)
class View:
    """What a network makes of a picture.

    Attributes:
        probabilities: `[classes]` float32.
        heat: `[height, width]` float32, the sum over the channels of gradient times input: where it is positive, the
            pixel speaks for the class, where it is negative, against it.
        activations: of each layer, `[height, width, maps]` or `[nodes]` float32.
    """

    probabilities: np.ndarray
    heat: np.ndarray
    activations: list[np.ndarray]


@dataclass(frozen=True)
class Filter:
    """The weights behind a map or a node.

    Attributes:
        weights: `[height, width, channels]` or `[nodes]`, the shape of what it sees; None for pooling and recurrent
            layers.
        window: height and width of what it slides over its input; None for fully connected and recurrent layers.
    """

    weights: np.ndarray | None
    window: tuple[int, int] | None


class NetworkView:
    """A network with one kind of weights, in a graph and a session that serve all checkpoints of a run.

    Args:
        model: the network.
        kind: `average` or `raw` weights.
        cache: keeps the weights of checkpoints.

    Attributes:
        layers: those that compute something, from the first convolution to the logits.
    """

    def __init__(self, model: Model, kind: str, cache: WeightCache) -> None:
        self._kind, self._cache = kind, cache
        self._lock = threading.Lock()
        self._loaded: Kept | None = None
        with tf.Graph().as_default() as graph:
            self._network = network = build_network(model, kind)
            found = layers.of_network(network.images, network.logits)
            self.layers = [each for each in found if _is_shown(each)]
            self._class = tf.placeholder(tf.int64, [])
            self._heat = _gradient_times_input(network.images, network.logits, self._class)
            self._kernels = {id(each): _kernel(each) for each in self.layers}
            self._session = tf.Session(graph=graph, config=session_config())

    def fits(self, kept: Kept) -> bool:
        """Return whether a checkpoint has the weights, going by its index."""
        try:
            restoring.check_fit(kept.checkpoint.prefix, self._network.variables)
        except LowlevelCnnError:
            return False
        return True

    def look(self, kept: Kept, image: np.ndarray, about: int = MOST_PROBABLE) -> View:
        """Return everything about an image `[height, width, channels]` float32 in [0, 1].

        Args:
            kept: the checkpoint to use.
            image: the picture.
            about: the class that the heat map is about, by default the most probable one.

        Raises:
            InputError, WorkError: the checkpoint cannot be used, see `WeightCache.read`.
        """
        wanted = [self._network.probabilities, self._heat, *(each.output for each in self.layers)]
        feeds = {self._network.images: image[np.newaxis], self._class: about}
        with self._lock:
            self._load(kept)
            probabilities, heat, *activations = self._session.run(wanted, feeds)
        return View(probabilities[0], heat[0], [each[0] for each in activations])

    def probabilities(self, kept: Kept, images: np.ndarray) -> np.ndarray:
        """Return the probabilities `[batch, classes]` of images `[batch, height, width, channels]`.

        Raises:
            InputError, WorkError: the checkpoint cannot be used.
        """
        with self._lock:
            self._load(kept)
            found: np.ndarray = self._session.run(self._network.probabilities, {self._network.images: images})
        return found

    def filter(self, kept: Kept, layer: int, place: int) -> Filter:
        """Return what is behind a map, or a node, of a layer.

        Raises:
            IndexError: there is no such layer or map.
            InputError, WorkError: the checkpoint cannot be used.
        """
        shown = self.layers[layer]
        window = shown.window.size if shown.window else None
        kernel = self._kernels[id(shown)]
        if kernel is None:
            return Filter(None, window)
        with self._lock:
            self._load(kept)
            weights: np.ndarray = self._session.run(kernel)
        if shown.operation == "MatMul":
            # As the layer before it is arranged, where the flattened values are its maps.
            before = self.layers[layer - 1].output_shape if layer else self._network.images.shape.as_list()[1:]
            column = weights[:, place]
            return Filter(column.reshape(before) if np.prod(before) == column.size else column, None)
        if shown.operation == "Conv2D":
            return Filter(weights[..., place], window)
        channel, multiple = divmod(place, weights.shape[3])
        return Filter(weights[:, :, channel : channel + 1, multiple], window)

    def _load(self, kept: Kept) -> None:
        """Put the weights of a checkpoint into the variables, unless they are there."""
        if kept == self._loaded:
            return
        weights = self._cache.read(kept, self._kind, self._network.variables)
        self._loaded = None
        assignments = {
            variable.initializer: (variable.initializer.inputs[1], weights[name])
            for name, variable in self._network.variables.items()
        }
        self._session.run(list(assignments), dict(assignments.values()))
        self._loaded = kept


def _is_shown(layer: Layer) -> bool:
    return layer.operation not in _ONLY_REARRANGED and layer.output.shape.rank in (2, 4)


def _gradient_times_input(images: tf.Tensor, logits: tf.Tensor, given: tf.Tensor) -> tf.Tensor:
    """Return `[batch, height, width]`: how much each pixel contributes to the logit of a class, to first order."""
    classes = tf.where(given < 0, tf.argmax(logits[0]), given)
    gradient = tf.gradients(tf.gather(logits, classes, axis=1), images)[0]
    return tf.reduce_sum(gradient * images, axis=3)


def _kernel(layer: Layer) -> tf.Tensor | None:
    """Return the weights that the operation at the beginning of a layer reads; None if it has none."""
    if layer.operation not in _WITH_FILTERS:
        return None
    return layer.beginning.inputs[1]
