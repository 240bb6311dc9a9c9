"""What the arguments of a layer may be: an activation by its name, one number for both sides of a window, ..."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

# Of `tf.nn`; "linear" is none at all.
_ACTIVATIONS = ("elu", "relu", "relu6", "selu", "sigmoid", "softmax", "softplus", "softsign", "tanh")
# Of `tf.initializers`, each with its own defaults.
_INITIALIZERS = (
    "constant",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "variance_scaling",
    "zeros",
)
# By name the random ones are narrower than `tf.initializers` are by default.
_WIDTH = 0.05


def activation(identifier: Any) -> Callable[[tf.Tensor], tf.Tensor] | None:
    """Return the activation of that name; a function, or None, is returned as it is."""
    if identifier is None or identifier == "linear":
        return None
    if callable(identifier):
        return identifier  # type: ignore[no-any-return]
    if identifier in _ACTIVATIONS:
        return getattr(tf.nn, identifier)  # type: ignore[no-any-return]
    raise ValueError(f"Unknown activation: {identifier!r}. Known by name: linear, {', '.join(_ACTIVATIONS)}.")


def initializer(identifier: Any) -> Any:
    """Return the initializer of that name; anything else is returned as it is."""
    if not isinstance(identifier, str):
        return identifier
    if identifier in ("normal", "random_normal"):
        return tf.initializers.random_normal(stddev=_WIDTH)
    if identifier in ("uniform", "random_uniform"):
        return tf.initializers.random_uniform(-_WIDTH, _WIDTH)
    if identifier == "truncated_normal":
        return tf.initializers.truncated_normal(stddev=_WIDTH)
    if identifier in _INITIALIZERS:
        return getattr(tf.initializers, identifier)()
    raise ValueError(
        f"Unknown initializer: {identifier!r}. Known by name: {', '.join(_INITIALIZERS)}, random_normal, ..."
    )


def sizes(value: Any, count: int, name: str) -> tuple[int, ...]:
    """Return one integer for each of `count` dimensions, from one for all of them or from a list of them."""
    try:
        found = (operator.index(value),) * count if hasattr(value, "__index__") else tuple(map(operator.index, value))
    except TypeError:
        found = ()
    if len(found) != count:
        raise ValueError(f"The `{name}` argument must be one integer or {count} integers. Received: {value}")
    return found


def one_of(value: str, known: tuple[str, ...], name: str) -> str:
    """Return the value, in lower case, if it is one of those known."""
    if str(value).lower() not in known:
        raise ValueError(f"The `{name}` argument must be one of {', '.join(known)}. Received: {value}")
    return str(value).lower()


def padding(value: str) -> str:
    """Return the padding as TensorFlow's operations name it: `VALID` or `SAME`."""
    return one_of(value, ("valid", "same"), "padding").upper()


def channels_first(data_format: str) -> bool:
    """Whether the channels stand before the height and the width."""
    return one_of(data_format, ("channels_first", "channels_last"), "data_format") == "channels_first"


def chosen(condition: Any, if_true: Callable[[], Any], if_false: Callable[[], Any]) -> Any:
    """Return what one of the functions makes: now, where the condition is known, else when the graph runs."""
    known = static_value(condition)
    if known is None:
        return tf.cond(condition, if_true, if_false)
    return if_true() if known else if_false()


def static_value(condition: Any) -> bool | None:
    """The value of a condition where it is known before the graph runs; else None."""
    if isinstance(condition, tf.Variable):
        return None
    known = tf.get_static_value(condition) if tf.is_tensor(condition) else condition
    return None if known is None and condition is not None else bool(known)


def refuse(function: str, **options: Any) -> None:
    """Raise an error that says which option of a function cannot be had, if one is set."""
    for option, value in options.items():
        if value is not None and value is not False:
            raise NotImplementedError(f"{function}({option}=...) is not given back; leave `{option}` out")


def channels_last(inputs: tf.Tensor, data_format: str) -> tf.Tensor:
    """Put the channels last, where processors without a GPU want them."""
    rank = inputs.shape.rank
    return tf.transpose(inputs, [0, *range(2, rank), 1]) if channels_first(data_format) else inputs


def channels_back(outputs: tf.Tensor, data_format: str) -> tf.Tensor:
    """Put the channels back to where the data format says that they are."""
    rank = outputs.shape.rank
    return tf.transpose(outputs, [0, rank - 1, *range(1, rank - 1)]) if channels_first(data_format) else outputs
