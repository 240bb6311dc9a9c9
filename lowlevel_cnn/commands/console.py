"""Run a function as a command: print errors as one line, return an exit code, and set up the process.

`exit_code_of` can be called anywhere. Only `run_as_process`, for the console script and `python -m`, changes what
affects the whole process: signals, streams, log levels, and matplotlib's backend.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

from lowlevel_cnn.errors import LowlevelCnnError
from lowlevel_cnn.system.messages import note
from lowlevel_cnn.system.signals import exit_on_signals

_BACKEND = "MPLBACKEND"
_USERS: dict[str, str | None] = {}  # what `quiet_libraries` has replaced in the environment


def exit_code_of(command: Callable[[], int]) -> int:
    """Run a command, print an error as one line, and return the exit code.

    Returns:
        0: done; 1: the work failed; 2: the call or its input was wrong.
    """
    try:
        code = command()
        # A full disk is an error of the command, too.
        print(end="", flush=True)
        return code
    except SystemExit as answered:
        # `--help` or `--version`, which argparse has printed.
        return int(answered.code or 0)
    except LowlevelCnnError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        raise  # The caller's own standard output.
    except OSError as error:
        return _fail(f"{error.filename or 'input or output'}: {error.strerror or error}", 1)
    except MemoryError:
        return _fail("not enough memory; close other programs", 1)


def run_as_process(command: Callable[[], int]) -> int:
    """Run a command for which this process was started, and return its exit code.

    A signal ends the process with 128 plus its number.
    """
    exit_on_signals()
    # A stream is None if the caller has closed it.
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Chinese characters shows the sources' titles as escapes.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    quiet_libraries()
    try:
        return command()
    except BrokenPipeError:
        # The reader of our output has exited, as `| head` does; discard what is still buffered.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def quiet_libraries() -> None:
    """Make TensorFlow and matplotlib, which are imported later, log only errors and open no windows."""
    # Imported late: the signal handlers should be installed as early as possible.
    import logging

    from lowlevel_cnn.tensorflow_v1 import ERRORS_ALONE, LOG_LEVEL

    os.environ.setdefault(LOG_LEVEL, ERRORS_ALONE)
    # A backend that the user has set for other work may not be available.
    _USERS.setdefault(_BACKEND, os.environ.get(_BACKEND))
    os.environ[_BACKEND] = "agg"
    for library in ("tensorflow", "matplotlib"):
        logging.getLogger(library).setLevel(logging.ERROR)


def show_pictures() -> None:
    """Lets matplotlib, which is imported later, open windows as the user has set it."""
    if _BACKEND not in _USERS:
        return
    users = _USERS.pop(_BACKEND)
    if users is None:
        os.environ.pop(_BACKEND, None)
    else:
        os.environ[_BACKEND] = users


def _fail(message: str, code: int) -> int:
    note(f"error: {message}")
    return code
