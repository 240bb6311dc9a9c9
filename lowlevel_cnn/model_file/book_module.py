"""Make a `Model` of the book's own module: a function `inference`, and constants with the sizes beside it."""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from lowlevel_cnn import models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.model_file.arguments import UnknownArgumentError, caller
from lowlevel_cnn.model_file.forward_pass import Function
from lowlevel_cnn.tensorflow_v1 import tf

EXPECTED = (
    "the book's inference(input_tensor, train, regularizer) with IMAGE_SIZE, NUM_CHANNELS and NUM_LABELS beside it "
    "(or INPUT_NODE and OUTPUT_NODE, if it takes vectors)"
)
_SETTINGS = "book-lenet"


def model(path: Path, module: ModuleType) -> tuple[models.Model, Function]:
    """Return the model of such a module, with the book's settings, and how to call its forward pass.

    Raises:
        InputError: the constants are missing or wrong, or `inference` takes other arguments.
    """
    call = _call(path, module.inference)
    num_labels = _number(path, module, "NUM_LABELS", "OUTPUT_NODE", "NUM_CLASSES")
    takes_images = hasattr(module, "IMAGE_SIZE")
    shape = _image_shape(path, module) if takes_images else _shape_of_vector(path, module)

    def forward(images: tf.Tensor, train: bool, regularizer: Any, labels: int) -> Any:
        given = tuple(images.shape.as_list()[1:])
        if given != shape:
            raise InputError(
                f"--model {path}: takes images of shape {shape}, by its constants, but the data has {given}; change "
                "them, or choose another --dataset"
            )
        if labels != num_labels:
            raise InputError(
                f"--model {path}: has {num_labels} classes, by its NUM_LABELS, but the data has {labels}; change it, "
                "or choose another --dataset"
            )
        inputs = images if takes_images else tf.reshape(images, [-1, math.prod(shape)])
        return call(inputs, train, regularizer, labels)

    settings = models.get(_SETTINGS)
    found = replace(
        settings,
        title=f"the network in {path.name}",
        source=path.name,
        dataset="cifar10" if shape == (32, 32, 3) else settings.dataset,
        image_shape=shape,
        num_labels=num_labels,
        reported_accuracy=None,
        remark="",
    )
    return found, forward


def _call(path: Path, inference: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of `(input, train, regularizer, num_labels)`."""
    try:
        return caller(inference)
    except UnknownArgumentError as error:
        what = f"nothing is known to give for {error}" if str(error) else "other arguments"
        raise InputError(
            f"--model {path}: its inference takes {inspect.signature(inference)}, {what}; expected is {EXPECTED}"
        ) from None


def _image_shape(path: Path, module: ModuleType) -> tuple[int, int, int]:
    size = _number(path, module, "IMAGE_SIZE")
    return size, size, _number(path, module, "NUM_CHANNELS")


def _shape_of_vector(path: Path, module: ModuleType) -> tuple[int, int, int]:
    """Return the shape of the square images whose pixels a vector of INPUT_NODE values holds."""
    nodes = _number(path, module, "INPUT_NODE")
    channels = _number(path, module, "NUM_CHANNELS") if hasattr(module, "NUM_CHANNELS") else 1
    size = math.isqrt(nodes // channels)
    if size * size * channels != nodes:
        raise InputError(f"--model {path}: INPUT_NODE is {nodes}, which no square image has as pixels; add IMAGE_SIZE")
    return size, size, channels


def _number(path: Path, module: ModuleType, *names: str) -> int:
    name = next((each for each in names if hasattr(module, each)), None)
    if name is None:
        raise InputError(f"--model {path}: has no {names[0]}; expected is {EXPECTED}")
    value = getattr(module, name)
    # NumPy has whole numbers of its own.
    number = operator.index(value) if hasattr(value, "__index__") and not isinstance(value, bool) else 0
    if not 0 < number < 2**31:
        raise InputError(f"--model {path}: {name} is {value!r:.50}; it must be a whole number above 0")
    return number
