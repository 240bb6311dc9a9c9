"""Allow one trainer per run directory: an advisory lock that ends with its process, however the process ends."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lowlevel_cnn.errors import InputError, WorkError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_NAME = "trainer.lock"
_SECONDS_TO_WRITE = 10.0
_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_OPEN_FILES_HOLD_DIRECTORIES = sys.platform == "win32"


class Lock:
    """The lock of a run directory, held by this process.

    Attributes:
        path: the locked file.
    """

    def __init__(self, path: Path, file: IO[str]) -> None:
        self.path = path
        self._file = file

    def check(self) -> None:
        """Check that the directory is still the one that was locked.

        Raises:
            WorkError: it was moved or deleted; anything now under its name is not ours.
        """
        if not _is_file(self._file, self.path):
            raise WorkError(
                f"--checkpoint-dir {self.path.parent}: was moved or deleted during training; to resume from the last "
                "checkpoint, run the command again with the new path"
            )

    def let_the_directory_move(self) -> None:
        """Release the lock on Windows, where no directory can be renamed while a file in it is open.

        It is not needed there: a trainer that takes the lock now has the file open, so the directory cannot be moved.
        """
        if _OPEN_FILES_HOLD_DIRECTORIES:
            self._file.close()


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[Lock]:
    """Hold the lock of an existing run directory.

    Raises:
        InputError: another process holds it (the error names host and process), or the file system has no locks.
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
        # The file stays when the lock is released: removing it would race with the next trainer.
        try:
            file = path.open("a+", encoding="utf-8")
        except FileNotFoundError:
            raise InputError(f"--checkpoint-dir {directory}: was just moved away; run the command again") from None
        try:
            is_ours = _try_lock(file)
        except OSError as error:
            file.close()
            raise InputError(
                f"--checkpoint-dir {directory}: its file system does not support locks ({error.strerror}); choose a "
                "directory on another one"
            ) from None
        if not is_ours:
            holder = _holder(file)
            file.close()
            raise InputError(
                f"--checkpoint-dir {directory}: {holder} is training in it; wait, stop it, or choose another directory"
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
    """Return the lock's holder as written in the file; it may take a moment to replace the name of an earlier one."""
    deadline = time.monotonic() + _SECONDS_TO_WRITE
    while True:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            file.seek(0)
            written = json.loads(file.read(4096))
            host, process = str(written["host"])[:255], int(written["process"])
            if host != socket.gethostname() or _lives(process):
                return f"process {process} on {host!r}"
        if time.monotonic() > deadline:
            return "another process"
        time.sleep(0.01)


def _lives(process: int) -> bool:
    if sys.platform == "win32":
        return True  # There `os.kill` would end it.
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _try_lock(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            # Far beyond the text, since others cannot read a locked range.
            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True
