"""Several layers of one kind, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.contrib_framework import add_arg_scope

__all__ = ["repeat", "stack"]

Layer = Callable[..., "tf.Tensor"]


@add_arg_scope
def repeat(inputs: Any, repetitions: int, layer: Layer, *args: Any, **kwargs: Any) -> tf.Tensor:
    """Apply a layer several times, with the same arguments, in the scopes `NAME/NAME_1`, `NAME/NAME_2`, ..."""
    scope = kwargs.pop("scope", None)
    with tf.variable_scope(scope, "Repeat", [inputs]):
        outputs = tf.convert_to_tensor(inputs)
        for number in range(1, repetitions + 1):
            outputs = layer(outputs, *args, **{**kwargs, "scope": f"{scope or _name(layer, 'repeat')}_{number}"})
        return outputs


@add_arg_scope
def stack(inputs: Any, layer: Layer, stack_args: Sequence[Any], **kwargs: Any) -> tf.Tensor:
    """Apply a layer once with each of the arguments, in the scopes `NAME/NAME_1`, `NAME/NAME_2`, ...

    Raises:
        ValueError: `stack_args` is no list.
    """
    if not isinstance(stack_args, list | tuple):
        raise ValueError("stack_args need to be a list or tuple")
    scope = kwargs.pop("scope", None)
    with tf.variable_scope(scope, "Stack", [inputs]):
        outputs = tf.convert_to_tensor(inputs)
        for number, given in enumerate(stack_args, 1):
            args = given if isinstance(given, list | tuple) else [given]
            outputs = layer(outputs, *args, **{**kwargs, "scope": f"{scope or _name(layer, 'stack')}_{number}"})
        return outputs


def _name(layer: Any, default: str) -> str:
    """The name of a function, also of one that has some of its arguments (`functools.partial`)."""
    return getattr(getattr(layer, "func", layer), "__name__", default)
