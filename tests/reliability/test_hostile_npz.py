"""A hostile `.npz` gives the right images or one line, soon, in little memory; nothing is written or unpickled."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.made_data import made_images
from helpers.processor_time import is_quick
from helpers.torture import Report
from mutations import watched
from test_hostile_archives import MOST_IDX_MEMORY, assert_within_the_bounds, folder, measured, refuse

from lowlevel_cnn.datasets.mnist import MNIST

__all__ = ["folder"]

PICKLE = pickle.dumps({"x_train": os.getcwd}, protocol=0)
IMAGES, LABELS = made_images(3, seed=0)

Make = Callable[[], bytes]


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def with_header(text: str, content: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    """An array with a header of that text, whatever it is."""
    length = struct.pack("<H" if version == b"\x01\x00" else "<I", len(text))
    return b"\x93NUMPY" + version + length + text.encode("latin1") + content


def shaped(shape: str, descr: str = "'|u1'", content: bytes = b"") -> bytes:
    return with_header(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n", content)


GOOD = {"x_train.npy": npy(IMAGES[..., 0]), "y_train.npy": npy(LABELS)}
GOOD |= {"x_test.npy": GOOD["x_train.npy"], "y_test.npy": GOOD["y_train.npy"]}


def zipped(method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"", **changed: bytes | None) -> bytes:
    """The archive in which arrays are replaced, added, or left out."""
    buffer = io.BytesIO()
    members = {**GOOD, **{f"{name}.npy": content for name, content in changed.items()}}
    with zipfile.ZipFile(buffer, "w", method, compresslevel=1) as archive:
        archive.comment = comment
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)
    return buffer.getvalue()


def replaced(old: bytes, new: bytes, count: int = -1) -> bytes:
    archive = zipped(zipfile.ZIP_STORED)
    assert old in archive
    return archive.replace(old, new, count)


def encrypted() -> bytes:
    archive = bytearray(zipped())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(signature) + place] |= 1
    return bytes(archive)


def a_million_members() -> bytes:
    """A directory of 50 MB, all of whose members are the first."""
    archive = zipped()
    start, end = archive.index(b"PK\x01\x02"), archive.index(b"PK\x05\x06")
    entries = archive[start:end] * (50_000_000 // (end - start))
    return (
        archive[:start] + entries + struct.pack("<4s4HIIH", b"PK\x05\x06", 0, 0, 65535, 65535, len(entries), start, 0)
    )


def zip64_of(size: int) -> bytes:
    """An archive whose directory is said to have that size, in the record for large archives."""
    archive = zipped()
    start, end = archive.index(b"PK\x01\x02"), archive.index(b"PK\x05\x06")
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 4, 4, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    return archive[:end] + record + locator + archive[end:]


ZEROS = bytes(100 << 20)
REFUSED: dict[str, Make] = {
    "empty file": lambda: b"",
    "pickle in place of the archive": lambda: PICKLE,
    "pickle in place of an array": lambda: zipped(x_train=PICKLE),
    "array of objects": lambda: zipped(x_train=npy(np.array([os.getcwd], dtype=object))),
    "pickle behind a header of objects": lambda: zipped(x_train=shaped("(3, 28, 28)", "'|O'", PICKLE)),
    "header that is code": lambda: zipped(x_train=with_header("__import__('os').mkdir('x')")),
    "header of a thousand brackets": lambda: zipped(x_train=with_header("(" * 990)),
    "header of a thousand minus signs": lambda: zipped(x_train=with_header("-" * 990 + "1")),
    "header of 64 kB": lambda: zipped(x_train=with_header("[" * 65_535)),
    "header of 64 MB": lambda: zipped(x_train=with_header(" " * (64 << 20), version=b"\x02\x00")),
    "header of another version": lambda: zipped(x_train=with_header("{}", version=b"\x03\x00")),
    "header of no array": lambda: zipped(x_train=with_header("[]")),
    "header that breaks off": lambda: zipped(x_train=GOOD["x_train.npy"][:50]),
    "records": lambda: zipped(x_train=shaped("(3,)", "[('a', '|u1', (28, 28))]", IMAGES.tobytes())),
    "shape of 10 ** 18 images": lambda: zipped(x_train=shaped(f"({10**18}, 28, 28)")),
    "shape below zero": lambda: zipped(x_train=shaped("(-3, 28, 28)", content=IMAGES.tobytes())),
    "shape of no dimensions": lambda: zipped(y_train=shaped("()", content=b"\1")),
    "shape of texts": lambda: zipped(x_train=shaped("('a', 28, 28)")),
    "too few images": lambda: zipped(x_train=GOOD["x_train.npy"][:-1]),
    "array that is missing": lambda: zipped(y_test=None),
    "array in a folder that leads out": lambda: replaced(b"x_train.npy", b"../tain.npy"),
    "truncated": lambda: zipped()[:-100],
    "wrong checksum": lambda: replaced(IMAGES.tobytes(), IMAGES.tobytes()[:-1] + b"\0", 1),
    "another name before the array": lambda: replaced(b"x_train.npy", b"y_train.npy", 1),
    "encrypted": encrypted,
    "bzip2 bomb": lambda: zipped(zipfile.ZIP_BZIP2, x_train=GOOD["x_train.npy"] + ZEROS),
    "compressed as xz": lambda: zipped(zipfile.ZIP_LZMA),
    "bomb behind three images": lambda: zipped(x_train=GOOD["x_train.npy"] + ZEROS),
    "bomb in place of a header": lambda: zipped(x_train=ZEROS),
    "bomb of 70,000 images": lambda: zipped(x_train=shaped("(70000, 28, 28)", content=ZEROS)),
    "bomb as another array": lambda: zipped(y_test=shaped("(3,)", content=ZEROS)),
    "a million members": a_million_members,
    "directory of 2 ** 62 bytes": lambda: zip64_of(2**62),
    "directory of no bytes": lambda: zip64_of(0),
    "archive in an archive": lambda: zipped(x_train=zipped()),
    "gzip": lambda: gzip.compress(zipped()),
}
HARMLESS: dict[str, Make] = {
    "as NumPy writes it": lambda: zipped(),
    "not compressed": lambda: zipped(zipfile.ZIP_STORED),
    "with a comment of 64 kB": lambda: zipped(comment=b"x" * 65_535),
    "with a bomb beside the arrays": lambda: zipped(other=ZEROS),
    "with a pickle beside the arrays": lambda: zipped(other=npy(np.array([os.getcwd], dtype=object))),
    "behind a program": lambda: b"#!/bin/sh\n" + zipped(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_archive_of_arrays_is_refused_in_one_line(name: str, folder: Path) -> None:
    path = folder / MNIST.archive
    path.write_bytes(REFUSED[name]())
    with watched(folder.parent.parent):
        seconds, most = measured("hostile archives of arrays", lambda: refuse(path, lambda: MNIST.read(folder)))
    assert is_quick(seconds)
    assert most < MOST_IDX_MEMORY


@pytest.mark.parametrize("name", HARMLESS)
def test_an_archive_of_arrays_that_is_only_odd_is_read_exactly(name: str, folder: Path) -> None:
    (folder / MNIST.archive).write_bytes(HARMLESS[name]())
    with watched(folder.parent.parent):
        seconds, most = measured("odd archives of arrays", lambda: check(MNIST.read(folder)))
    assert is_quick(seconds)
    assert most < MOST_IDX_MEMORY


def check(arrays: tuple[np.ndarray, ...]) -> None:
    for images, labels in (arrays[:2], arrays[2:]):
        assert np.array_equal(images, IMAGES) and np.array_equal(labels, LABELS)


def test_the_most_that_any_of_them_took_is_within_the_bounds(report: Report) -> None:
    assert_within_the_bounds(report)
