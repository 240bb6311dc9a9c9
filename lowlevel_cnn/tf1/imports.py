"""`import tensorflow...` in the reader's own code gives TensorFlow 1.x, and everywhere else the real TensorFlow."""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from lowlevel_cnn.tf1 import namespace
from lowlevel_cnn.tf1.gone import GoneError, GoneModuleError, message
from lowlevel_cnn.tf1.libraries import GIVEN_BACK
from lowlevel_cnn.tf1.reader import importer_is_the_reader, is_the_readers

Import = Callable[..., Any]
# Modules that lay beside many scripts and that their readers have not always kept.
_GIVEN_BACK = {"input_data": "lowlevel_cnn.tf1.input_data"}


def install(also: Mapping[str, Callable[[ModuleType], None]] = {}) -> None:
    """From here on the reader's `import tensorflow` and `import keras` mean those of TensorFlow 1.x.

    A finder in `sys.meta_path` would not do: it does not know who imports.

    Args:
        also: what is to be done to other libraries when the reader imports one.
    """
    if not hasattr(builtins.__import__, "tensorflow_1"):
        builtins.__import__ = _importing(builtins.__import__, also)
        importlib.import_module = _importing_by_name(importlib.import_module)


@contextmanager
def installed() -> Iterator[None]:
    """The same while this context lasts, and old names are given back to NumPy and matplotlib, too."""
    before = builtins.__import__, importlib.import_module
    install(GIVEN_BACK)
    try:
        yield
    finally:
        builtins.__import__, importlib.import_module = before


def _importing(real_import: Import, also: Mapping[str, Callable[[ModuleType], None]]) -> Import:
    def import_(
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        root = name.partition(".")[0]
        # Called by the reader as `__import__(name)`, it is not told by whom.
        importer = sys._getframe(1).f_globals if globals is None else globals
        if level or not importer_is_the_reader(importer):
            return real_import(name, globals, locals, fromlist, level)
        if root == "tensorflow" or (root == "keras" and not _is_the_readers_own(root)):
            return _import_overlay(name, fromlist or ())
        if name in _GIVEN_BACK and not importlib.util.find_spec(name):
            return importlib.import_module(_GIVEN_BACK[name])
        if root == "scipy" and (module := _pictures_of_scipy(name, fromlist or ())):
            return module
        module = real_import(name, globals, locals, fromlist, level)
        if root in also:
            also[root](importlib.import_module(root))
        return module

    import_.tensorflow_1 = True  # type: ignore[attr-defined]
    return import_


def _importing_by_name(real_import: Callable[..., ModuleType]) -> Callable[..., ModuleType]:
    @functools.wraps(real_import)
    def import_module(name: str, package: str | None = None) -> Any:
        variables = sys._getframe(1).f_globals
        if name.partition(".")[0] in ("tensorflow", "keras") and importer_is_the_reader(variables):
            # By a list of names to import it returns the module itself, and not the first part of its name.
            return builtins.__import__(name, variables, None, ["*"])
        return real_import(name, package)

    return import_module


def _import_overlay(name: str, fromlist: Sequence[str]) -> Any:
    namespace.prepare()
    path = name.removeprefix("tensorflow").lstrip(".")
    module: Any = namespace.ROOT
    for part in path.split(".") if path else ():
        module = _member(module, part)
    for each in fromlist:
        if each != "*":
            _member(module, each)
    if fromlist:
        return module
    return namespace.lookup("keras") if path.partition(".")[0] == name.partition(".")[0] else namespace.ROOT


def _pictures_of_scipy(name: str, fromlist: Sequence[str]) -> Any:
    """What the import of `scipy.misc` gives where the installed SciPy has no pictures, or none is; else nothing."""
    if name != "scipy.misc" and (name != "scipy" or "misc" not in fromlist):
        return None
    scipy: Any = importlib.import_module("scipy") if importlib.util.find_spec("scipy") else ModuleType("scipy")
    if not hasattr(getattr(scipy, "misc", None), "imsave"):
        scipy.misc = importlib.import_module("lowlevel_cnn.tf1.scipy_misc")
    return scipy.misc if fromlist and name == "scipy.misc" else scipy


def _member(module: Any, name: str) -> Any:
    """An attribute of a module, or a submodule.

    Raises:
        GoneModuleError: there is neither.
    """
    try:
        return getattr(module, name)
    except GoneError as gone:
        raise GoneModuleError(str(gone), name=module.__name__) from None
    except AttributeError:
        full = f"{module.__name__}.{name}"
    try:
        return importlib.import_module(full)
    except ModuleNotFoundError:
        raise GoneModuleError(message(full.removeprefix("tensorflow.")), name=full) from None


def _is_the_readers_own(root: str) -> bool:
    """Whether a module of this name lies beside the script: the first that Python would find."""
    spec = importlib.util.find_spec(root)
    return spec is not None and is_the_readers(spec.origin or "<none>")
