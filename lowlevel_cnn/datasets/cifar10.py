"""Read CIFAR-10 in its binary layout, from an unpacked folder or straight from the archive."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lowlevel_cnn.datasets.decompression import ADVICE, Contents, exists, is_file
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.messages import warn

RECORD = 3_073  # bytes: the label, then 32x32 red, 32x32 green and 32x32 blue
FOLDER = "cifar-10-batches-bin"
TRAIN_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
FILES = (*TRAIN_FILES, "test_batch.bin")
ARCHIVE = "cifar-10-binary.tar.gz"
ARCHIVES = (ARCHIVE, "cifar-10-binary.tar", "cifar-10-binary.tar.xz", "cifar-10-binary.tar.bz2")

_ARCHIVE_MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
_MOST_RECORDS = 10_000  # in a file
_LARGEST_ARCHIVE = 256 << 20  # bytes on disk; the published one has 170 MB, uncompressed 184 MB
_MOST_OTHER_BYTES = 4 << 20  # of headers, padding and other files that are skipped
_PICKLED_FOLDER = "cifar-10-batches-py"
# The folder, the archive, Keras 3's name for it, and one of its files.
_PICKLED = (_PICKLED_FOLDER, "cifar-10-python.tar.gz", f"{_PICKLED_FOLDER}-target", "data_batch_1")
_BLOCK = 512  # bytes: a tar archive is a sequence of these
_NAMELESS_TYPES = (b"x", b"g", b"X", b"L", b"K")  # notes about the next members: times, owners, long names


class Cifar10:
    """CIFAR-10: 32x32 colour images in 10 classes."""

    title = "CIFAR-10"
    class_names: tuple[str, ...] = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
    mirrors: tuple[str, ...] = ("https://www.cs.toronto.edu/~kriz/",)
    image_shape = (32, 32, 3)

    def missing(self, folder: Path) -> list[str]:
        """Return the names of the files that `folder` lacks."""
        if _unpacked_folder(folder) or _archive(folder):
            return []
        lacking = [[name for name in FILES if not is_file(path / name)] for path in _unpacked_folders(folder)]
        fewest = min(lacking, key=len)
        return fewest if len(fewest) < len(FILES) else [ARCHIVE]

    def remark(self, folder: Path) -> str:
        """Return an addition to the message about missing files: that the version in `folder` is the wrong one."""
        pickled = next((name for name in _PICKLED if exists(folder / name)), None)
        return f" ({pickled} is the pickled version, which is not supported)" if pickled else ""

    def read(self, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return training images `[n, 32, 32, 3]` and labels `[n]`, then test images and labels, all uint8.

        Raises:
            InputError: a file is missing, broken or hostile.
        """
        if unpacked := _unpacked_folder(folder):
            records = {name: _read_records(unpacked / name) for name in FILES}
            where = unpacked
        else:
            where = _archive(folder) or folder / ARCHIVE
            records = read_archive(where)
            if where.name == ARCHIVE and file_checksum(where) != _ARCHIVE_MD5:
                warn(f"{where}: not the published {self.title}")
        train = _decode(where, records, TRAIN_FILES)
        return *train, *_decode(where, records, FILES[-1:])

    def idx_files(self, folder: Path) -> list[Path]:
        """Return an empty list: CIFAR-10 has a layout of its own."""
        return []

    def download(self, folder: Path, mirrors: Sequence[str]) -> None:
        """Download the archive if `folder` lacks the data; raise `InputError` if no mirror has it."""
        from lowlevel_cnn.datasets.download import PublishedFile, download

        if self.missing(folder):
            download(PublishedFile(ARCHIVE, _ARCHIVE_MD5, file_checksum, _LARGEST_ARCHIVE), mirrors, folder)


