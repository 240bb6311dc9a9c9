"""Summaries of tensors, by themselves or all of a collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = [
    "summarize_activation",
    "summarize_activations",
    "summarize_biases",
    "summarize_collection",
    "summarize_tensor",
    "summarize_tensors",
    "summarize_variables",
    "summarize_weights",
]

Summarizer = Callable[..., Any]


def summarize_tensor(tensor: tf.Tensor, tag: str | None = None) -> tf.Tensor:
    """Summarize a scalar as such, anything else as a histogram."""
    write = tf.summary.scalar if tensor.shape.rank == 0 else tf.summary.histogram
    return write(tag or tensor.op.name, tensor)


def summarize_activation(op: tf.Tensor) -> tf.Tensor:
    """Summarize a layer's outputs: a histogram, and how many of them are zero, or at an end of what they can be."""
    name = op.op.name
    if op.op.type in ("Relu", "Softplus", "Relu6"):
        tf.summary.scalar(f"{name}/zeros", _part(op < 1e-5))
    if op.op.type == "Relu6":
        tf.summary.scalar(f"{name}/sixes", _part(op > 6 - 1e-5))
    return tf.summary.histogram(f"{name}/activation", op)


def _part(where: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.cast(where, tf.float32))


def summarize_tensors(tensors: Iterable[tf.Tensor], summarizer: Summarizer = summarize_tensor) -> list[tf.Tensor]:
    """Summarize each."""
    return [summarizer(each) for each in tensors]


def summarize_collection(
    collection: str, name_filter: str | None = None, summarizer: Summarizer = summarize_tensor
) -> list[tf.Tensor]:
    """Summarize a collection, those whose names begin with a regular expression."""
    return summarize_tensors(tf.get_collection(collection, name_filter), summarizer)


def summarize_variables(name_filter: str | None = None, summarizer: Summarizer = summarize_tensor) -> list[tf.Tensor]:
    """Summarize the variables."""
    return summarize_collection(tf.GraphKeys.GLOBAL_VARIABLES, name_filter, summarizer)


def summarize_weights(name_filter: str | None = None, summarizer: Summarizer = summarize_tensor) -> list[tf.Tensor]:
    """Summarize the weights."""
    return summarize_collection(tf.GraphKeys.WEIGHTS, name_filter, summarizer)


def summarize_biases(name_filter: str | None = None, summarizer: Summarizer = summarize_tensor) -> list[tf.Tensor]:
    """Summarize the biases."""
    return summarize_collection(tf.GraphKeys.BIASES, name_filter, summarizer)


def summarize_activations(
    name_filter: str | None = None, summarizer: Summarizer = summarize_activation
) -> list[tf.Tensor]:
    """Summarize the outputs of the layers."""
    return summarize_collection(tf.GraphKeys.ACTIVATIONS, name_filter, summarizer)
