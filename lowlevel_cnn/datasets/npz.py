"""Read MNIST as Keras keeps it, an `.npz` archive of four arrays, without unpickling or inflating too much."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from lowlevel_cnn.datasets.decompression import ADVICE, open_limited
from lowlevel_cnn.datasets.idx import MOST_EXAMPLES
from lowlevel_cnn.errors import InputError

# In the order of the IDX files: training images and labels, then test images and labels.
ARRAYS = ("x_train", "y_train", "x_test", "y_test")

_LARGEST_ARCHIVE = 64 << 20  # bytes on disk; the published one has 11 MB, without compression 55 MB
_MOST_AT_A_TIME = 1 << 17
_MAGIC = b"\x93NUMPY\x01\x00"
_LONGEST_HEADER = 1_000  # bytes; NumPy's own has 118


def read_npz(path: Path, *, image_size: tuple[int, int] = (28, 28), most: int = MOST_EXAMPLES) -> dict[str, np.ndarray]:
    """Read the four arrays of an archive, which may be compressed.

    Args:
        image_size: the height and width in pixels that images must have.
        most: the largest accepted number of labels or images.

    Returns:
        Name to array, in the order of `ARRAYS`: images `[count, height, width]` and labels `[count]`, uint8, read-only.

    Raises:
        InputError: it cannot be read, is damaged, lacks an array, or one has another type, shape or size.
    """
    with open_archive(path, _LARGEST_ARCHIVE, ADVICE) as archive:
        return {name: _read_array(archive, path, name, image_size, most) for name in ARRAYS}


@dataclass(frozen=True)
class StoredArray:
    """An array in an archive, of which only the header is read so far.

    Attributes:
        where: the archive and the array's name.
        advice: the end of each error message.
        member: the open file, whose values come next.
        shape: of the array.
        is_fortran: whether the first index runs fastest.
        dtype: of the values.
    """

    where: str
    advice: str
    member: IO[bytes]
    shape: tuple[int, ...]
    is_fortran: bool
    dtype: np.dtype

    def pieces(self) -> Iterator[bytes]:
        """Yield all bytes of the values, a whole number of values at a time.

        Raises:
            EOFError: there are fewer bytes than the header declares.
            InputError: there are more.
        """
        left = math.prod(self.shape) * self.dtype.itemsize
        while left:
            piece = _exactly(self.member, min(_MOST_AT_A_TIME, left))
            left -= len(piece)
            yield piece
        if self.member.read(1):  # only here does `zipfile` verify the checksum
            raise InputError(f"{self.where} has extra bytes after its last example; {self.advice}")


@contextmanager
def open_archive(path: Path, largest: int, advice: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive; the message of an error ends with the advice.

    Raises:
        InputError: it cannot be read, or what is read from it within the context is damaged.
    """
    with open_limited(path, largest, advice) as file:
        try:
            with zipfile.ZipFile(_ShortReads(file)) as archive:
                yield archive
        except InputError:
            raise
        except Exception as error:  # zipfile and NumPy raise a dozen kinds: the data is bad
            raise InputError(f"{path}: not an .npz archive, or damaged ({type(error).__name__}); {advice}") from error


@contextmanager
def open_array(archive: zipfile.ZipFile, path: Path, name: str, advice: str) -> Iterator[StoredArray]:
    """Open an array of the archive at `path`, and read its header.

    Raises:
        InputError: the archive lacks it, or it is compressed in another way than NumPy does.
    """
    file_name = f"{name}.npy"
    if file_name not in archive.namelist():
        raise InputError(f"{path}: lacks {name}; it should contain {', '.join(ARRAYS)}; {advice}")
    # With other methods `zipfile` does not limit how much is decompressed at a time.
    if archive.getinfo(file_name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{path}: {name} is compressed with a method that NumPy does not use; {advice}")
    with archive.open(file_name) as member:
        yield StoredArray(f"{path}: {name}", advice, member, *_read_header(member))


class _ShortReads:
    """A file that limits each read: `zipfile` would read a directory of a million members at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size if 0 <= size <= _MOST_AT_A_TIME else _MOST_AT_A_TIME + 1)
        if len(content) > _MOST_AT_A_TIME:
            raise zipfile.BadZipFile("its directory is too large")
        return content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _read_array(archive: zipfile.ZipFile, path: Path, name: str, image_size: tuple[int, int], most: int) -> np.ndarray:
    with open_array(archive, path, name, ADVICE) as stored:
        shape = stored.shape
        expected = image_size if name.startswith("x") else ()
        if stored.dtype != np.uint8 or shape[1:] != expected or not 1 <= shape[0] <= most:
            raise InputError(
                f"{stored.where} is {stored.dtype!s:.50} of shape {shape!s:.100}, expected uint8 of 1 to {most:,}"
                f" examples of shape {expected}; {ADVICE}"
            )
        values = np.empty(math.prod(shape), np.uint8)
        done = 0
        for piece in stored.pieces():
            values[done : done + len(piece)] = np.frombuffer(piece, np.uint8)
            done += len(piece)
    array = np.ascontiguousarray(values.reshape(shape, order="F" if stored.is_fortran else "C"))
    array.flags.writeable = False
    return array


def _read_header(member: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return shape, whether the first index runs fastest, and type of the array that follows."""
    start = _exactly(member, len(_MAGIC) + 2)
    length = int.from_bytes(start[len(_MAGIC) :], "little")
    if not start.startswith(_MAGIC) or length > _LONGEST_HEADER:
        raise ValueError("not an array as NumPy writes them")
    header = start[len(_MAGIC) :] + _exactly(member, length)
    return np.lib.format.read_array_header_1_0(io.BytesIO(header))


def _exactly(member: IO[bytes], size: int) -> bytes:
    content = member.read(size)
    if len(content) < size:
        raise EOFError
    return content
