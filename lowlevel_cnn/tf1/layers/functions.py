"""Layers as functions, which make a new one at each call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.layers.base import Layer


def as_function(layer: type[Layer], name: str) -> Callable[..., tf.Tensor]:
    """Return a layer's function: `function(inputs, ...)`, with the arguments of the class, and `reuse`."""

    def function(inputs: Any, *arguments: Any, reuse: bool | None = None, **keywords: Any) -> tf.Tensor:
        return layer(*arguments, **keywords, _scope_is_name=True, _reuse=reuse)(inputs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"Return what a new layer makes of the inputs; the other arguments are those of `{layer.__name__}`."
    )
    return function
