"""Read and decompress files from users, never more at a time than asked for, so that no bomb is inflated."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from lowlevel_cnn.errors import InputError

ADVICE = "replace it with the published file"

_PIECE = 1 << 16
_MOST_STREAMS = 10_000  # parallel compressors write many streams into one file, bombs millions of empty ones
_MOST_XZ_MEMORY = 100 << 20  # `xz -9` needs 65 MiB; a header may ask for 4 GiB


def exists(path: Path) -> bool:
    """Return whether `path` exists; False if it cannot be accessed (no permission, a name too long)."""
    try:
        return path.exists()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Return whether `path` exists and is not a folder; False if it cannot be accessed."""
    return exists(path) and not path.is_dir()


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _GzipDecompressor:
    """zlib's decompressor with the interface of those in bz2 and lzma."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _bzip2_decompressor() -> _Decompressor:
    import bz2

    return bz2.BZ2Decompressor()


def _xz_decompressor() -> _Decompressor:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_XZ_MEMORY)


_DECOMPRESSORS: dict[bytes, Callable[[], _Decompressor]] = {
    b"\x1f\x8b": _GzipDecompressor,
    b"BZh": _bzip2_decompressor,
    b"\xfd7zXZ\x00": _xz_decompressor,
}


class Contents:
    """The decompressed bytes of a file: plain, gzip, bzip2 or xz according to its first bytes, not its name.

    Raises `InputError`, here and while reading, if it is not a regular file, has more than `largest` bytes on
    disk, cannot be read, or is damaged or truncated. The message ends with the advice.
    """

    def __init__(self, path: Path, largest: int, advice: str = ADVICE) -> None:
        self.path = path
        self.advice = advice
        self._file = open_limited(path, largest, advice)
        start = self._file.read(6)
        self._file.seek(0)
        self._magic = next((magic for magic in _DECOMPRESSORS if start.startswith(magic)), b"")
        self._decompressor = self._start_stream() if self._magic else None
        self._streams = 1

    def __enter__(self) -> Contents:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes."""
        pieces = io.BytesIO()
        while (left := size - pieces.tell()) > 0:
            piece = self.read_some(min(left, _PIECE))
            if not piece:
                raise InputError(f"{self.path}: is truncated; {self.advice}")
            pieces.write(piece)
        return pieces.getvalue()

    def read_into(self, buffer: memoryview) -> None:
        """Fill a buffer of bytes."""
        done = 0
        while done < len(buffer):
            piece = self.read_some(min(len(buffer) - done, _PIECE))
            if not piece:
                raise InputError(f"{self.path}: is truncated; {self.advice}")
            buffer[done : done + len(piece)] = piece
            done += len(piece)

    def read_some(self, size: int) -> bytes:
        """Return at least one and at most `size` bytes; none at the end."""
        if self._decompressor is None:
            return self._read_file(size)
        data = rest = b""
        while not data:
            if self._decompressor.eof:
                rest = self._decompressor.unused_data
                if len(rest) < len(self._magic):
                    rest += self._read_file(_PIECE)
                if not rest:
                    return b""
                self._next_stream(rest)
            elif self._decompressor.needs_input:
                rest = self._read_file(_PIECE)
                if not rest:
                    raise InputError(f"{self.path}: is truncated; {self.advice}")
            data = self._decompress(rest, size)
            rest = b""
        return data

    def _read_file(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read ({error.strerror}); {self.advice}") from error

    def _decompress(self, data: bytes, size: int) -> bytes:
        assert self._decompressor is not None
        try:
            return self._decompressor.decompress(data, size)
        except Exception as error:  # zlib.error, lzma.LZMAError, or OSError from bz2: the data is bad
            raise InputError(f"{self.path}: cannot be decompressed ({error}); {self.advice}") from error

    def _next_stream(self, rest: bytes) -> None:
        self._streams += 1
        if not rest.startswith(self._magic) or self._streams > _MOST_STREAMS:
            raise InputError(f"{self.path}: has extra bytes after its compressed data; {self.advice}")
        self._decompressor = self._start_stream()

    def _start_stream(self) -> _Decompressor:
        try:
            return _DECOMPRESSORS[self._magic]()
        except ImportError as error:
            raise InputError(f"{self.path}: this Python cannot decompress it ({error}); unpack it first") from error


def open_limited(path: Path, largest: int, advice: str = ADVICE) -> BinaryIO:
    """Open a regular file to read its raw bytes; the message of an error ends with the advice.

    Raises:
        InputError: it is not one, cannot be opened, or has more than `largest` bytes.
    """
    try:
        if path.exists() and not path.is_file():  # opening a pipe would wait forever
            raise InputError(f"{path}: not a regular file; {advice}")
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: cannot be opened ({error.strerror}); {advice}") from error
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > largest:
        file.close()
        raise InputError(f"{path}: {size:,} bytes, expected at most {largest:,}; {advice}")
    return file
