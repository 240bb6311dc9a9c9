"""Read any TensorFlow checkpoint without a graph: names, values, statistics, differences."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError, reading
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.messages import shortened
from lowlevel_cnn.tensorflow_v1 import tf

AVERAGE = "/ExponentialMovingAverage"


@dataclass(frozen=True)
class Statistics:
    """The statistics of one variable of a checkpoint.

    Attributes:
        name: the variable's name in the checkpoint.
        shape: its dimensions; `[]` for a scalar.
        dtype: TensorFlow's name of the type.
        count: the number of values.
        minimum: the smallest finite value; like the next three, None if there is no finite value, as for strings.
        maximum: the largest finite value.
        mean: the mean of the finite values.
        stddev: the standard deviation of the finite values.
        zeros: the share of zeros, 0 to 1.
        not_finite: the number of values that are infinite or NaN.
        average_distance: the norm of the difference from the moving average, divided by the norm of the variable;
            None if it has no moving average.
    """

    name: str
    shape: list[int]
    dtype: str
    count: int
    minimum: float | int | None = None
    maximum: float | int | None = None
    mean: float | None = None
    stddev: float | None = None
    zeros: float | None = None
    not_finite: int | None = None
    average_distance: float | None = None


@dataclass(frozen=True)
class Difference:
    """How a variable differs between two checkpoints.

    Attributes:
        name: its name in one or both checkpoints.
        kind: `added`, `removed`, `reshaped`, `changed` or `same`, from the first checkpoint to the second.
        before: the shape in the first.
        after: the shape in the second.
        largest: the largest difference between two values, if they changed.
        distance: the norm of the difference, divided by the norm of the first, if the values changed.
    """

    name: str
    kind: str
    before: list[int] | None
    after: list[int] | None
    largest: float | None = None
    distance: float | None = None


class Contents:
    """The variables of one checkpoint.

    Attributes:
        prefix: the common path prefix of its files.
        shapes: name to shape, sorted by name.

    Raises:
        DamagedCheckpointError: its index cannot be read.
    """

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        with reading(prefix):
            self._reader = tf.train.load_checkpoint(str(prefix))
            self._dtypes = self._reader.get_variable_to_dtype_map()
            shapes = self._reader.get_variable_to_shape_map()
        self.shapes: dict[str, list[int]] = dict(sorted(shapes.items()))

    def name_of(self, given: str) -> str:
        """Return the name of a variable, given as in the checkpoint or with the `:0` that TensorFlow 1.x prints.

        Raises:
            InputError: there is no such variable; the error names the closest matches.
        """
        for name in (given, given.removesuffix(":0")):
            if name in self.shapes:
                return name
        names = list(self.shapes)
        near = [name for name in names if given in name] or difflib.get_close_matches(given, names, cutoff=0.4)
        there = f"did you mean {shortened(near)}?" if near else f"choose one of {shortened(names)}"
        raise InputError(f"--tensor {given}: no such variable in {self.prefix}; {there}")

    def value(self, name: str) -> np.ndarray:
        """Return the values of a variable.

        Raises:
            DamagedCheckpointError: they cannot be read.
        """
        with reading(self.prefix):
            return np.asarray(self._reader.get_tensor(name))

    def statistics(self) -> Iterator[Statistics]:
        """Yield the statistics of each variable, sorted by name.

        Raises:
            DamagedCheckpointError: one cannot be read.
        """
        for name, shape in self.shapes.items():
            value = self.value(name)
            described: dict[str, Any] = {} if value.dtype.kind in "OSU" else _describe(value)
            if name + AVERAGE in self.shapes and self.shapes[name + AVERAGE] == shape:
                described["average_distance"] = _distance(value, self.value(name + AVERAGE))
            yield Statistics(name, list(shape), self._dtypes[name].name, math.prod(shape), **described)

    def damaged(self) -> list[str]:
        """Return the names of the variables that cannot be read; TensorFlow verifies the checksum of each."""
        found = []
        for name in self.shapes:
            try:
                self.value(name)
            except DamagedCheckpointError:
                found.append(name)
        return found


def differences(first: Contents, second: Contents) -> Iterator[Difference]:
    """Yield how each variable differs between two checkpoints, the identical ones included, sorted by name."""
    for name in sorted({*first.shapes, *second.shapes}):
        before, after = first.shapes.get(name), second.shapes.get(name)
        if before is None or after is None:
            yield Difference(name, "added" if before is None else "removed", before, after)
        elif before != after:
            yield Difference(name, "reshaped", before, after)
        else:
            yield _compared(name, before, first.value(name), second.value(name))


def _compared(name: str, shape: list[int], one: np.ndarray, other: np.ndarray) -> Difference:
    if one.dtype == other.dtype and one.tobytes() == other.tobytes():
        return Difference(name, "same", shape, shape)
    if one.dtype.kind in "OSU" or other.dtype.kind in "OSU":
        return Difference(name, "changed" if one.tolist() != other.tolist() else "same", shape, shape)
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.abs(_as_float(other) - _as_float(one))
    largest = float(gaps.max()) if gaps.size else 0.0
    return Difference(name, "changed", shape, shape, _finite(largest), _distance(one, other))


def _describe(value: np.ndarray) -> dict[str, Any]:
    values = _as_float(value)
    finite = values[np.isfinite(values)]
    described: dict[str, Any] = {
        "zeros": float((values == 0).mean()) if values.size else None,
        "not_finite": int(values.size - finite.size),
    }
    if finite.size:
        # Not as floats, which cannot hold every int64.
        extremes = value if value.dtype.kind in "iu" else finite
        described |= {"minimum": extremes.min().item(), "maximum": extremes.max().item()}
        # For values near the largest float, both may overflow to infinity.
        with np.errstate(over="ignore", invalid="ignore"):
            described |= {"mean": float(finite.mean()), "stddev": float(finite.std())}
    return described


def _distance(value: np.ndarray, other: np.ndarray) -> float | None:
    length = float(np.linalg.norm(_as_float(value)))
    gap = float(np.linalg.norm(_as_float(other) - _as_float(value)))
    return _finite(gap / length if length else gap)


def _as_float(value: np.ndarray) -> np.ndarray:
    # Complex values count by their magnitude.
    return np.abs(value).astype(np.float64) if value.dtype.kind == "c" else value.astype(np.float64)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
