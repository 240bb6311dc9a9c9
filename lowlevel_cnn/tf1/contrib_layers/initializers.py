"""Initializers: functions that make the first values of a variable of a shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["variance_scaling_initializer", "xavier_initializer", "xavier_initializer_conv2d"]

Initializer = Callable[..., "tf.Tensor"]

# The normal distribution is cut at two deviations, which takes this much from its variance.
_CUT = 1.3


def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = "float32") -> Initializer:
    """Weights with a variance of two by the sum of a node's inputs and outputs."""
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


xavier_initializer_conv2d = xavier_initializer


def variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: Any = "float32",
) -> Initializer:
    """Weights with a variance of `factor` by the number of a node's inputs, its outputs or the mean of both.

    Raises:
        TypeError: `dtype` is no floating point type.
        ValueError: `mode` is none of FAN_IN, FAN_OUT and FAN_AVG.
    """
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise ValueError(f"Unknown mode {mode} [FAN_IN, FAN_OUT, FAN_AVG]")
    if not str(getattr(dtype, "name", dtype)).startswith(("float", "bfloat", "<class 'numpy.float")):
        raise TypeError("Cannot create initializer for non-floating point type.")

    def initialize(shape: Sequence[int], dtype: Any = dtype, partition_info: Any = None) -> tf.Tensor:
        nodes = _nodes([float(size) for size in shape], mode)
        if uniform:
            limit = math.sqrt(3.0 * factor / nodes)
            return tf.random_uniform(shape, -limit, limit, dtype, seed=seed)
        return tf.truncated_normal(shape, 0.0, math.sqrt(_CUT * factor / nodes), dtype, seed=seed)

    return initialize


def _nodes(shape: list[float], mode: str) -> float:
    """How many inputs or outputs a node has, for weights of a shape: `[..., inputs, outputs]`."""
    if not shape:
        return 1.0
    inputs, outputs = shape[-2:] if len(shape) > 1 else (shape[-1], shape[-1])
    places = math.prod(shape[:-2])
    return {"FAN_IN": inputs, "FAN_OUT": outputs, "FAN_AVG": (inputs + outputs) / 2}[mode] * places
