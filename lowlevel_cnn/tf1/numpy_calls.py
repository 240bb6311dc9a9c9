"""Functions of NumPy that are gone, or that have lost an argument, as they were; none of them is a mere renaming."""

from __future__ import annotations

import ctypes
import functools
import gc
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

Function = Callable[..., Any]


def _reshape(a: Any, shape: Any = None, order: Any = "C", *, newshape: Any = None, **keywords: Any) -> Any:
    """`np.reshape(a, newshape=...)`, which is `shape` since 2.1."""
    return _NOW["reshape"](a, newshape if shape is None else shape, order, **keywords)


def _fromstring(string: Any, dtype: Any = float, count: int = -1, *, sep: str = "", **keywords: Any) -> Any:
    """`np.fromstring(bytes)`, which is `frombuffer` since 2.3."""
    if sep == "":
        return np.frombuffer(string, dtype, count).copy()
    return _NOW["fromstring"](string, dtype, count, sep=sep, **keywords)


def _load(file: Any, mmap_mode: Any = None, allow_pickle: bool = True, **keywords: Any) -> Any:
    """`np.load` of arrays of objects, which it refuses since 1.16.3 unless `allow_pickle` is given."""
    return _NOW["load"](file, mmap_mode, allow_pickle, **keywords)


def _in1d(ar1: Any, ar2: Any, **keywords: Any) -> Any:
    return np.isin(np.ravel(ar1), ar2, **keywords)


def _random_integers(low: int, high: int | None = None, size: Any = None) -> Any:
    return np.random.randint(*((1, low + 1) if high is None else (low, high + 1)), size=size)


_NOW: dict[str, Function] = {name: getattr(np, name) for name in ("reshape", "fromstring", "load")}
_CHANGED: dict[str, Function] = {"fromstring": _fromstring, "load": _load}
if "newshape" not in inspect.signature(np.reshape).parameters:
    _CHANGED["reshape"] = _reshape
_GONE: dict[str, Function] = {"asscalar": lambda a: a.item(), "in1d": _in1d, "rank": np.ndim}


@contextmanager
def as_they_were() -> Iterator[None]:
    """While this context lasts NumPy has these functions, and arrays have `tostring`."""
    given = {name: function for name, function in _GONE.items() if not hasattr(np, name)}
    vars(np).update(given, **{name: functools.wraps(_NOW[name])(each) for name, each in _CHANGED.items()})
    if is_without_random_integers := not hasattr(np.random, "random_integers"):
        vars(np.random)["random_integers"] = _random_integers
    if is_without_tostring := not hasattr(np.ndarray, "tostring"):
        _set_method("tostring", np.ndarray.tobytes)
    try:
        yield
    finally:
        vars(np).update({name: _NOW[name] for name in _CHANGED})
        for name in given:
            vars(np).pop(name)
        if is_without_random_integers:
            del vars(np.random)["random_integers"]
        if is_without_tostring:
            _set_method("tostring", None)


def _set_method(name: str, method: Any) -> None:
    """Give arrays a method, or take it away: their type is written in C, and its dictionary is the only way."""
    (methods,) = gc.get_referents(np.ndarray.__dict__)
    methods.pop(name, None)
    if method is not None:
        methods[name] = method
    # Python keeps what it has found in types.
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(np.ndarray))
