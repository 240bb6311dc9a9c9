"""Download a file from the first mirror that has it, and rename it only once its checksum is verified."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError

from lowlevel_cnn.errors import InputError

TIMEOUT = 10.0  # seconds
_PIECE = 1 << 16
_SLOWEST = 1024  # bytes/s: a server that sends a byte now and then would never time out


@dataclass(frozen=True)
class PublishedFile:
    """A file as it was published.

    Attributes:
        name: its name on every mirror, and in the folder.
        checksum: the result of `checksum_of` for it.
        checksum_of: returns the checksum of a file, or raises `InputError` if it is not of this kind.
        largest: bytes; a mirror that sends more is abandoned.
    """

    name: str
    checksum: str
    checksum_of: Callable[[Path], str]
    largest: int

    def is_at(self, path: Path) -> bool:
        """Return whether the file at `path` is this one."""
        try:
            return self.checksum_of(path) == self.checksum
        except InputError:
            return False


class _MirrorError(Exception):
    """One mirror did not provide the file; the next one is tried."""


def download(
    published: PublishedFile,
    mirrors: Sequence[str],
    folder: Path,
    *,
    timeout: float = TIMEOUT,
    advice: str = "set --data-dir to a folder that contains it",
) -> Path:
    """Download a file into `folder`, unless it is already there with the right checksum.

    Args:
        mirrors: http or https base URLs, tried in turn.
        timeout: seconds to wait for a connection, and for each piece of the answer.
        advice: what the user can do without the file, for the error message.

    Returns:
        The path of the file, which never has partial contents.

    Raises:
        InputError: no mirror provided the file (the error has each one's reason), or the folder cannot be written.
    """
    target = folder / published.name
    if target.exists() and published.is_at(target):
        return target
    part: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{published.name}.", suffix=".part", dir=folder)
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            reasons = _try_mirrors(published, mirrors, part, file, timeout)
        if len(reasons) == len(mirrors):
            raise InputError(f"cannot download {published.name}: {'; '.join(reasons)}; {advice}")
        # Like any other file of the user; temporary ones are private.
        part.chmod(0o644)
        part.replace(target)
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror or error}); {advice}") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
    return target


def _try_mirrors(
    published: PublishedFile, mirrors: Sequence[str], part: Path, file: BinaryIO, timeout: float
) -> list[str]:
    """Fill `file`, which is open at `part`, from the first good mirror; return why others failed."""
    reasons: list[str] = []
    for mirror in mirrors:
        address = f"{mirror.rstrip('/')}/{published.name}"
        file.seek(0)
        file.truncate()
        try:
            for piece in _pieces(address, published.largest, timeout):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            if not published.is_at(part):
                raise _MirrorError("not the published file (wrong checksum)")
        except _MirrorError as error:
            reasons.append(f"{address}: {_one_line(error)}")
        else:
            break
    return reasons


def _pieces(address: str, largest: int, timeout: float) -> Iterator[bytes]:
    """Yield the bytes at the address, with a bar on a terminal; raise `_MirrorError` for any failure."""
    try:
        with _opener().open(address, timeout=timeout) as response:
            yield from _pieces_of(response, address.rpartition("/")[2], largest, timeout)
    except HTTPError as error:
        raise _MirrorError(f"{error.code} {error.reason}") from error
    except (OSError, HTTPException, ValueError) as error:
        cause = error.reason if isinstance(error, URLError) else error
        timed_out = isinstance(cause, TimeoutError)
        raise _MirrorError(f"no answer within {timeout:g} s" if timed_out else str(cause)) from error


def _pieces_of(response: HTTPResponse, name: str, largest: int, timeout: float) -> Iterator[bytes]:
    from tqdm import tqdm

    expected = response.length
    if expected is not None and expected > largest:
        raise _MirrorError(f"{expected:,} bytes, expected at most {largest:,}")
    received, start = 0, time.monotonic()
    silent = not sys.stderr.isatty()
    with tqdm(total=expected, desc=name, unit="B", unit_scale=True, disable=silent) as bar:
        while piece := response.read1(_PIECE):
            received += len(piece)
            if received > largest:
                raise _MirrorError(f"more than the {largest:,} bytes expected")
            seconds = time.monotonic() - start
            if seconds > timeout and received < _SLOWEST * seconds:
                raise _MirrorError(f"too slow: {received:,} bytes in {seconds:.0f} s")
            bar.update(len(piece))
            yield piece
    if expected is not None and received < expected:
        raise _MirrorError(f"cut off after {received:,} of {expected:,} bytes")


def _one_line(error: Exception) -> str:
    """Return an error's message, shortened and without control characters that a server may have sent."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(error))
    return " ".join(text.split())[:200] or type(error.__cause__ or error).__name__


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https only; the usual one would follow a redirect to ftp."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    return opener
