"""A hostile archive gives the right images or one line, soon, in little memory; nothing is written or unpickled."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import idx_bytes, made_images
from helpers.processor_time import is_quick
from helpers.torture import Report
from mutations import watched
from test_cifar10 import ARCHIVE, RECORDS, ROOT, TEST, check_made_up, entry, header, tar

from lowlevel_cnn.datasets.cifar10 import Cifar10
from lowlevel_cnn.datasets.idx import read_idx
from lowlevel_cnn.errors import InputError

MOST_MEMORY = 40 << 20  # bytes: a file of CIFAR-10 has 31 million
MOST_IDX_MEMORY = 80 << 20  # bytes: the largest images that are read have 55 million
NUMBERS = b"0", b"-1", b"9" * 400, b"8589934592", b"1e400", b"text", b""
LAST = "test_batch.bin"

Make = Callable[[], bytes]


def with_field(start: int, value: bytes, name: str = TEST, *, right_checksum: bool = True) -> bytes:
    """A header in which a field is replaced; its records follow."""
    block = bytearray(header(name, len(RECORDS[LAST])))
    block[start : start + len(value)] = value
    if right_checksum:
        block[148:156] = b"%06o\0 " % (sum(block[:148]) + 8 * 32 + sum(block[156:]))
    return bytes(block) + entry("", RECORDS[LAST])[512:]


def note(kind: bytes, content: bytes) -> bytes:
    """A member that says something of the next one: a long name, or a pax header."""
    return header("note", len(content), kind) + content + bytes(-len(content) % 512)


def pax(**records: bytes) -> bytes:
    """A pax header with these records; a dot in a name is written as two underscores."""
    lines = (b" %s=%s\n" % (name.replace("__", ".").encode(), value) for name, value in records.items())
    return note(tarfile.XHDTYPE, b"".join(b"%d" % (len(line) + 3) + line for line in lines))


def as_test(entry_of_it: bytes) -> bytes:
    """An archive in which something else stands where the test images should."""
    return tar(entry_of_it, without=LAST)


def gzip_bomb(begin: bytes = b"") -> bytes:
    """Ten gigabytes of zeros behind a beginning."""
    return gzip.compress(begin) + gzip.compress(bytes(10 << 20)) * 1000


def gzip_named(name: bytes, content: bytes) -> bytes:
    """Gzip with the name of the file in its header."""
    packed = gzip.compress(content)
    return packed[:3] + b"\x08" + packed[4:10] + name + b"\0" + packed[10:]


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in RECORDS.items():
            file.writestr(ROOT + name, content)
    return buffer.getvalue()


RECORDS_OF_TEST = RECORDS[LAST]
PICKLE = pickle.dumps({"data": os.getcwd}, protocol=0)
REFUSED: dict[str, Make] = {
    "pax header that gives another member the name": lambda: as_test(pax(path=TEST.encode()) + entry("x", b"x")),
    "pax header that gives an empty member a size": lambda: as_test(pax(size=b"6146") + header(TEST)),
    "pax header of 5 MB": lambda: tar(pax(comment=bytes(5 << 20))),
    "pax header that makes a member sparse": lambda: as_test(
        pax(GNU__sparse__major=b"1", GNU__sparse__name=TEST.encode(), GNU__sparse__realsize=b"9" * 18)
        + entry("GNUSparseFile.0/x", b"1\n0\n512\n")
    ),
    "sparse member of 8 EiB": lambda: as_test(with_field(156, b"S") + bytes(512)),
    "long name of 5 MB": lambda: tar(note(tarfile.GNUTYPE_LONGNAME, b"x" * (5 << 20))),
    "long name that gives another member the name": lambda: as_test(
        note(tarfile.GNUTYPE_LONGNAME, TEST.encode() + b"\0") + entry("x", RECORDS_OF_TEST)
    ),
    "long name that breaks off": lambda: header("note", 1 << 20, tarfile.GNUTYPE_LONGNAME) + b"x" * 1_000,
    "size of ones": lambda: as_test(with_field(124, b"\xff" * 12)),
    "size of 2 ** 87": lambda: as_test(with_field(124, b"\x80" + b"\x7f" + bytes(10))),
    "size of letters": lambda: as_test(with_field(124, b"size of it \0")),
    "size of 8 GiB in octal digits": lambda: as_test(with_field(124, b"7" * 11)),
    "checksum of zeros": lambda: as_test(with_field(148, bytes(8), right_checksum=False)),
    "checksum of another header": lambda: as_test(with_field(0, b"d", right_checksum=False)),
    "header that breaks off": lambda: tar()[:200],
    "link in place of the folder": lambda: tar(header(ROOT[:-1], kind=tarfile.SYMTYPE, link="/")),
    "hard link to itself": lambda: as_test(header(TEST, kind=tarfile.LNKTYPE, link=TEST)),
    "device of the system": lambda: tar(header("dev/sda", kind=tarfile.BLKTYPE)),
    "folder with the file's name": lambda: as_test(header(TEST + "/", kind=tarfile.DIRTYPE)),
    "contiguous file": lambda: as_test(header(TEST, kind=tarfile.CONTTYPE)),
    "part of a multi-volume archive": lambda: as_test(with_field(156, b"M")),
    "the same member under ./": lambda: tar(entry("./" + TEST, RECORDS_OF_TEST)),
    "name that begins with NUL": lambda: as_test(with_field(0, b"\0" + TEST.encode())),
    "name that ends in a newline": lambda: as_test(entry(TEST + "\n", RECORDS_OF_TEST)),
    "name in other letters that look alike": lambda: as_test(entry(TEST.replace("e", "\u0435"), RECORDS_OF_TEST)),
    "name that is no text, of a pipe": lambda: tar(header("\udcff\udcfe\x1b[2J", kind=tarfile.FIFOTYPE)),
    "name with backslashes": lambda: as_test(entry(TEST.replace("/", "\\"), RECORDS_OF_TEST)),
    "name with two slashes": lambda: as_test(entry(TEST.replace("/", "//"), RECORDS_OF_TEST)),
    "archive in the archive": lambda: entry(ARCHIVE, tar()) + bytes(1024),
    "zip": zipped,
    "bare lzma": lambda: lzma.compress(tar(), format=lzma.FORMAT_ALONE),
    "gzip in gzip": lambda: gzip.compress(gzip.compress(tar())),
    "pickle in place of the archive": lambda: PICKLE,
    "pickle in place of the records": lambda: as_test(entry(TEST, (PICKLE * 3_073)[: 2 * 3_073])),
    "gzip bomb": gzip_bomb,
    "gzip bomb as another member": lambda: gzip_bomb(header("other", 10 << 30)),
    "gzip bomb after the last member": lambda: gzip_bomb(tar(end=b"")),
    "gzip bomb after the last member's end": lambda: gzip_bomb(tar()),
    "gzip bomb as a long name": lambda: gzip_bomb(header("note", 10 << 30, tarfile.GNUTYPE_LONGNAME)),
    "gzip bomb in a gzip bomb": lambda: gzip.compress(gzip_bomb()),
    "gzip in streams of a byte": lambda: b"".join(gzip.compress(bytes([byte])) for byte in tar()[:20_000]),
    "gzip whose file name has no end": lambda: gzip_named(b"x" * (50 << 20), b"")[:-50],
    "bzip2 bomb": lambda: bz2.compress(header("other", 1 << 30)) + bz2.compress(bytes(10 << 20)) * 100,
    "bzip2 bomb after the last member": lambda: bz2.compress(tar()) + bz2.compress(bytes(10 << 20)) * 100,
    "xz bomb": lambda: lzma.compress(header("other", 1 << 30)) + lzma.compress(bytes(10 << 20), preset=0) * 100,
    "xz bomb after the last member": lambda: lzma.compress(tar()) + lzma.compress(bytes(10 << 20), preset=0) * 100,
    "100,000 empty members": lambda: tar(header("empty") * 100_000),
    "100,000 folders": lambda: gzip.compress(tar(header("folder/", kind=tarfile.DIRTYPE) * 100_000), 1),
}
HARMLESS: dict[str, Make] = {
    "pax headers with absurd numbers": lambda: tar(
        *(pax(size=number, mtime=number) + entry("x") for number in NUMBERS)
    ),
    "pax header that gives the test images another size": lambda: as_test(
        pax(size=b"512") + entry(TEST, RECORDS_OF_TEST)
    ),
    "pax header that leads out": lambda: as_test(pax(path=b"../../x", linkpath=b"/") + entry(TEST, RECORDS_OF_TEST)),
    "pax header that breaks its own rules": lambda: tar(note(tarfile.XHDTYPE, b"99999999999 \xff=" + bytes(99))),
    "global pax header": lambda: tar(note(tarfile.XGLTYPE, b"30 size=99999999999999999999\n")),
    "long name of 2 MB": lambda: tar(note(tarfile.GNUTYPE_LONGNAME, b"x/" * (1 << 20))),
    "long name that leads out": lambda: tar(note(tarfile.GNUTYPE_LONGNAME, b"../../../x\0")),
    "long link to nowhere": lambda: tar(note(tarfile.GNUTYPE_LONGLINK, b"/x" * 500_000)),
    "folder with a size": lambda: tar(header("folder/", 1 << 40, tarfile.DIRTYPE)),
    "name that goes on after NUL": lambda: as_test(with_field(len(TEST), b"\0/../../x")),
    "archive beside the files": lambda: tar(entry(ARCHIVE, tar())),
    "unknown and Chinese names": lambda: tar(entry("说明.txt", b"x"), entry("\udcff\n", b"x")),
    "garbage after the end": lambda: tar() + b"garbage" * 9_999,
    "archive after the archive": lambda: tar() + tar(),
    "4,000 empty members": lambda: tar(header("empty") * 4_000),
    "gzip with a name of 1 MB": lambda: gzip_named(b"x" * (1 << 20), tar()),
    "gzip in streams of ten bytes": lambda: b"".join(
        gzip.compress(tar()[start : start + 10]) for start in range(0, len(tar()), 10)
    ),
    "xz without a checksum": lambda: lzma.compress(tar(), check=lzma.CHECK_NONE),
}
IDX = idx_bytes(made_images(3, seed=0)[0][..., 0])
MANY = idx_bytes(np.zeros((1, 28, 28), np.uint8))[:4] + (70_000).to_bytes(4, "big") + IDX[8:16]
IDX_BOMBS: dict[str, Make] = {
    "bomb": gzip_bomb,
    "bomb behind three images": lambda: gzip_bomb(IDX),
    "bomb behind 70,000 images": lambda: gzip_bomb(MANY),
    "bomb of labels": lambda: gzip_bomb(idx_bytes(np.zeros(3, np.uint8))),
    "bomb in a bomb": lambda: gzip.compress(gzip_bomb()),
    "bzip2 bomb": lambda: bz2.compress(IDX) + bz2.compress(bytes(10 << 20)) * 100,
    "xz bomb": lambda: lzma.compress(IDX) + lzma.compress(bytes(10 << 20), preset=0) * 100,
    "file name without an end": lambda: gzip_named(b"x" * (50 << 20), b"")[:-50],
    "streams of a byte": lambda: gzip.compress(IDX[:16]) + gzip.compress(b"\0") * 20_000,
    "archive": tar,
}


measures: dict[str, list[tuple[float, int]]] = {}


def measured(kind: str, read: Callable[[], object]) -> tuple[float, int]:
    """The seconds of the processor of a first reading, and the most bytes that a second one holds."""
    start = time.process_time()
    read()
    seconds = time.process_time() - start
    tracemalloc.start()
    read()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    measures.setdefault(kind, []).append((seconds, most))
    return seconds, most


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the file, below another; the current directory is beside it."""
    for name in ("here", "above/data"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "above/data"


def refuse(path: Path, read: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        read()
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert line.isprintable()
    assert len(line) < 1_000


@pytest.mark.parametrize("act", [lambda: pickle.loads(PICKLE), lambda: Path("x").mkdir(), lambda: Path("x").touch()])
def test_the_watch_sees_what_is_unpickled_and_written(act: Callable[[], object], folder: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError), watched(folder):
        act()


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_archive_is_refused_in_one_line(name: str, folder: Path) -> None:
    path = folder / ARCHIVE
    path.write_bytes(REFUSED[name]())
    with watched(folder.parent.parent):
        seconds, most = measured("hostile archives", lambda: refuse(path, lambda: Cifar10().read(folder)))
    assert is_quick(seconds)
    assert most < MOST_MEMORY


@pytest.mark.parametrize("name", HARMLESS)
def test_an_archive_that_is_only_odd_is_read_exactly(name: str, folder: Path) -> None:
    (folder / ARCHIVE).write_bytes(HARMLESS[name]())
    with watched(folder.parent.parent):
        seconds, most = measured("odd archives", lambda: check_made_up(Cifar10().read(folder)))
    assert is_quick(seconds)
    assert most < MOST_MEMORY


@pytest.mark.parametrize("name", IDX_BOMBS)
def test_a_bomb_as_an_idx_file_is_refused_in_one_line(name: str, folder: Path) -> None:
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(IDX_BOMBS[name]())
    with watched(folder.parent.parent):
        seconds, most = measured("bombs as IDX files", lambda: refuse(path, lambda: read_idx(path)))
    assert is_quick(seconds)
    assert most < MOST_IDX_MEMORY


def test_the_most_that_any_of_them_took_is_within_the_bounds(report: Report) -> None:
    assert_within_the_bounds(report)


def assert_within_the_bounds(report: Report) -> None:
    """Reports the most that any reading took of what was measured in this process."""
    if not measures:
        pytest.skip("none was read")
    for kind, figures in measures.items():
        seconds, most = (max(each) for each in zip(*figures, strict=True))
        report(f"the most that reading one of {len(figures)} {kind} takes", f"{seconds:.2f} s, {most / 1e6:.0f} MB")
        assert is_quick(seconds)
        assert most < MOST_IDX_MEMORY
