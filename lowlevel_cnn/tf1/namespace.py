"""What `tf` answers: what this package gives back, else `tensorflow.compat.v1`, else that the name is gone."""

from __future__ import annotations

import functools
import importlib
import sys
from types import ModuleType
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import names
from lowlevel_cnn.tf1.gone import GoneError, message

# The version whose behaviour is given back; scripts ask for it.
VERSION = "1.15.5"
_OUR_AREAS = "lowlevel_cnn.tf1."
# Of these modules a missing name is said to be gone; others, such as tensorflow.python.framework.ops, are real.
_WRAPPED = ("tensorflow._api.", _OUR_AREAS, "tf_keras")


class Overlay(ModuleType):
    """A module of TensorFlow 1.x.

    Args:
        path: its name below `tensorflow`, such as `contrib.layers`; empty: `tensorflow` itself.
        sources: the modules that its names are taken from, in this order.
    """

    def __init__(self, path: str, *sources: Any) -> None:
        super().__init__(f"tensorflow.{path}".rstrip("."))
        self.__path__: list[str] = []
        self._overlay_path = path
        self._overlay_sources = sources

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return [each for each in dir(self) if not each.startswith("_") and hasattr(self, each)]
        if name in ("__version__", "__file__") and not self._overlay_path:
            return VERSION if name == "__version__" else importlib.import_module("tensorflow").__file__
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        prepare()
        value = _value(f"{self._overlay_path}.{name}".lstrip("."), name, self._overlay_sources)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        prefix = f"{self._overlay_path}." if self._overlay_path else ""
        below = {each.removeprefix(prefix).split(".")[0] for each in names.given_back() if each.startswith(prefix)}
        return sorted(below.union(*(getattr(each, "__all__", None) or dir(each) for each in self._overlay_sources)))


def prepare() -> None:
    """Switch TensorFlow's 2.x behaviour off and give back what 1.x did otherwise, for the whole process."""
    from lowlevel_cnn.tf1 import behaviour

    behaviour.give_back()
    # Again for each network of a file, after which its shapes are switched back.
    behaviour.give_back_shapes()


def lookup(path: str) -> Any:
    """Return what a dotted name below `tf` stands for, such as `contrib.layers.flatten`.

    Raises:
        GoneError: nothing has that name today.
    """
    return functools.reduce(getattr, path.split("."), ROOT)


def _value(path: str, name: str, sources: tuple[Any, ...]) -> Any:
    from lowlevel_cnn.tf1 import old_calls

    if path in ("VERSION", "compat.v1"):
        return VERSION if path == "VERSION" else ROOT
    if path in old_calls.CALLS:
        return old_calls.CALLS[path]
    if path in names.RENAMED:
        return _renamed(path)
    if path in names.AREAS:
        return Overlay(path, *_areas(path))
    for source in sources:
        value = _attribute(source, name)
        if value is not _MISSING:
            return _wrapped(path, value)
    if names.is_branch(path):
        return Overlay(path)
    raise _gone(path)


def _renamed(path: str) -> Any:
    try:
        return lookup(names.RENAMED[path])
    except GoneError:
        raise _gone(path) from None


def _areas(path: str) -> list[ModuleType]:
    """The modules that stand for one of TensorFlow 1.x."""
    found = []
    for module in names.AREAS[path]:
        try:
            found.append(importlib.import_module(module))
        except ModuleNotFoundError as error:
            # Some are of packages that need not be installed.
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise
    if not found and not names.is_branch(path):
        raise _gone(path)
    return found


_MISSING = object()


def _attribute(source: Any, name: str) -> Any:
    try:
        return getattr(source, name)
    except AttributeError:
        module = f"{getattr(source, '__name__', '')}.{name}"
        if not module.startswith(("tensorflow.core.", "tensorflow.python.", "tf_keras.")):
            return _MISSING
    try:
        # A module of TensorFlow's own that nothing has imported yet.
        return importlib.import_module(module)
    except ModuleNotFoundError:
        return _MISSING


def _wrapped(path: str, value: Any) -> Any:
    if not isinstance(value, ModuleType):
        return value
    return Overlay(path, value) if value.__name__.startswith(_WRAPPED) or names.is_branch(path) else value


def _gone(path: str) -> GoneError:
    return GoneError(message(path))


class _TensorFlow:
    """`tensorflow.compat.v1`, and the parts of the real TensorFlow that scripts import by their full names."""

    __name__ = "tensorflow"

    def __getattr__(self, name: str) -> Any:
        if name in ("core", "python"):
            # Private, but scripts import from them: `from tensorflow.python.framework import ops`.
            return sys.modules.get(f"tensorflow.{name}") or importlib.import_module(f"tensorflow.{name}")
        return getattr(tf, name)

    def __dir__(self) -> list[str]:
        return dir(importlib.import_module("tensorflow.compat.v1"))


ROOT = Overlay("", _TensorFlow())
