"""Changes of a file's bytes, by a seeded generator, so that they can be made again; and a watch over its readers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

_INTEGERS = (0, 1, 2**31 - 1, 2**31, 2**32 - 1)
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.rmdir")
_RUNS = ("pickle.find_class", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect")

_seen: list[str] | None = None  # what is not allowed, while somebody watches


def mutated(content: bytes, random: Random) -> bytes:
    """The content after one, two or three changes of some bytes."""
    changes = (_flip, _overwrite, _insert, _delete, _cut, _double, _replace_integer)
    changed = bytearray(content)
    for _ in range(random.randint(1, 3)):
        random.choice(changes)(changed, random)
    return bytes(changed)


def flipped(content: bytes, place: int, mask: int) -> bytes:
    """The content with the bits of the mask flipped in one byte."""
    return content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :]


def write_anew(path: Path, content: bytes) -> None:
    """Writes a file after deleting the old one: many file systems take milliseconds to overwrite one."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def stamps(directory: Path | str) -> dict[str, tuple[int, int, int]]:
    """What changes of the files below a directory when they are made, written, replaced or deleted."""
    found = {}
    with os.scandir(directory) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            found[entry.path] = status.st_ino, status.st_size, status.st_mtime_ns
            if entry.is_dir(follow_symlinks=False):
                found.update(stamps(entry.path))
    return found


@contextmanager
def watched(tree: Path) -> Iterator[None]:
    """Fails where anything is written, in this tree or elsewhere, or anything is unpickled or run."""
    global _seen
    before, _seen = stamps(tree), []
    try:
        yield
    finally:
        seen, _seen = _seen, None
    assert seen == []
    assert stamps(tree) == before


def _witness(event: str, arguments: tuple[object, ...]) -> None:
    if _seen is None:
        return
    flags = arguments[2] if event == "open" else 0
    writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    # Python itself writes what it compiled of a module that is imported for the first time.
    if event in _CHANGES + _RUNS or (writes and "__pycache__" not in str(arguments[0])):
        _seen.append(f"{event} {arguments!r:.200}")


sys.addaudithook(_witness)


def _place(content: bytearray, random: Random) -> int:
    """A place in the content; one in two is near its beginning, where headers are."""
    return random.randrange(min(len(content), random.choice((64, len(content)))) or 1)


def _flip(content: bytearray, random: Random) -> None:
    if content:
        content[_place(content, random)] ^= 1 << random.randrange(8)


def _overwrite(content: bytearray, random: Random) -> None:
    place = _place(content, random)
    content[place : place + 1] = random.randbytes(1)


def _insert(content: bytearray, random: Random) -> None:
    place = _place(content, random)
    content[place:place] = random.randbytes(random.randint(1, 16))


def _delete(content: bytearray, random: Random) -> None:
    place = _place(content, random)
    del content[place : place + random.randint(1, 16)]


def _cut(content: bytearray, random: Random) -> None:
    del content[_place(content, random) :]


def _double(content: bytearray, random: Random) -> None:
    place = _place(content, random)
    content[place:place] = content[place : place + random.randint(1, 4096)]


def _replace_integer(content: bytearray, random: Random) -> None:
    place = 4 * random.randrange(4)
    content[place : place + 4] = random.choice(_INTEGERS).to_bytes(4, random.choice(("big", "little")))
