"""Functions that kept their names but not the order of their arguments, or whose old names took others."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from lowlevel_cnn.system.messages import note
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import reader


def _concat(*args: Any, **keywords: Any) -> Any:
    """`concat(axis, values)` before 1.0, `concat(values, axis)` since."""
    if "concat_dim" in keywords:
        keywords["axis"] = keywords.pop("concat_dim")
    if args and not isinstance(args[0], list | tuple) and (len(args) > 1 or "values" in keywords):
        values = args[1] if len(args) > 1 else keywords.pop("values")
        if isinstance(values, list | tuple):
            args = (values, args[0], *args[2:])
    return tf.concat(*args, **keywords)


def _split(*args: Any, **keywords: Any) -> Any:
    """`split(axis, count, value)` before 1.0, `split(value, counts, axis)` since."""
    new_names = {"split_dim": "axis", "num_split": "num_or_size_splits"}
    keywords = {new_names.get(name, name): value for name, value in keywords.items()}
    if args and isinstance(args[0], int) and (len(args) > 2 or "value" in keywords):
        old_order = ("axis", "num_or_size_splits", "value", "name")
        return tf.split(**dict(zip(old_order, args, strict=False)), **keywords)
    return tf.split(*args, **keywords)


def _reverse(tensor: Any, axis: Any = None, *args: Any, dims: Any = None, **keywords: Any) -> Any:
    """`reverse(tensor, [False, True])` before 1.0, `reverse(tensor, [1])` since."""
    axis = dims if axis is None else axis
    if isinstance(axis, list | tuple) and axis and all(isinstance(each, bool) for each in axis):
        axis = [place for place, is_reversed in enumerate(axis) if is_reversed]
    return tf.reverse(tensor, axis, *args, **keywords)


def _batch_matmul(x: Any, y: Any, adj_x: bool = False, adj_y: bool = False, name: str | None = None) -> Any:
    return tf.matmul(x, y, adjoint_a=adj_x, adjoint_b=adj_y, name=name)


def _resize_images(images: Any, size: Any, *args: Any, **keywords: Any) -> Any:
    """`resize_images(images, height, width)` before 1.0, `resize_images(images, [height, width])` since."""
    if args and isinstance(size, int) and isinstance(args[0], int) and not isinstance(args[0], bool):
        size, args = [size, args[0]], args[1:]
    elif "new_width" in keywords:
        size = [size, keywords.pop("new_width")]
    return tf.image.resize_images(images, size, *args, **keywords)


def _summary(name: str, *old_names: str) -> Callable[..., Any]:
    """A function of `tf.summary` under the names of its arguments before 1.0."""
    new_names = dict(zip(old_names, ("name", "values" if name == "histogram" else "tensor"), strict=True))
    new_names |= {"max_images": "max_outputs"}

    def summary(*args: Any, **keywords: Any) -> Any:
        renamed = {new_names.get(each, each): value for each, value in keywords.items()}
        return getattr(tf.summary, name)(*args, **renamed)

    return summary


def _cross_entropy(name: str) -> Callable[..., Any]:
    """A loss that took `(logits, labels)` before 1.0, only keywords in 1.x, and takes `(labels, logits)` today."""

    def cross_entropy(*args: Any, **keywords: Any) -> Any:
        if args and args[0] is None:
            # In 1.x nothing but `None` could stand there: (None, labels, logits).
            keywords.update(zip(("labels", "logits"), args[1:3], strict=False))
            args = args[3:]
        order = [each for each in ("logits", "labels") if each not in keywords]
        given = dict(zip(order, args, strict=False))
        rest = args[len(given) :]
        if len(given) == 2:
            _say_order(name)
        if rest and isinstance(rest[0], int):
            keywords["dim"], rest = rest[0], rest[1:]
        if rest:
            keywords["name"] = rest[0]
        return getattr(tf.nn, name)(**given, **keywords)

    return cross_entropy


def _sampled(name: str) -> Callable[..., Any]:
    """A loss over a sample of the classes: `(weights, biases, inputs, labels, ...)` before 1.0, labels first since."""

    def sampled(weights: Any, biases: Any, *args: Any, **keywords: Any) -> Any:
        if len(args) > 1:
            labels, inputs = (tf.convert_to_tensor(each) for each in args[:2])
            # Labels are whole numbers, and inputs are not.
            if inputs.dtype.is_integer and not labels.dtype.is_integer:
                labels, inputs = inputs, labels
            args = (labels, inputs, *args[2:])
        return getattr(tf.nn, name)(weights, biases, *args, **keywords)

    return sampled


@functools.cache
def _say_order(name: str) -> None:
    where = reader.here()
    note(
        f"{where + ': ' if where else ''}the arguments of {name}(a, b) are taken as (logits, labels), "
        "their order before TensorFlow 1.0"
    )


CALLS: dict[str, Callable[..., Any]] = {
    "concat": _concat,
    "split": _split,
    "reverse": _reverse,
    "batch_matmul": _batch_matmul,
    "image.resize_images": _resize_images,
    "scalar_summary": _summary("scalar", "tags", "values"),
    "histogram_summary": _summary("histogram", "tag", "values"),
    "image_summary": _summary("image", "tag", "tensor"),
    "audio_summary": _summary("audio", "tag", "tensor"),
    **{
        f"nn.{each}": _cross_entropy(each)
        for each in (
            "softmax_cross_entropy_with_logits",
            "sparse_softmax_cross_entropy_with_logits",
            "sigmoid_cross_entropy_with_logits",
        )
    },
    **{f"nn.{each}": _sampled(each) for each in ("nce_loss", "sampled_softmax_loss")},
}
# Those of them whose names TensorFlow has no more.
GIVEN_BACK = ("batch_matmul", "scalar_summary", "histogram_summary", "image_summary", "audio_summary")
