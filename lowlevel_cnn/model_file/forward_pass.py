"""Call a file's `inference`, and hold it to what training, evaluation and export rely on."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.mnist_inference import Regularizer, l2_regularizer
from lowlevel_cnn.model_file.execution import BrokenRuleError, ReadersCode
from lowlevel_cnn.model_file.randomness import make_stateless, operations_behind
from lowlevel_cnn.models import Model
from lowlevel_cnn.tensorflow_v1 import seeded_graph, tf

# `(images, train, regularizer, num_labels) -> logits`, as the reader has written it.
Function = Callable[[Any, bool, Any, int], Any]
_PYTHON = ("PyFunc", "PyFuncStateless", "EagerPyFunc")
_FILES = ("ReadFile", "WriteFile", "MatchingFiles", "IteratorGetNext", "ReaderReadV2", "QueueDequeueV2")


class ForwardPass:
    """A network's forward pass: `(images, train, regularizer, num_labels) -> logits`.

    Beyond what the file's function does, in training:

    - its random operations become functions of the seed and the step, so that a resumed run is the same run;
    - the updates that layers leave in `tf.GraphKeys.UPDATE_OPS`, as batch normalization does, are run with each step.

    Losses that layers leave in TensorFlow's own collection are added to `'losses'`.

    Args:
        code: runs the reader's code.
        function: what the file defines.
        num_labels: the number of classes, where a call does not give another.

    Attributes:
        random_operations: those that could not be made functions of seed and step, as `name (type)`.
    """

    def __init__(self, code: ReadersCode, function: Function, num_labels: int) -> None:
        self._code = code
        self._function = function
        self._num_labels = num_labels
        self.random_operations: list[str] = []

    def __call__(
        self, images: tf.Tensor, train: bool, regularizer: Regularizer | None, num_labels: int | None = None
    ) -> tf.Tensor:
        """Build the forward pass in the default graph.

        Raises:
            InputError: the file's code fails, or does not keep to what it must.
        """
        num_labels = num_labels or self._num_labels
        graph = tf.get_default_graph()
        collections = (tf.GraphKeys.UPDATE_OPS, tf.GraphKeys.REGULARIZATION_LOSSES)
        before = {each: len(graph.get_collection(each)) for each in collections}
        with self._code.running(without_files=True):
            logits = self._function(images, train, regularizer, num_labels)
            if _left_graphs(graph):
                raise BrokenRuleError("inference changes the default graph; build the network in the one that is there")
        updates, losses = (graph.get_collection(each)[before[each] :] for each in collections)
        if broken := _broken_rule(logits, images, num_labels):
            raise InputError(f"--model {self._code.path}: inference {broken}")
        for each in losses:
            tf.add_to_collection("losses", each)
        if not train:
            return logits
        with tf.control_dependencies(updates):
            logits = tf.identity(logits)
        self.random_operations = make_stateless([logits.op, *(getattr(each, "op", each) for each in updates)])
        return logits


def _left_graphs(graph: tf.Graph) -> int:
    """Leave the graphs that were entered within another and not left, and return how many they were."""
    stack = importlib.import_module("tensorflow.python.framework.ops")._default_graph_stack.stack
    count = 0
    while stack and stack[-1] is not graph:
        stack.pop()
        count += 1
    return count


def _broken_rule(logits: Any, images: tf.Tensor, num_labels: int) -> str:
    """Return what is wrong with the logits of a forward pass; "" if nothing is."""
    must = f"it must return logits, float32 of shape [batch, {num_labels}]"
    if not isinstance(logits, tf.Tensor):
        return f"returns {'nothing' if logits is None else 'a ' + type(logits).__name__}; {must}"
    if logits.graph is not images.graph:
        return f"returns a tensor of another graph; {must}, in the graph of its images"
    shape = logits.shape.as_list() if logits.shape.rank is not None else None
    if logits.dtype != tf.float32 or shape is None or len(shape) != 2 or shape[1] != num_labels:
        shown = "unknown shape" if shape is None else f"shape {['batch' if n is None else n for n in shape]}"
        return f"returns {logits.dtype.name} of {shown.replace(chr(39), '')}; {must}"
    if shape[0] is not None:
        return f"returns a batch of {shape[0]}; batches differ in size: write -1 for it where you reshape"
    if _last_operation(logits).type == "Softmax":
        return f"returns probabilities; {must}: leave out tf.nn.softmax, which training and evaluation compute"
    behind = operations_behind([logits.op])
    if images.op not in behind:
        return f"does not use its images; {must}, computed from them"
    if not tf.trainable_variables():
        return "makes no trainable variable; make its weights with tf.get_variable"
    for each in behind:
        if each.type in _PYTHON:
            return f"calls Python code in each step ({each.name}); without this file an export could not"
        if each.type == "Placeholder" and each is not images.op:
            return (
                f"computes with a placeholder of its own ({each.name}), which nothing feeds; let it follow from train, "
                "such as 0.5 if train else 1.0"
            )
        if each.type in _FILES:
            return f"reads files or queues ({each.name}); it must compute with its arguments alone"
    return ""


def _last_operation(logits: tf.Tensor) -> tf.Operation:
    """Return the operation that computes logits, before any that only names or shapes them."""
    operation = logits.op
    while operation.type in ("Identity", "Reshape"):
        operation = operation.inputs[0].op
    return operation


def try_out(model: Model) -> int:
    """Build a model as it is trained and as it is evaluated, and return its number of trainable parameters.

    Raises:
        InputError: it does not keep to what a network must, or the two do not have the same variables.
    """
    training, evaluation = (_variables(model, train=train) for train in (True, False))
    path = model.file.path if model.file else model.name
    for name in training | evaluation:
        if training.get(name) != evaluation.get(name):
            shapes = [str(each.get(name, "missing")) for each in (training, evaluation)]
            raise InputError(
                f"--model {path}: inference makes other variables in training than in evaluation: {name} is "
                f"{shapes[0]} in the one and {shapes[1]} in the other; only dropout and the like may depend on train"
            )
    with seeded_graph():
        model.inference(_images(model), False, None)
        return sum(math.prod(each.shape.as_list()) for each in tf.trainable_variables())


def _variables(model: Model, *, train: bool) -> dict[str, list[int | None]]:
    """Return the shapes of the variables that a forward pass makes; in training, check that it can be trained."""
    with seeded_graph():
        images = _images(model)
        step = tf.train.get_or_create_global_step()
        logits = model.inference(images, train, l2_regularizer(model.regularization_rate) if train else None)
        if train and not any(each is not None for each in tf.gradients(logits, tf.trainable_variables())):
            raise InputError(
                f"--model {model.file.path if model.file else model.name}: no gradient gets from the logits to a "
                "variable; without stop_gradient, argmax and the like between them, the network can be trained"
            )
        return {each.op.name: each.shape.as_list() for each in tf.global_variables() if each is not step}


def _images(model: Model) -> tf.Tensor:
    return tf.placeholder(tf.float32, [None, *model.image_shape], name="x-input")
