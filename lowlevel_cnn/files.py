"""Writing so that a crash or a power loss leaves the old file or the new one, never half of one."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Writes a text file and flushes it to disk before it takes the place of the old one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    flush_directory(path.parent)


def flush_file(path: Path) -> None:
    """Flushes the contents of a closed file to disk."""
    # Windows flushes only through a descriptor that may write.
    descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_directory(path: Path) -> None:
    """Flushes the names in a directory to disk, where the system can."""
    if sys.platform != "win32":
        flush_file(path)


def _replace(source: Path, target: Path) -> None:
    # Windows refuses while another process has the target open, as a polling evaluator has for a moment.
    for pause in (0.01, 0.05, 0.2, 1.0) if os.name == "nt" else ():
        try:
            source.replace(target)
            return
        except PermissionError:
            time.sleep(pause)
    source.replace(target)
