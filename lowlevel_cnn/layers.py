"""The layers of a network, read from its graph: what each makes of an image, and how large it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lowlevel_cnn.models import Model
from lowlevel_cnn.tensorflow_v1 import tf

# Operations that begin a layer; those that follow (BiasAdd, Relu) belong to it, and so do the variables that they read.
_WINDOWS = {
    "Conv2D": lambda operation: operation.inputs[1].shape.as_list()[:2],
    "DepthwiseConv2dNative": lambda operation: operation.inputs[1].shape.as_list()[:2],
    "MaxPool": lambda operation: operation.get_attr("ksize")[1:3],
    "AvgPool": lambda operation: operation.get_attr("ksize")[1:3],
}
_OTHERS = ("Pad", "Reshape", "MatMul")


@dataclass(frozen=True)
class Layer:
    """A layer of a network.

    Attributes:
        name: the scope, such as `layer1-conv1`.
        operation: TensorFlow's operation, such as `Conv2D 5x5, stride 1, VALID`.
        output_shape: of one image: height, width and channels, or nodes.
        parameters: trainable values.
    """

    name: str
    operation: str
    output_shape: tuple[int, ...]
    parameters: int

    @property
    def connections(self) -> int | None:
        """For each value of the output the values that it is computed from and its bias, as the article counts them.

        At each place all parameters are used, once; padding counts as if it were pixels. None without parameters.
        """
        return self.parameters * math.prod(self.output_shape[:-1]) or None


def of_model(model: Model) -> list[Layer]:
    """The layers of a model as it evaluates: the images, and what is made of them on the way to the logits."""
    with tf.Graph().as_default() as graph:
        images = tf.placeholder(tf.float32, [None, *model.image_shape], name="x-input")
        model.inference(images, False, None)
        sizes = {each.op.name: math.prod(each.shape.as_list()) for each in tf.trainable_variables()}
    parameters = {images.op: 0}  # of each operation that begins a layer
    layer_of = {images.op: images.op}  # of each operation that depends on the images
    read: dict[tf.Operation, set[str]] = {images.op: set()}  # the variables that the value of one comes from
    for operation in graph.get_operations():
        inputs = [each.op for each in operation.inputs]
        before = [layer_of[each] for each in inputs if each in layer_of]
        variables = {operation.name}.union(*(read.get(each, ()) for each in inputs)) & sizes.keys()
        if not before:
            read[operation] = variables
            continue
        layer = operation if operation.type in (*_WINDOWS, *_OTHERS) else before[-1]
        layer_of[operation] = layer
        # A variable that two layers share counts in the first.
        parameters[layer] = parameters.get(layer, 0) + sum(sizes.pop(each) for each in variables)
    return [_layer(*each) for each in parameters.items()]


def _layer(operation: tf.Operation, parameters: int) -> Layer:
    name = operation.name.rpartition("/")[0] or operation.name
    shape = tuple(operation.outputs[0].shape.as_list()[1:])
    return Layer(name, _described(operation), shape, parameters)


def _described(operation: tf.Operation) -> str:
    if operation.type not in _WINDOWS:
        return str(operation.type)
    window = "x".join(map(str, _WINDOWS[operation.type](operation)))
    down, right = operation.get_attr("strides")[1:3]
    stride = down if down == right else f"{down}x{right}"
    return f"{operation.type} {window}, stride {stride}, {operation.get_attr('padding').decode()}"
