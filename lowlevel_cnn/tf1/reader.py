"""Which code is the reader's own, and where in it we are."""

from __future__ import annotations

import functools
import os
import site
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

OURS = str(Path(__file__).resolve().parents[1])
_LIBRARIES = ("site-packages", "dist-packages")


def is_ours(file: str) -> bool:
    """Whether a file belongs to this package."""
    return file.startswith(OURS + os.sep)


@functools.cache
def is_the_readers(file: str) -> bool:
    """Whether a file is the reader's own: not of an installed package, of the standard library or of this package."""
    path = os.path.abspath(file)  # noqa: PTH100, for names that are no files, too
    if file.startswith("<") or is_ours(path) or any(each in Path(path).parts for each in _LIBRARIES):
        return False
    return not any(path.startswith(each + os.sep) for each in _library_folders())


def importer_is_the_reader(variables: Mapping[str, Any] | None) -> bool:
    """Whether code with these global variables is the reader's own; a notebook's cells have no file."""
    if variables is None:
        return False
    file = variables.get("__file__")
    return is_the_readers(file) if isinstance(file, str) else variables.get("__name__") == "__main__"


def here() -> str:
    """The line of the reader's code that is being run, such as `train.py, line 12`; empty where none is."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if is_the_readers(file) or (file.startswith("<") and frame.f_globals.get("__name__") == "__main__"):
            return place(file, frame.f_lineno)
        frame = frame.f_back
    return ""


def place(file: str, line: int | None) -> str:
    """A file and a line for people; the file from the working directory where it lies below it."""
    if not file.startswith("<"):
        relative = os.path.relpath(file) if os.path.splitdrive(file)[0] == os.path.splitdrive(Path.cwd())[0] else file
        file = file if relative.startswith(os.pardir) else relative
    return file if line is None else f"{file}, line {line}"


@functools.cache
def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    found = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return tuple(map(os.path.abspath, [*found, *site.getsitepackages(), site.getusersitepackages()]))
