"""Write files so that a crash or a power loss leaves either the old file or the new one, never half of one."""

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


def write_atomically(path: Path, contents: str | bytes | memoryview) -> None:
    """Write a file (text as UTF-8) and flush it to disk before it replaces the old one.

    Raises:
        OSError: it cannot be written; the error names the file.
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
    """Add the name of the file being written to an `OSError`; that of a full disk has none."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


def temporary_files(directory: Path) -> list[Path]:
    """Return the files left by processes killed in `write_atomically`, and those that others are writing now."""
    return [path for path in directory.iterdir() if path.name.startswith(".") and path.name.endswith(_TEMPORARY)]


def append_line(path: Path, line: str) -> None:
    """Append a line in a single write; if a crash left half a line at the end, start on a new one.

    Raises:
        OSError: it cannot be written; the error names the file.
    """
    with naming(path), path.open("a+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
        broken = size and file.read(1) != b"\n"
        file.write((b"\n" if broken else b"") + line.encode() + b"\n")


def flush_file(path: Path) -> None:
    """Flush the contents of a closed file to disk."""
    # Windows flushes only through a writable descriptor.
    descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_directory(path: Path) -> None:
    """Flush the names in a directory to disk, if the system can and permits it."""
    if sys.platform == "win32":
        return
    try:
        flush_file(path)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise


def make_directory(path: Path) -> None:
    """Create a directory and its parents, and flush their names to disk."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        flush_directory(each.parent)


def with_retries(move: Callable[[Path], Path], target: Path) -> Path:
    """Move something to a target.

    Windows refuses while another process has it open, as a polling evaluator briefly does.
    """
    for pause in (0.01, 0.05, 0.2, 1.0) if os.name == "nt" else ():
        try:
            return move(target)
        except PermissionError:
            time.sleep(pause)
    return move(target)