def read_archive(path: Path) -> dict[str, bytes]:
    """Return the records of the six files in a tar archive (plain, gzip, bzip2 or xz), by file name.

    Nothing is extracted or unpickled, and no member is read before its name, type and size are checked.

    Raises:
        InputError: it is damaged, truncated or hostile, or lacks a file.
    """
    records: dict[str, bytes] = {}
    other_bytes = 0
    with Contents(path, _LARGEST_ARCHIVE) as contents:
        while any(block := contents.read(_BLOCK)):  # a block of zeros ends the archive
            name, size = _member(path, block)
            if name in records:
                raise InputError(f"{path}: contains {name} twice; {ADVICE}")
            padding = -size % _BLOCK
            if name:
                _check_size(f"{path}: {name}", size)
                records[name] = contents.read(size)
                size = 0
            other_bytes += _BLOCK + size + padding
            _check_other_bytes(path, other_bytes)
            contents.read(size + padding)
        while rest := contents.read_some(1 << 16):
            other_bytes += len(rest)
            _check_other_bytes(path, other_bytes)
    if lacking := [f"{FOLDER}/{name}" for name in FILES if name not in records]:
        raise InputError(f"{path}: lacks {', '.join(lacking)}; {ADVICE}")
    return records


def file_checksum(path: Path) -> str:
    """Return the MD5 of a file's bytes, in hexadecimal digits; raise `InputError` if it cannot be read."""
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {ADVICE}") from error
    return digest.hexdigest()


def _member(path: Path, block: bytes) -> tuple[str, int]:
    """Return a tar member's name, empty unless it is one of `FILES`, and its size in bytes; `block` is its header.

    `tarfile` decodes only the header: its own iteration would read a header of gigabytes into memory, and
    mistake a truncated archive for a complete one.
    """
    import tarfile

    try:
        member = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        raise InputError(f"{path}: not a tar archive, or damaged ({error}); {ADVICE}") from error
    parts = member.name.removeprefix("./").split("/")
    if parts[0] == "" or ".." in parts:
        raise InputError(f"{path}: its member {member.name!r} points outside its folder; {ADVICE}")
    if member.type in _NAMELESS_TYPES:
        return "", max(0, member.size)
    if member.isdir():
        return "", 0
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.size < 0:
        raise InputError(f"{path}: its member {member.name!r} is not a regular file; {ADVICE}")
    if parts[0] == _PICKLED_FOLDER:
        raise _pickled_error(path)
    wanted = parts[:-1] == [FOLDER] and parts[-1] in FILES
    return parts[-1] if wanted else "", member.size


def _check_size(where: str, size: int) -> None:
    if size % RECORD or not RECORD <= size <= _MOST_RECORDS * RECORD:
        raise InputError(
            f"{where}: {size:,} bytes, expected 1 to {_MOST_RECORDS:,} records of {RECORD:,} bytes; {ADVICE}"
        )


def _check_other_bytes(path: Path, count: int) -> None:
    if count > _MOST_OTHER_BYTES:
        raise InputError(f"{path}: contains too much data that does not belong to {Cifar10.title}; {ADVICE}")


def _read_records(path: Path) -> bytes:
    with Contents(path, _MOST_RECORDS * RECORD) as contents:
        size = path.stat().st_size
        _check_size(str(path), size)
        return contents.read(size)


def _decode(where: Path, records: dict[str, bytes], names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return images `[n, 32, 32, 3]` and labels `[n]` of these files, freeing the records once decoded."""
    counts = [len(records[name]) // RECORD for name in names]
    images = np.empty((sum(counts), 32, 32, 3), np.uint8)
    labels = np.empty(sum(counts), np.uint8)
    start = 0
    for name, count in zip(names, counts, strict=True):
        table = np.frombuffer(records.pop(name), np.uint8).reshape(count, RECORD)
        wrong = np.flatnonzero(table[:, 0] >= len(Cifar10.class_names))
        if len(wrong):
            label = table[wrong[0], 0]
            raise InputError(f"{where}: {name}: label {label} in record {wrong[0]:,}, expected 0 to 9; {ADVICE}")
        labels[start : start + count] = table[:, 0]
        images[start : start + count] = table[:, 1:].reshape(count, 3, 32, 32).transpose(0, 2, 3, 1)
        start += count
    return images, labels


def _unpacked_folders(folder: Path) -> tuple[Path, Path]:
    return folder / FOLDER, folder


def _unpacked_folder(folder: Path) -> Path | None:
    complete = (path for path in _unpacked_folders(folder) if all(is_file(path / name) for name in FILES))
    return next(complete, None)


def _archive(folder: Path) -> Path | None:
    return next((folder / name for name in ARCHIVES if is_file(folder / name)), None)


def _pickled_error(path: Path) -> InputError:
    return InputError(f"{path}: is the pickled version of CIFAR-10; use the binary version instead, {ARCHIVE}")
