"""The networks of the sources, one file each. To add one, write its file and add its line to `_MODULES`."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from lowlevel_cnn.errors import InputError

if TYPE_CHECKING:
    from lowlevel_cnn.distortions import Distortions
    from lowlevel_cnn.tensorflow_v1 import tf

_MODULES = {
    "book-lenet": "book_lenet",
    "book-lenet-fast": "book_lenet_fast",
    "book-lenet-99": "book_lenet_99",
    "book-lenet-best": "book_lenet_best",
    "lenet-5": "lenet_5",
    "layers-guide": "layers_guide",
    "mastering-mnist-tf": "mastering_mnist_tf",
    "mastering-mnist-keras": "mastering_mnist_keras",
    "mastering-cifar10-tf": "mastering_cifar10_tf",
    "mastering-cifar10-keras": "mastering_cifar10_keras",
    "fashion-cnn": "fashion_cnn",
}
# The rungs of the ladders that lead to two of them.
_LADDERS = {
    "book-lenet-best": {
        "book-lenet-ladder-steps": "book_lenet_ladder:STEPS",
        "book-lenet-ladder-regularization": "book_lenet_ladder:REGULARIZATION",
        "book-lenet-ladder-affine": "book_lenet_ladder:AFFINE",
        "book-lenet-ladder-elastic": "book_lenet_ladder:ELASTIC",
    },
    "fashion-cnn": {
        "fashion-ladder-sgd": "fashion_ladder:SGD",
        "fashion-ladder-adam": "fashion_ladder:ADAM",
        "fashion-ladder-convolution": "fashion_ladder:CONVOLUTION",
        "fashion-ladder-steps": "fashion_ladder:STEPS",
    },
}
_RUNGS = {name: place for rungs in _LADDERS.values() for name, place in rungs.items()}
# The styles of the lines that training and evaluation print: those of the book, of `tf.estimator` in the guide and the
# Fashion-MNIST article, of the TensorFlow versions of Mastering TensorFlow 1.x, and of its Keras versions.
LINES = ("book", "estimator", "mastering", "keras")
# `training.optimization` implements these.
OPTIMIZERS = ("gradient-descent", "adam", "rmsprop")
SCHEDULES = ("exponential-decay", "warm-up-and-linear-decay")


@dataclass(frozen=True)
class File:
    """The file that a network of the reader's own comes from.

    Attributes:
        path: as it was given.
        checksum: of its text.
    """

    path: str
    checksum: str

    @property
    def name(self) -> str:
        """Its name without the folder."""
        return Path(self.path).name


@dataclass(frozen=True, kw_only=True)
class Model:
    """A network, how it is trained, and what its source reported; every default is defined here and nowhere else.

    Attributes:
        name: the name for `--model`.
        title: a one-line description.
        source: the book chapter or article that describes it.
        dataset: the data set that it was made for.
        image_shape: height, width, channels.
        inference: `(images, train, regularizer, num_labels=10) -> logits`, see `mnist_inference.inference`.
        num_labels: the number of classes.
        parameters: the number of trainable parameters, for images of this shape and 10 classes.
        batch_size: images per step.
        learning_rate_base: the learning rate at step 0.
        learning_rate_decay: factor on the learning rate after each epoch; 1: constant.
        regularization_rate: scale of the L2 regularization.
        moving_average_decay: the share of a moving average that is kept at each step.
        training_steps: steps of a full training run.
        reported_accuracy: what the source reported for the test images; None: nothing.
        optimizer: one of `OPTIMIZERS`.
        learning_rate_schedule: one of `SCHEDULES`.
        validation_count: number of training images held out; None: the data set's default; 0: none. Where the images
            for validation are apart, how many of them are used.
        label_smoothing: the share of the probability that training spreads evenly over all classes.
        distortions: how training images are distorted; None: not at all.
        remark: a note for readers of the results.
        lines: one of `LINES`, the style of the lines that the source's programs print.
        file: the file that a network of the reader's own comes from; None: it is one of this package.
    """

    name: str
    title: str
    dataset: str
    image_shape: tuple[int, int, int]
    inference: Callable[..., tf.Tensor]
    batch_size: int
    learning_rate_base: float
    moving_average_decay: float
    training_steps: int
    num_labels: int = 10
    parameters: int | None = None
    reported_accuracy: float | None = None
    source: str = ""
    learning_rate_decay: float = 1.0
    regularization_rate: float = 0.0
    optimizer: str = "gradient-descent"
    learning_rate_schedule: str = "exponential-decay"
    validation_count: int | None = None
    label_smoothing: float = 0.0
    distortions: Distortions | None = None
    lines: str = "book"
    remark: str = ""
    file: File | None = None


# Models that have no file here, by name.
_GIVEN: ContextVar[Mapping[str, Model]] = ContextVar("_GIVEN", default=MappingProxyType({}))


@contextmanager
def given(model: Model) -> Iterator[None]:
    """Let a model be found by its name in this context and in this thread, before any other of that name."""
    token = _GIVEN.set({**_GIVEN.get(), model.name: model})
    try:
        yield
    finally:
        _GIVEN.reset(token)


def names() -> list[str]:
    """Return the names of the sources' networks, the book's first."""
    return list(_MODULES)


def ladder(top: str) -> list[str]:
    """Return the names of the rungs that lead to a network, which are models too; the lowest first."""
    return list(_LADDERS[top])


def all_names() -> list[str]:
    """Return all names that `--model` accepts."""
    return list(dict.fromkeys([*names(), *_RUNGS, *_GIVEN.get()]))


def get(name: str) -> Model:
    """Return the model of that name.

    Raises:
        InputError: there is no model of that name.
    """
    if name in _GIVEN.get():
        return _GIVEN.get()[name]
    if name not in all_names():
        raise InputError(f"--model: there is no model {name!r}; choose one of {', '.join(all_names())}")
    module, _, attribute = {**_MODULES, **_RUNGS}[name].partition(":")
    model: Model = getattr(importlib.import_module(f"lowlevel_cnn.models.{module}"), attribute or "MODEL")
    return model


def fitted(model: Model, image_shape: tuple[int, int, int], num_labels: int) -> Model:
    """Return the model for images of this shape and this number of classes: only its last layer follows the latter."""
    if num_labels != model.num_labels:
        inference = functools.partial(model.inference, num_labels=num_labels)
        model = replace(model, inference=inference, num_labels=num_labels)
    return replace(model, image_shape=image_shape)
