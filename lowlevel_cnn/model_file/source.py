"""Read a network's file, and name the network after it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.models import File, all_names

_LONGEST_NAME = 100


@dataclass(frozen=True)
class Source:
    """A network's file.

    Attributes:
        path: as it was given.
        name: the network's name: the file's, without `.py`.
        text: its contents.
    """

    path: Path
    name: str
    text: bytes

    @property
    def file(self) -> File:
        """What a run records of it. The checksum is the same for either kind of line break."""
        lines = self.text.replace(b"\r\n", b"\n")
        return File(str(self.path), hashlib.md5(lines, usedforsecurity=False).hexdigest())


def read(given: str) -> Source:
    """Read the file.

    Raises:
        InputError: there is none, or it cannot be read, or a run cannot be named after it.
    """
    path = Path(given)
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"--model {path}: no such file; give a Python file, or one of {', '.join(all_names())}"
        ) from None
    except IsADirectoryError:
        raise InputError(f"--model {path}: is a folder; give the Python file in it") from None
    except OSError as error:
        raise InputError(f"--model {path}: cannot be read ({error.strerror})") from None
    name = path.name.removesuffix(".py")
    if not name.strip(". ") or len(path.name) > _LONGEST_NAME or not name.isprintable():
        raise InputError(f"--model {path}: a run cannot be named after this file; rename it, for instance my_net.py")
    return Source(path, name, text)
