"""Normalization of each example by itself, over all its values or over each channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.contrib_framework import add_arg_scope
from lowlevel_cnn.tf1.contrib_layers.scopes import collect_outputs, collect_variables, data_format_of, layer_scope
from lowlevel_cnn.tf1.layers import arguments

__all__ = ["instance_norm", "layer_norm"]


@add_arg_scope
def layer_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    activation_fn: Any = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    begin_norm_axis: int = 1,
    begin_params_axis: int = -1,
    scope: Any = None,
) -> tf.Tensor:
    """Normalize the values of each example, from `begin_norm_axis` on; `beta` and `gamma` have the last sizes."""
    with layer_scope(scope, "LayerNorm", inputs, reuse) as opened:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.rank
        shape = inputs.shape.as_list()[begin_params_axis % rank :]
        axes = list(range(begin_norm_axis % rank, rank))
        outputs = _normalized(
            inputs, axes, shape, shape, center, scale, 1e-12, {}, trainable, variables_collections, activation_fn
        )
        return collect_outputs(outputs_collections, opened.name, outputs)


@add_arg_scope
def instance_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-6,
    activation_fn: Any = None,
    param_initializers: dict[str, Any] | None = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> tf.Tensor:
    """Normalize each channel of each example; `beta` and `gamma` have one value a channel."""
    with layer_scope(scope, "InstanceNorm", inputs, reuse) as opened:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.rank
        channel = 1 if data_format_of(data_format) == "channels_first" else rank - 1
        axes = [axis for axis in range(1, rank) if axis != channel]
        count = inputs.shape.as_list()[channel]
        side_by_side = [count if axis == channel else 1 for axis in range(rank)]
        outputs = _normalized(
            *(inputs, axes, [count], side_by_side, center, scale, epsilon, param_initializers or {}),
            *(trainable, variables_collections, activation_fn),
        )
        return collect_outputs(outputs_collections, opened.name, outputs)


def _normalized(
    inputs: Any,
    axes: Sequence[int],
    shape: Sequence[int],
    broadcast: Sequence[int],
    center: bool,
    scale: bool,
    epsilon: float,
    initializers: dict[str, Any],
    trainable: bool,
    collections: Any,
    activation_fn: Any,
) -> tf.Tensor:
    made = {}
    for name, is_wanted, first in (("beta", center, tf.zeros_initializer()), ("gamma", scale, tf.ones_initializer())):
        if is_wanted:
            initializer = initializers.get(name, first)
            made[name] = tf.get_variable(name, shape, inputs.dtype, initializer, trainable=trainable)
    collect_variables(collections, made)
    mean, variance = tf.nn.moments(inputs, list(axes), keep_dims=True)
    beta, gamma = (tf.reshape(made[name], broadcast) if name in made else None for name in ("beta", "gamma"))
    outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
    outputs.set_shape(inputs.shape)
    activate = arguments.activation(activation_fn)
    return outputs if activate is None else activate(outputs)
