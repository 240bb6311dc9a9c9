"""Run a script or a notebook as `python SCRIPT` would, but with TensorFlow 1.x under the name `tensorflow`."""

from __future__ import annotations

import builtins
import contextlib
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from lowlevel_cnn.errors import InputError, LowlevelCnnError, WorkError
from lowlevel_cnn.system import signals
from lowlevel_cnn.tf1 import downloads, imports, libraries, missing_packages, notebook, python_2, reader, tracebacks
from lowlevel_cnn.tf1.gone import GoneError, GoneModuleError

_INTERRUPTED = 128 + signal.SIGINT


def run(script: str, arguments: Sequence[str]) -> int:
    """Run a script to its end and return its exit code; its own errors are printed as Python prints them.

    Args:
        script: a Python file, or a notebook (`.ipynb`), whose code cells are run in order.
        arguments: what stands behind it in `sys.argv`.

    Raises:
        InputError: there is no such file, or it was written for Python 2.
        WorkError: it needs what is gone from TensorFlow.
    """
    check_file(script)
    _show_warnings()
    is_notebook = script.endswith(notebook.ENDING)
    with _as_main_module(script, arguments, is_notebook) as variables:
        if is_notebook:
            return _exit_code(lambda: notebook.run(Path(script), variables))
        return _exit_code(lambda: exec(_compiled(script), variables))


def check_file(script: str) -> None:
    """Look whether there is a file to read.

    Raises:
        InputError: there is none.
    """
    path = Path(script)
    if not path.exists():
        raise InputError(f"{path}: no such file; name a script or a notebook that was written for TensorFlow 1.x")
    if path.is_dir():
        raise InputError(f"{path}: a folder; name the script in it")


def _compiled(script: str) -> Any:
    return compile(Path(script).read_bytes(), Path(script).absolute(), "exec", dont_inherit=True)


def _show_warnings() -> None:
    """Let the script's `tf.logging.warn` be seen, as it was in 1.x, where the commands show errors alone."""
    logger = logging.getLogger("tensorflow")
    if logger.level == logging.ERROR:
        logger.setLevel(logging.WARNING)


@contextlib.contextmanager
def _as_main_module(script: str, arguments: Sequence[str], is_notebook: bool) -> Iterator[dict[str, Any]]:
    """Be a fresh `__main__` module with this file, these words and this folder first on the path; yields its names."""
    file = str(Path(script).absolute())
    main = ModuleType("__main__")
    vars(main).update(__builtins__=builtins)
    if not is_notebook:
        vars(main).update(__file__=file, __cached__=None, __loader__=SourceFileLoader("__main__", file))
    before = sys.argv, sys.path[:], sys.modules["__main__"], set(sys.modules)
    sys.argv = [script, *arguments]
    # As Python does: the folder of the file itself, where the name given is a link to it.
    sys.path.insert(0, os.path.dirname(os.path.realpath(script)))  # noqa: PTH120
    sys.modules["__main__"] = main
    # Not among the script's own names, which are those that it has under Python.
    vars(builtins)["get_ipython"] = notebook.Shell
    try:
        with _old_ways():
            yield vars(main)
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"], modules = before
        del vars(builtins)["get_ipython"]
        for name in set(sys.modules) - modules:
            # Another script may have modules of the same names.
            if reader.is_the_readers(getattr(sys.modules[name], "__file__", None) or "<none>"):
                del sys.modules[name]


@contextlib.contextmanager
def _old_ways() -> Iterator[None]:
    """What is as it was in TensorFlow 1.x and its libraries, and what is as in any program of Python."""
    with (
        imports.installed(),
        libraries.numpy_as_it_was(),
        downloads.from_our_data(),
        _signals_as_in_python(),
        _without_advice(),
    ):
        yield


@contextlib.contextmanager
def _without_advice() -> Iterator[None]:
    """Hide what TensorFlow and Keras say of old names and arguments through Python's warnings."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"(tensorflow|keras|tf_keras)\.")
        yield


@contextlib.contextmanager
def _signals_as_in_python() -> Iterator[None]:
    """Let Ctrl-C be a `KeyboardInterrupt`, which scripts may catch, where it would end this process at once."""
    is_main_thread = threading.current_thread() is threading.main_thread()
    usual: dict[signal.Signals, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    ours = [each for each in usual if is_main_thread and signal.getsignal(each) is signals.end]
    for number in ours:
        signal.signal(number, usual[number])
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signals.end)


def _exit_code(program: Callable[[], None]) -> int:
    try:
        program()
    except SystemExit as answered:
        return _code_of(answered)
    except (GoneError, GoneModuleError) as gone:
        raise WorkError(str(gone)) from None
    except LowlevelCnnError as error:
        kind = InputError if isinstance(error, InputError) else WorkError
        where = tracebacks.place(error)
        raise kind(f"{where}: {error}" if where else str(error)) from None
    except KeyboardInterrupt as interrupt:
        tracebacks.print_without_ours(interrupt)
        return _INTERRUPTED
    except BaseException as error:
        if said := python_2.remark(error):
            raise InputError(said) from None
        if said := missing_packages.remark(error):
            raise WorkError(said) from None
        tracebacks.print_without_ours(error)
        return 1
    return 0


def _code_of(answered: SystemExit) -> int:
    """What `sys.exit` was given: a number, nothing, or a text for standard error."""
    if answered.code is None or isinstance(answered.code, int):
        return answered.code or 0
    print(answered.code, file=sys.stderr)
    return 1
