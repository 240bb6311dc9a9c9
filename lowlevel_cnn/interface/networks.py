"""Build a network's graph, and name its layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lowlevel_cnn import models
from lowlevel_cnn.interface.errors import python_errors

if TYPE_CHECKING:
    from lowlevel_cnn.models.layers import Layer
    from lowlevel_cnn.tensorflow_v1 import tf

# They only give the values before them another shape.
_RESHAPES = ("Reshape", "Pad")


@dataclass(frozen=True, eq=False)
class NetworkGraph:
    """A network in a graph of its own, to be run in a `tf.compat.v1.Session(graph=...)`.

    Attributes:
        graph: the graph, with all variables of the network.
        images: placeholder `[batch, height, width, channels]` float32 in [0, 1].
        logits: `[batch, classes]` float32.
        layers: from the images to the logits, each with its `name`, `operation`, `output_shape` and `parameters`.
    """

    graph: tf.Graph
    images: tf.Tensor
    logits: tf.Tensor
    layers: list[Layer]

    @property
    def parameters(self) -> int:
        """The number of trainable parameters."""
        return sum(layer.parameters for layer in self.layers)


def build_graph(model: str | models.Model, *, train: bool = False) -> NetworkGraph:
    """Build a model's forward pass.

    Args:
        model: a model or its name.
        train: whether dropout is on.

    Raises:
        InputError: there is no model of that name.
    """
    with python_errors():
        from lowlevel_cnn.models.layers import of_network
        from lowlevel_cnn.tensorflow_v1 import seeded_graph, tf

        found = models.get(model) if isinstance(model, str) else model
        with seeded_graph() as graph:
            if train:
                tf.train.get_or_create_global_step()
            images = tf.placeholder(tf.float32, [None, *found.image_shape], name="x-input")
            logits = found.inference(images, train, None)
            return NetworkGraph(graph, images, logits, of_network(images, logits))


def named_outputs(images: tf.Tensor, logits: tf.Tensor) -> dict[str, tf.Tensor]:
    """Return the output of each layer between images and logits, the logits included, by the layer's name."""
    from lowlevel_cnn.models.layers import of_network

    outputs: dict[str, tf.Tensor] = {}
    for layer in of_network(images, logits)[1:]:
        if layer.operation not in _RESHAPES and layer.has_values:
            # Of several layers in one scope, only the first has its name alone.
            name = layer.name if layer.name not in outputs else layer.output.op.name
            outputs[name] = layer.output
    return outputs
