"""Writing so that a crash or a power loss leaves the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_TEMPORARY = ".lowlevel-cnn.tmp"
_CANNOT_FLUSH = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM)


def write_atomically(path: Path, contents: str | bytes) -> None:
    """Writes a file, a text as UTF-8, and flushes it to disk before it takes the place of the old one.

    Raises:
        OSError: it cannot be written; names the file.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_TEMPORARY}")
    with naming(path):
        try:
            with temporary.open("wb") as file:
                file.write(contents.encode() if isinstance(contents, str) else contents)
                file.flush()
                os.fsync(file.fileno())
            with_retries(temporary.replace, path)
        finally:
            temporary.unlink(missing_ok=True)
        flush_directory(path.parent)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Gives an error of the system the name of the file that was to be written; a full disk names none."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


def temporary_files(directory: Path) -> list[Path]:
    """What processes that were killed in `write_atomically` left, and what others are writing just now."""
    return [path for path in directory.iterdir() if path.name.startswith(".") and path.name.endswith(_TEMPORARY)]


def append_line(path: Path, line: str) -> None:
    """Adds a line in a single write, on a line of its own also where a crash left half a line before it.

    Raises:
        OSError: it cannot be written; names the file.
    """
    with naming(path), path.open("a+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
        broken = size and file.read(1) != b"\n"
        file.write((b"\n" if broken else b"") + line.encode() + b"\n")


def flush_file(path: Path) -> None:
    """Flushes the contents of a closed file to disk."""
    # Windows flushes only through a descriptor that may write.
    descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_directory(path: Path) -> None:
    """Flushes the names in a directory to disk, where the system can and lets us."""
    if sys.platform == "win32":
        return
    try:
        flush_file(path)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise


def make_directory(path: Path) -> None:
    """Makes a directory and those above it, and flushes their names to disk."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        flush_directory(each.parent)


def with_retries(move: Callable[[Path], Path], target: Path) -> Path:
    """Moves something to a target.

    Windows refuses while another process has it open, as a polling evaluator has for a moment.
    """
    for pause in (0.01, 0.05, 0.2, 1.0) if os.name == "nt" else ():
        try:
            return move(target)
        except PermissionError:
            time.sleep(pause)
    return move(target)
