"""Batch normalization, with the defaults of `tf.contrib`: slow averages, no scale, in training."""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import layers
from lowlevel_cnn.tf1.contrib_framework import add_arg_scope
from lowlevel_cnn.tf1.contrib_layers.scopes import collect_outputs, collect_variables, data_format_of, layer_scope
from lowlevel_cnn.tf1.layers import arguments

__all__ = ["batch_norm"]

_VARIABLES = ("beta", "gamma", "moving_mean", "moving_variance")


@add_arg_scope
def batch_norm(
    inputs: Any,
    decay: Any = 0.999,
    center: bool = True,
    scale: bool = False,
    epsilon: float = 0.001,
    activation_fn: Any = None,
    param_initializers: dict[str, Any] | None = None,
    param_regularizers: dict[str, Any] | None = None,
    updates_collections: Any = "update_ops",
    is_training: Any = True,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    batch_weights: Any = None,
    fused: bool | None = None,
    data_format: str = "NHWC",
    zero_debias_moving_mean: bool = False,
    scope: Any = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_decay: float = 0.99,
    adjustment: Any = None,
) -> tf.Tensor:
    """Return the inputs normalized; without `updates_collections` the averages move whenever the outputs are computed.

    Raises:
        NotImplementedError: `batch_weights`, `zero_debias_moving_mean`, `renorm` or `adjustment` is asked for.
        ValueError: the inputs' number of dimensions is unknown.
    """
    arguments.refuse(
        "batch_norm",
        batch_weights=batch_weights,
        zero_debias_moving_mean=zero_debias_moving_mean,
        renorm=renorm,
        adjustment=adjustment,
    )
    with layer_scope(scope, "BatchNorm", inputs, reuse) as opened:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.rank
        if rank is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank")
        initializers, regularizers = param_initializers or {}, param_regularizers or {}
        fused = (fused is None or fused) and rank in (2, 4)
        # The fused operation wants images: those of vectors have one pixel.
        of_pixels = fused and rank == 2
        layer = _BatchNormalization(
            axis=1 if data_format_of(data_format) == "channels_first" and not of_pixels else -1,
            momentum=decay,
            epsilon=epsilon,
            center=center,
            scale=scale,
            **{f"{name}_initializer": initializers[name] for name in _VARIABLES if initializers.get(name)},
            beta_regularizer=regularizers.get("beta"),
            gamma_regularizer=regularizers.get("gamma"),
            fused=fused,
            trainable=trainable,
            name=opened,
            _scope_is_name=True,
            _reuse=reuse,
        )
        layer.updates_collections = updates_collections
        outputs = layer(inputs[:, tf.newaxis, tf.newaxis] if of_pixels else inputs, training=is_training)
        collect_variables(variables_collections, {name: getattr(layer, name) for name in _VARIABLES})
        if not updates_collections:
            with tf.control_dependencies(layer.updates):
                outputs = tf.identity(outputs)
        if of_pixels:
            outputs = tf.squeeze(outputs, [1, 2])
        activate = arguments.activation(activation_fn)
        outputs = outputs if activate is None else activate(outputs)
        return collect_outputs(outputs_collections, opened.name, outputs)


class _BatchNormalization(layers.BatchNormalization):
    """Its updates go into the caller's collections."""

    updates_collections: Any = None

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Add an operation to the layer's updates and to the collections."""
        self.updates.append(updates)
        if self.updates_collections:
            tf.add_to_collections(self.updates_collections, updates)
