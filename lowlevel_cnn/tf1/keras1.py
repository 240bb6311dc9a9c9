"""What Keras 1 called otherwise, taken by tf_keras too: `Convolution2D(32, 3, 3, border_mode="same")`, `nb_epoch`."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any

_LAYERS = (
    *("Dense", "Dropout", "BatchNormalization", "SimpleRNN", "LSTM", "GRU", "Conv1D", "Conv2D"),
    *("MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D"),
)
_ARGUMENTS = {
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "bias": "use_bias",
    "border_mode": "padding",
    "dim_ordering": "data_format",
    "filter_length": "kernel_size",
    "init": "kernel_initializer",
    "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer",
    "nb_filter": "filters",
    "output_dim": "units",
    "p": "rate",
    "pool_length": "pool_size",
    "stride": "strides",
    "subsample": "strides",
    "subsample_length": "strides",
    "W_constraint": "kernel_constraint",
    "W_regularizer": "kernel_regularizer",
}
_VALUES: dict[str, dict[str, str | None]] = {
    "data_format": {"tf": "channels_last", "th": "channels_first", "default": None},
    "kernel_initializer": {"normal": "random_normal", "uniform": "random_uniform"},
}
_FITTING = {
    "max_q_size": "max_queue_size",
    "nb_epoch": "epochs",
    "nb_val_samples": "validation_steps",
    "nb_worker": "workers",
    "pickle_safe": "use_multiprocessing",
    "samples_per_epoch": "steps_per_epoch",
}
_MERGING = {"ave": "Average", "concat": "Concatenate", "dot": "Dot", "max": "Maximum", "mul": "Multiply", "sum": "Add"}

Initialize = Callable[..., Any]


def give_back(keras: Any) -> None:
    """Let the layers and models of Keras 2 take what they took in Keras 1 as well."""
    layers = keras.layers
    for name in _LAYERS:
        layer = getattr(layers, name)
        layer.__init__ = _with_old_arguments(layer.__init__)
    for dimensions in (1, 2):
        old, layer = f"Convolution{dimensions}D", getattr(layers, f"Conv{dimensions}D")
        layer.__init__ = _with_kernel_by_its_sides(layer.__init__)
        setattr(layers, old, layer)
    # It was a function, and then a module.
    merge = functools.partial(_merge, layers)
    vars(merge).update({name: getattr(layers, name) for name in dir(layers) if not name.startswith("_")})
    layers.merge = merge
    # Those of graphs and those of eager execution: a model becomes one or the other when it is made.
    for module in ("training", "training_v1"):
        model = importlib.import_module(f"tf_keras.src.engine.{module}").Model
        for method in ("fit", "fit_generator"):
            setattr(model, method, _fitting(getattr(model, method)))


def _with_old_arguments(initialize: Initialize) -> Initialize:
    @functools.wraps(initialize)
    def with_old_arguments(self: Any, *args: Any, **named: Any) -> None:
        named.pop("mode", None)  # of BatchNormalization: 0 was the usual one
        named = _renamed(named, _ARGUMENTS)
        for name, values in _VALUES.items():
            if isinstance(named.get(name), str):
                named[name] = values.get(named[name], named[name])
        initialize(self, *args, **named)

    return with_old_arguments


def _with_kernel_by_its_sides(initialize: Initialize) -> Initialize:
    """`Convolution2D(32, 3, 3)` had a kernel of 3 x 3; what follows the kernel today are the strides."""

    @functools.wraps(initialize)
    def with_kernel(self: Any, *args: Any, **named: Any) -> None:
        if {"nb_row", "nb_col"} <= named.keys():
            named["kernel_size"] = (named.pop("nb_row"), named.pop("nb_col"))
        # A kernel without overlap is rare, and two equal numbers are what Keras 2 took for a kernel, too.
        elif len(args) > 2 and isinstance(args[1], int) and args[1] == args[2]:
            args = (args[0], args[1:3], *args[3:])
        initialize(self, *args, **named)

    return with_kernel


def _fitting(fit: Initialize) -> Initialize:
    @functools.wraps(fit)
    def with_old_arguments(model: Any, *args: Any, **named: Any) -> Any:
        # Images became batches.
        size = getattr(args[0], "batch_size", 1) if args else 1
        for name in ("samples_per_epoch", "nb_val_samples"):
            if name in named:
                named[name] //= size
        return fit(model, *args, **_renamed(named, _FITTING))

    return with_old_arguments


def _renamed(named: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in named.items()}


def _merge(layers: Any, inputs: Any, mode: str = "sum", concat_axis: int = -1, **named: Any) -> Any:
    """Add the outputs of several layers, or multiply, concatenate them and so on."""
    options = (
        {"axis": concat_axis} if mode == "concat" else {"axes": named.get("dot_axes", -1)} if mode == "dot" else {}
    )
    return getattr(layers, _MERGING[mode])(name=named.get("name"), **options)(inputs)
