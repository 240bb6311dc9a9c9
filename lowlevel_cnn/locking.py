"""One trainer to a run directory: an advisory lock that ends with its process, however the process ends."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lowlevel_cnn.errors import InputError, WorkError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_NAME = "trainer.lock"


class Lock:
    """The lock of a run directory, held.

    Attributes:
        path: the locked file.
    """

    def __init__(self, path: Path, file: IO[str]) -> None:
        self.path = path
        self._file = file

    def check(self) -> None:
        """Makes sure that the directory is still the one that was locked.

        Raises:
            WorkError: it was moved or deleted; what is under its name now is not ours.
        """
        if not _is_file(self._file, self.path):
            raise WorkError(
                f"--checkpoint-dir {self.path.parent}: was moved or deleted while it was trained in; the same command "
                "with its new name goes on from its last checkpoint"
            )


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[Lock]:
    """Holds the lock of an existing run directory.

    Raises:
        InputError: another process holds it; the error names the host and the process.
    """
    file = _open_and_lock(directory)
    try:
        file.seek(0)
        file.truncate()
        json.dump({"host": socket.gethostname(), "process": os.getpid()}, file)
        file.flush()
        yield Lock(directory / LOCK_NAME, file)
    finally:
        file.close()


def _open_and_lock(directory: Path) -> IO[str]:
    path = directory / LOCK_NAME
    while True:
        # The file stays when the lock is given back: removing it would race with the next trainer.
        file = path.open("a+", encoding="utf-8")
        if not _try_lock(file):
            holder = _holder(file)
            file.close()
            raise InputError(
                f"--checkpoint-dir {directory}: {holder} trains in it; wait, stop it, or name another directory"
            )
        if _is_file(file, path):
            return file
        file.close()  # The directory was moved aside between opening and locking.


def _is_file(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return False


def _holder(file: IO[str]) -> str:
    try:
        file.seek(0)
        holder = json.loads(file.read(4096))
        return f"process {int(holder['process'])} on {str(holder['host'])[:255]!r}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _try_lock(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            # Far behind the text, since a locked range cannot be read by others.
            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
