"""`tf.estimator.inputs`: input functions over arrays in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["numpy_input_fn", "pandas_input_fn"]


def numpy_input_fn(
    x: Any,
    y: Any = None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool | None = None,
    queue_capacity: int = 1000,
    num_threads: int = 1,
) -> Callable[[], Any]:
    """Return a function that gives batches of the rows of `x`, with those of `y` where it is given.

    `x` and `y` are arrays, or dicts of arrays by name, of as many rows each. Each epoch has every row once, in a
    new order where `shuffle` is set; a batch may reach from one epoch into the next. With `num_epochs` None there
    is no end, else the last batch may be smaller. About `queue_capacity` rows are read ahead by `num_threads` threads.
    Raises ValueError for a `shuffle` that is not set and for different numbers of rows, TypeError for no arrays.
    """
    if not isinstance(shuffle, bool):
        raise ValueError(f"shuffle must be provided and explicitly set as boolean: True for training; got {shuffle}")
    features, labels = _named(x, "x"), {} if y is None else _named(y, "y")
    columns = [np.asarray(each) for each in (*features.values(), *labels.values())]
    counts = {name: len(array) for name, array in [*features.items(), *labels.items()]}
    if len(set(counts.values())) != 1:
        raise ValueError(f"Length of tensors in x and y is mismatched: all must have the same length, given {counts}")
    count = len(columns[0])

    def input_fn() -> Any:
        # In a scope of their own: at the top there are names such as `count`, which a variable may want.
        with tf.name_scope("numpy_input"):
            rows = tf.data.Dataset.range(count)
            if shuffle:
                rows = rows.shuffle(max(count, 1))
            batches = rows.repeat(num_epochs).batch(batch_size, drop_remainder=num_epochs is None)
            batches = batches.map(taken, num_parallel_calls=num_threads).prefetch(max(1, queue_capacity // batch_size))
            tensors = tf.data.make_one_shot_iterator(batches).get_next()
        given, wanted = tensors[: len(features)], tensors[len(features) :]
        read = dict(zip(features, given, strict=True)) if isinstance(x, Mapping) else given[0]
        if y is None:
            return read
        return read, dict(zip(labels, wanted, strict=True)) if isinstance(y, Mapping) else wanted[0]

    def taken(rows: Any) -> tuple[Any, ...]:
        """Return these rows of all columns. They stay out of the graph, which is written into each checkpoint."""

        def read(which: Any) -> list[Any]:
            return [column[which] for column in columns]

        tensors = tf.numpy_function(read, [rows], [tf.as_dtype(column.dtype) for column in columns])
        for tensor, column in zip(tensors, columns, strict=True):
            tensor.set_shape([*rows.shape.as_list(), *column.shape[1:]])
        return tuple(tensors)

    return input_fn


def pandas_input_fn(
    x: Any,
    y: Any = None,
    batch_size: int = 128,
    num_epochs: int | None = 1,
    shuffle: bool | None = None,
    queue_capacity: int = 1000,
    num_threads: int = 1,
    target_column: str = "target",
) -> Callable[[], Any]:
    """Return a function that gives batches of a data frame's rows: each of its columns by name, and its index.

    `y` is a series, or a data frame whose columns come by name. Otherwise as `numpy_input_fn`.
    """
    features = {"index": x.index.to_numpy(), **{name: x[name].to_numpy() for name in x.columns}}
    if y is None:
        labels = None
    elif hasattr(y, "columns"):
        labels = {name: y[name].to_numpy() for name in y.columns}
    else:
        labels = y.to_numpy()
    return numpy_input_fn(features, labels, batch_size, num_epochs, shuffle, queue_capacity, num_threads)


def _named(given: Any, what: str) -> dict[str, Any]:
    """Return arrays by name. Raises ValueError for an empty dict, TypeError for what is neither array nor dict."""
    if isinstance(given, np.ndarray):
        return {what: given}
    if not isinstance(given, Mapping):
        raise TypeError(f"{what} must be a dict or array; got {type(given).__name__}")
    if not given:
        raise ValueError(f"{what} cannot be an empty dict" + (", use None instead." if what == "y" else ""))
    return {name: np.asarray(array) for name, array in given.items()}
