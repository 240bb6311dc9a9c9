"""`tf.contrib.eager` of TensorFlow 1.x: what the first eager programs took from there; the rest is renamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = [
    "Iterator",
    "Network",
    "gradients_function",
    "implicit_gradients",
    "implicit_value_and_gradients",
    "num_gpus",
    "value_and_gradients_function",
]

Function = Callable[..., Any]


class Iterator:
    """The elements of a data set, by `for` or by `next`."""

    def __init__(self, dataset: Any) -> None:
        self._elements = iter(dataset)

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        return next(self._elements)

    # As it was called under Python 2.
    next = __next__


class Network:
    """A model: a subclass keeps its layers by `track_layer` and has `call`."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or type(self).__name__.lower()
        self.layers: list[Any] = []

    def track_layer(self, layer: Any) -> Any:
        """Keep a layer, and return it."""
        self.layers.append(layer)
        return layer

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what `call` returns."""
        return self.call(*args, **kwargs)  # type: ignore[attr-defined]

    @property
    def variables(self) -> list[Any]:
        """The variables of all layers; before the first call none."""
        return [each for layer in self.layers for each in layer.variables]

    @property
    def trainable_variables(self) -> list[Any]:
        """Those that are trained."""
        return [each for layer in self.layers for each in layer.trainable_variables]

    weights, trainable_weights = variables, trainable_variables


def implicit_value_and_gradients(f: Function) -> Function:
    """Return a function with the arguments of `f`: its value, and pairs of a gradient and a variable that it used."""

    def differentiated(*args: Any, **kwargs: Any) -> tuple[Any, list[tuple[Any, Any]]]:
        with tf.GradientTape() as tape:
            value = f(*args, **kwargs)
        variables = tape.watched_variables()
        return value, list(zip(tape.gradient(value, variables), variables, strict=True))

    return differentiated


def implicit_gradients(f: Function) -> Function:
    """Return the same without the value."""
    differentiated = implicit_value_and_gradients(f)
    return lambda *args, **kwargs: differentiated(*args, **kwargs)[1]


def value_and_gradients_function(f: Function, params: Any = None) -> Function:
    """Return a function with the arguments of `f`: its value and its gradients by those arguments.

    Args:
        params: the places of the arguments that count, by default all.
    """

    def differentiated(*args: Any) -> tuple[Any, list[Any]]:
        given = [tf.convert_to_tensor(each) for each in args]
        with tf.GradientTape() as tape:
            tape.watch(given)
            value = f(*given)
        return value, tape.gradient(value, [given[each] for each in (range(len(given)) if params is None else params)])

    return differentiated


def gradients_function(f: Function, params: Any = None) -> Function:
    """Return the same without the value."""
    differentiated = value_and_gradients_function(f, params)
    return lambda *args: differentiated(*args)[1]


def num_gpus() -> int:
    """How many GPUs TensorFlow has found."""
    return len(tf.config.list_physical_devices("GPU"))
