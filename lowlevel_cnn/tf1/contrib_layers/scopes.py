"""What the layers of `tf.contrib` share: model variables under their own names, and collections of outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.contrib_framework import model_variable

# What `tf.layers` calls otherwise.
_NAMES = {
    "kernel": "weights",
    "bias": "biases",
    "depthwise_kernel": "depthwise_weights",
    "pointwise_kernel": "pointwise_weights",
}


def layer_scope(scope: Any, default: str, inputs: Any, reuse: bool | None = None) -> Any:
    """A variable scope in which the layers of `tf.layers` make model variables, `weights` and `biases`."""
    return tf.variable_scope(scope, default, [inputs], reuse=reuse, custom_getter=_model_variable)


def _model_variable(getter: Any, name: str, **keywords: Any) -> tf.Variable:
    path, slash, last = name.rpartition("/")
    return model_variable(path + slash + _NAMES.get(last, last), custom_getter=getter, **keywords)


def collect_variables(collections: Any, variables: Mapping[str, tf.Variable | None]) -> None:
    """Add variables to collections: a list for all of them, or a dictionary of lists by name."""
    for name, variable in variables.items():
        found = collections.get(name) if isinstance(collections, Mapping) else collections
        if variable is not None and found:
            tf.add_to_collections(found, variable)


def collect_outputs(collections: Any, alias: str, outputs: tf.Tensor) -> tf.Tensor:
    """Add outputs to a collection or to several, under the name of their scope, and return them."""
    if collections:
        outputs.aliases = [*getattr(outputs, "aliases", []), alias.rstrip("/")]
        tf.add_to_collections(collections, outputs)
    return outputs


def convert_collection_to_dict(collection: str, clear_collection: bool = False) -> dict[str, tf.Tensor]:
    """The outputs of a collection by the names of their scopes."""
    found = {alias: each for each in tf.get_collection(collection) for alias in _aliases(each)}
    if clear_collection:
        tf.get_default_graph().clear_collection(collection)
    return found


def _aliases(outputs: tf.Tensor) -> list[str]:
    return getattr(outputs, "aliases", None) or [outputs.op.name]


def data_format_of(data_format: str | None) -> str:
    """The data format as `tf.layers` names it.

    Raises:
        ValueError: it is none that has the channels first or last.
    """
    if data_format not in (None, "NHWC", "NCHW", "NWC", "NCW", "NDHWC", "NCDHW"):
        raise ValueError(f"data_format has to be NHWC or NCHW (or the like). Received: {data_format}")
    return "channels_first" if data_format and data_format.startswith("NC") else "channels_last"
