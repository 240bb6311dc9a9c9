"""Run the reader's code as it ran in TensorFlow 1.x, and turn what goes wrong in it into one line."""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from lowlevel_cnn.errors import InputError, LowlevelCnnError
from lowlevel_cnn.tensorflow_v1 import cause, seeded_graph, tf
from lowlevel_cnn.tf1 import behaviour, imports, libraries, namespace, python_2, reader
from lowlevel_cnn.tf1.gone import GoneError, GoneModuleError


class BrokenRuleError(Exception):
    """The reader's code does what a network's file must not do; the message says what and why."""


class ReadersCode:
    """Runs the code of a file: the file itself, and later the functions that it defines.

    Args:
        path: the file, for messages.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # A link's own folder is not where its siblings are.
        self._file = path.absolute()
        self._folder = os.path.dirname(os.path.realpath(path))  # noqa: PTH120
        self._imports_tensorflow_1 = False

    def run(self, name: str, text: bytes) -> ModuleType:
        """Run the file as a module, in a graph that is then thrown away.

        Raises:
            InputError: its code fails, ends the program or opens a session.
        """
        module = ModuleType(name)
        module.__file__ = str(self._file)
        with self.running(), seeded_graph():
            exec(compile(text, self._file, "exec", dont_inherit=True), vars(module))
        return module

    @contextlib.contextmanager
    def running(self, *, without_files: bool = False) -> Iterator[None]:
        """While this context lasts, the reader's code may run: what it imports is found, and its errors are one line.

        Raises:
            InputError: an error left the reader's code.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(_modules_beside(self._folder))
            for each in (
                self._tensorflow_1,
                _batches_of_any_size,
                _without_advice,
                _without_sessions,
                imports.installed,
            ):
                stack.enter_context(each())
            stack.enter_context(libraries.numpy_as_it_was())
            if without_files:
                stack.enter_context(_without_files())
            try:
                yield
            except (LowlevelCnnError, KeyboardInterrupt, MemoryError, GeneratorExit):
                raise
            except BaseException as error:
                raise InputError(self._line(error)) from None

    @contextlib.contextmanager
    def _tensorflow_1(self) -> Iterator[None]:
        """Let shapes be those of 1.x (`shape[1].value`) only while code runs that has imported TensorFlow 1.x.

        Variables stay resource variables, whose values do not depend on the order of reading and writing.
        """
        are_ours = _shapes_are_ours()
        if self._imports_tensorflow_1:
            behaviour.give_back_shapes()
        try:
            yield
        finally:
            if are_ours and not _shapes_are_ours():
                self._imports_tensorflow_1 = True
                tf.enable_v2_tensorshape()
                tf.enable_tensor_equality()
                tf.enable_resource_variables()

    def _line(self, error: BaseException) -> str:
        """Return where in the reader's code an error arose, and what it says."""
        if isinstance(error, GoneError | GoneModuleError):
            return str(error)
        if remark := python_2.remark(error):
            return remark
        if isinstance(error, SyntaxError):
            return (
                f"{reader.place(error.filename or str(self.path), error.lineno)}: {type(error).__name__}: {error.msg}"
            )
        frames = [each for each in traceback.extract_tb(error.__traceback__) if reader.is_the_readers(each.filename)]
        where = reader.place(frames[-1].filename, frames[-1].lineno) if frames else str(self.path)
        if isinstance(error, BrokenRuleError):
            return f"{where}: {error}"
        if isinstance(error, SystemExit):
            return f"{where}: ends the program here; a network's file only defines the network"
        said = cause(error) if isinstance(error, Exception) else str(error)
        if "must be from the same graph as" in said:
            said = (
                "uses a variable or tensor that is made outside of inference; make it in inference, as each call needs"
            )
        kind = type(error).__name__
        return f"{where}: {kind}" if said in ("", kind) else f"{where}: {kind}: {said}"


def _shapes_are_ours() -> bool:
    return isinstance(tf.TensorShape([1])[0], int)


@contextlib.contextmanager
def _modules_beside(folder: str) -> Iterator[None]:
    """Let modules beside the file be imported, and forget them afterwards: another file may have others so named."""
    path, modules = sys.path[:], set(sys.modules)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if reader.is_the_readers(getattr(sys.modules[name], "__file__", None) or "<none>"):
                del sys.modules[name]


@contextlib.contextmanager
def _batches_of_any_size() -> Iterator[None]:
    """Let `tf.reshape(x, [x.get_shape().as_list()[0], nodes])` leave the batch open, which has no size here."""
    names = vars(namespace.ROOT)
    before = names.get("reshape")
    names["reshape"] = _reshape
    try:
        yield
    finally:
        del names["reshape"]
        if before is not None:
            names["reshape"] = before


def _reshape(tensor: Any, shape: Any, *args: Any, **keywords: Any) -> tf.Tensor:
    if isinstance(shape, list | tuple):
        shape = [-1 if getattr(each, "value", each) is None else each for each in shape]
    return tf.reshape(tensor, shape, *args, **keywords)


@contextlib.contextmanager
def _without_advice() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"(tensorflow|keras|tf_keras)\.")
        yield


def _without_sessions() -> contextlib.AbstractContextManager[Any]:
    # What all kinds of sessions have in common.
    return _refused(tf.Session.__mro__[1], "__init__", "opens a session; training and evaluation open theirs")


@contextlib.contextmanager
def _without_files() -> Iterator[None]:
    what = "opens a file; a forward pass computes with its arguments alone"
    with _refused(builtins, "open", what), _refused(io, "open", what):
        yield


def _imports_a_module() -> bool:
    """Return whether a module is being imported: one that is imported late, as Keras is, may read its settings."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def _refused(owner: Any, name: str, what: str) -> Iterator[None]:
    """Let this thread's calls of a function raise `BrokenRuleError`."""
    function, thread = getattr(owner, name), threading.get_ident()

    def refuse(*args: Any, **keywords: Any) -> Any:
        if threading.get_ident() == thread and not _imports_a_module():
            if name == "__init__":
                args[0]._session = None  # which the end of a session looks at
            raise BrokenRuleError(what)
        return function(*args, **keywords)

    setattr(owner, name, refuse)
    try:
        yield
    finally:
        setattr(owner, name, function)
