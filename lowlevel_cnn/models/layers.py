"""Read the layers of a network from its graph: the output of each for an image, and its size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lowlevel_cnn.models import Model
from lowlevel_cnn.tensorflow_v1 import seeded_graph, tf

# Operations that begin a layer; the following ones (BiasAdd, Relu) belong to it, as do the variables that they read.
_CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")
_POOLINGS = ("MaxPool", "AvgPool")
_OTHERS = ("Pad", "Reshape", "MatMul")
RECURRENT = "While"
_LOOPS = ("Exit", "While", "StatelessWhile")  # of recurrent layers, as TensorFlow 1 and 2 build them


@dataclass(frozen=True)
class Window:
    """The sliding window of a convolution or pooling, each value as height and width.

    Attributes:
        size: size of the filter, or of the pooled area.
        stride: step down, and to the right.
        padding: `SAME`, `VALID` or `EXPLICIT`.
        zeros: number of zeros added above, and to the left.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    padding: str
    zeros: tuple[int, int]

    def seen(self, place: tuple[int, int]) -> tuple[slice, slice]:
        """Return the input rows and columns seen by the output at a place; beyond the input are zeros."""
        first = [at * stride - zeros for at, stride, zeros in zip(place, self.stride, self.zeros, strict=True)]
        rows, columns = (slice(start, start + size) for start, size in zip(first, self.size, strict=True))
        return rows, columns


@dataclass(frozen=True)
class Layer:
    """A layer of a network.

    Attributes:
        name: the scope, such as `layer1-conv1`.
        operation: TensorFlow's type of the operation that begins it, such as `Conv2D`; `While` for a recurrent layer.
        window: the window of a convolution or pooling; None for others.
        parameters: the number of trainable values.
        beginning: the operation that begins it.
        output: the layer's output for the images, `[batch, ...]`, after its activation.
    """

    name: str
    operation: str
    window: Window | None
    parameters: int
    beginning: tf.Operation
    output: tf.Tensor

    @property
    def has_values(self) -> bool:
        """Whether the output has values for the images; of a loop it may be a handle to lists of time steps."""
        return bool(self.output.shape.rank != 0)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape for one image: height, width and channels, or nodes."""
        return tuple(self.output.shape.as_list()[1:])

    @property
    def connections(self) -> int | None:
        """The number of connections as the article counts them: for each output value its inputs and its bias.

        Every place uses all parameters, each once; padding counts as if it were pixels. None without parameters, and
        for a recurrent layer.
        """
        if self.operation == RECURRENT or not self.parameters:
            return None
        return self.parameters * math.prod(self.output_shape[:-1])


def of_model(model: Model) -> list[Layer]:
    """Return the layers of a model in evaluation mode."""
    with seeded_graph():
        images = tf.placeholder(tf.float32, [None, *model.image_shape], name="x-input")
        return of_network(images, model.inference(images, False, None))


def of_network(images: tf.Tensor, logits: tf.Tensor) -> list[Layer]:
    """Return the layers of a graph, from the images to the logits, both included."""
    graph = images.graph
    with graph.as_default():
        sizes = {each.op.name: math.prod(each.shape.as_list()) for each in tf.trainable_variables()}
    parameters = {images.op: 0}  # of each operation that begins a layer
    layer_of = {images.op: images.op}  # of each operation that computes with the images
    last = {images.op: images.op}  # of each layer
    read: dict[tf.Operation, set[str]] = {}  # variables, by each other operation and those before it
    exits: dict[object, tf.Operation] = {}  # the first of each loop
    for operation in graph.get_operations():
        loop = _loop_around(operation)
        if loop and not _is_exit(operation, loop):
            continue
        inputs = _inputs(operation, loop)
        before = [layer_of[each] for each in inputs if each in layer_of]
        variables = {operation.name}.union(*(read.get(each, ()) for each in inputs)) & sizes.keys()
        if not before or not _computes(operation):
            read[operation] = variables
            continue
        begins = operation.type in (*_CONVOLUTIONS, *_POOLINGS, *_OTHERS, *_LOOPS)
        layer = operation if begins else before[-1]
        if loop:
            layer = exits.setdefault(loop, operation)
        layer_of[operation] = layer
        if layer not in last or _is_of_images(operation.outputs[0]):
            last[layer] = operation
        # A variable shared by two layers counts for the first.
        parameters[layer] = parameters.get(layer, 0) + sum(sizes.pop(each) for each in variables)
        if operation == logits.op:
            break
    return [
        Layer(
            each.name.rpartition("/")[0] or each.name,
            RECURRENT if each.type in _LOOPS else each.type,
            window_of(each),
            count,
            each,
            last[each].outputs[0],
        )
        for each, count in parameters.items()
    ]


def _loop_around(operation: tf.Operation) -> object | None:
    """Return the outermost loop of TensorFlow 1 that an operation is in, if any; TensorFlow 2's are one operation."""
    found, context = None, operation._get_control_flow_context()
    while context:
        found = context if context.IsWhileContext() else found
        context = context.outer_context
    return found


def _is_exit(operation: tf.Operation, loop: object) -> bool:
    """Return whether an operation has a result of a loop, not of one within it."""
    return operation.type == "Exit" and operation._get_control_flow_context() is loop


def _inputs(operation: tf.Operation, loop: object | None) -> list[tf.Operation]:
    """Return the operations whose outputs an operation takes; for a result of a loop, all that enter it."""
    if not loop:
        return [each.op for each in operation.inputs]
    entering = (each for each in operation.graph.get_operations() if each.type == "Enter")
    return [each.inputs[0].op for each in entering if _loop_around(each) is loop]


def _computes(operation: tf.Operation) -> bool:
    """Return whether an operation has numbers to compute with among its outputs, or time steps, which are variants."""
    return any(each.dtype.is_floating or each.dtype == tf.variant for each in operation.outputs)


def _is_of_images(output: tf.Tensor) -> bool:
    """Return whether an output has values for each image: it is no list, and has no time steps in front."""
    shape = output.shape
    return output.dtype.is_floating and (shape.rank is None or (shape.rank > 0 and shape[0] is None))


def first_convolution(graph: tf.Graph) -> tf.Operation | None:
    """Return the first `Conv2D` that can be fetched, as those within a loop cannot; None if there is none."""
    found = (each for each in graph.get_operations() if each.type == "Conv2D" and graph.is_fetchable(each))
    return next(found, None)


def window_of(operation: tf.Operation) -> Window | None:
    """Return the window of an operation; None if it is neither a convolution nor a pooling."""
    if operation.type in _CONVOLUTIONS:
        size = operation.inputs[1].shape.as_list()[:2]
    elif operation.type in _POOLINGS:
        size = operation.get_attr("ksize")[1:3]
    else:
        return None
    stride, padding = operation.get_attr("strides")[1:3], operation.get_attr("padding").decode()
    above = left = 0
    if padding == "EXPLICIT":
        above, left = operation.get_attr("explicit_paddings")[2:6:2]
    elif padding == "SAME":
        before, after = (each.shape.as_list()[1:3] for each in (operation.inputs[0], operation.outputs[0]))
        above, left = (max((after[at] - 1) * stride[at] + size[at] - before[at], 0) // 2 for at in (0, 1))
    return Window(tuple(size), tuple(stride), padding, (above, left))
