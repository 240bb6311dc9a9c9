"""CIFAR-10: records become images, and no archive, however hostile, does more than give one clear line."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import CIFAR10_FILES, cifar10_records, made_images, write_cifar10
from helpers.processor_time import is_quick
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn.datasets.cifar10 import Cifar10
from lowlevel_cnn.errors import InputError

ROOT = "cifar-10-batches-bin/"
RECORDS = {name: cifar10_records(2, seed=number) for number, name in enumerate(CIFAR10_FILES)}
ARCHIVE = "cifar-10-binary.tar"


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = size, kind, link
    return member.tobuf(tarfile.GNU_FORMAT)


def entry(name: str, content: bytes = b"") -> bytes:
    return header(name, len(content)) + content + bytes(-len(content) % 512)


def tar(*first: bytes, without: str = "", prefix: str = ROOT, end: bytes = bytes(1024)) -> bytes:
    """An archive of the made-up records, after the entries `first`."""
    rest = (entry(prefix + name, content) for name, content in RECORDS.items() if name != without)
    return b"".join([*first, *rest, end])


def write(folder: Path, content: bytes, name: str = ARCHIVE) -> Path:
    (folder / name).write_bytes(content)
    return folder


def check_made_up(arrays: tuple[np.ndarray, ...]) -> None:
    train_images, train_labels, test_images, test_labels = arrays
    assert train_images.dtype == train_labels.dtype == test_images.dtype == test_labels.dtype == np.uint8
    for number in range(5):
        images, labels = made_images(2, seed=number, size=32, channels=3)
        np.testing.assert_array_equal(train_images[2 * number : 2 * number + 2], images)
        np.testing.assert_array_equal(train_labels[2 * number : 2 * number + 2], labels)
    np.testing.assert_array_equal(test_images, made_images(2, seed=5, size=32, channels=3)[0])


def test_a_record_is_a_label_and_the_red_green_and_blue_planes_row_by_row(tmp_path: Path) -> None:
    record = bytes([7, *([1] * 1024), *([2] * 1024), *([3] * 1024)])
    record = record[:2] + b"\x09" + record[3:]  # the second red pixel of the first row
    write_cifar10(tmp_path, records_per_file=1)
    (tmp_path / ROOT / "test_batch.bin").write_bytes(record)
    _, _, images, labels = Cifar10().read(tmp_path)
    assert labels.tolist() == [7]
    assert images[0, 0, 1].tolist() == [9, 2, 3]
    assert (np.delete(images[0].reshape(-1, 3), 1, axis=0) == [1, 2, 3]).all()


@pytest.mark.parametrize("inside", [True, False], ids=["folder above", "folder itself"])
def test_an_unpacked_folder_is_read(tmp_path: Path, inside: bool) -> None:
    write_cifar10(tmp_path, records_per_file=2)
    folder = tmp_path if inside else tmp_path / ROOT
    assert Cifar10().missing(folder) == []
    check_made_up(Cifar10().read(folder))


@pytest.mark.parametrize(
    ("ending", "pack"),
    [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress)],
    ids=["tar", "gz", "xz", "bz2"],
)
@pytest.mark.parametrize("prefix", [ROOT, "./" + ROOT])
def test_an_archive_of_any_compression_is_read_without_extracting_it(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes], prefix: str
) -> None:
    folder = entry(prefix + "batches.meta.txt", b"airplane\n")
    write(tmp_path, pack(tar(header(prefix, kind=tarfile.DIRTYPE), folder, prefix=prefix)), ARCHIVE + ending)
    check_made_up(Cifar10().read(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [ARCHIVE + ending]


def test_an_archive_that_tarfile_itself_wrote_is_read_in_each_format(tmp_path: Path) -> None:
    for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(tmp_path / ARCHIVE, "w", format=kind) as archive:
            for name, content in RECORDS.items():
                member = tarfile.TarInfo(ROOT + name)
                member.size, member.mtime = len(content), 1.5
                archive.addfile(member, io.BytesIO(content))
        check_made_up(Cifar10().read(tmp_path))


def test_compression_in_several_streams_is_read_as_one(tmp_path: Path) -> None:
    content = tar()
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        write(tmp_path, pack(content[:5_000]) + pack(content[5_000:]))
        check_made_up(Cifar10().read(tmp_path))


TEST = ROOT + "test_batch.bin"
GZ, XZ, BZ2 = (pack(tar()) for pack in (gzip.compress, lzma.compress, bz2.compress))
HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty file": lambda: b"",
    "no tar": lambda: b"not a tar archive" * 100,
    "zeros only": lambda: bytes(10_240),
    "no end": lambda: tar(end=b""),
    "truncated tar": lambda: tar()[:-8_000],
    "truncated gzip": lambda: GZ[:-1_000],
    "truncated gzip trailer": lambda: GZ[:-1],
    "truncated xz": lambda: XZ[:-20],
    "truncated bzip2": lambda: BZ2[:-20],
    "gzip of garbage": lambda: gzip.compress(os.urandom(2_000)),
    "wrong gzip checksum": lambda: GZ[:-8] + bytes(4) + GZ[-4:],
    "flipped bit in xz": lambda: XZ[:500] + bytes([XZ[500] ^ 1]) + XZ[501:],
    "flipped bit in bzip2": lambda: BZ2[:500] + bytes([BZ2[500] ^ 1]) + BZ2[501:],
    "flipped bit in a header": lambda: bytes([tar()[0] ^ 1]) + tar()[1:],
    "garbage after gzip": lambda: GZ + b"garbage",
    "a million empty gzip members": lambda: gzip.compress(b"") * 1_000_000,
    "a million empty bzip2 streams": lambda: bz2.compress(b"") * 1_000_000,
    "xz that asks for 128 MiB": lambda: lzma.compress(
        tar(), filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 128 << 20}]
    ),
    "parent directory": lambda: tar(entry("../" + TEST, RECORDS["test_batch.bin"]), without="test_batch.bin"),
    "parent in the middle": lambda: tar(entry(f"{ROOT}x/../test_batch.bin", b"x")),
    "parent after ./": lambda: tar(entry("./../x", b"x")),
    "absolute name": lambda: tar(entry("/" + TEST, RECORDS["test_batch.bin"]), without="test_batch.bin"),
    "absolute other name": lambda: tar(entry("/etc/passwd", b"root")),
    "symbolic link": lambda: tar(header(TEST, kind=tarfile.SYMTYPE, link="/etc/passwd"), without="test_batch.bin"),
    "hard link": lambda: tar(header(TEST, kind=tarfile.LNKTYPE, link="/etc/passwd"), without="test_batch.bin"),
    "hard link to a member": lambda: tar(
        header(TEST, kind=tarfile.LNKTYPE, link=ROOT + "data_batch_1.bin"), without="test_batch.bin"
    ),
    "character device": lambda: tar(header(TEST, kind=tarfile.CHRTYPE), without="test_batch.bin"),
    "block device": lambda: tar(header(TEST, kind=tarfile.BLKTYPE), without="test_batch.bin"),
    "named pipe": lambda: tar(header(TEST, kind=tarfile.FIFOTYPE), without="test_batch.bin"),
    "directory as a file": lambda: tar(header(TEST, kind=tarfile.DIRTYPE), without="test_batch.bin"),
    "sparse file": lambda: tar(header(TEST, kind=tarfile.GNUTYPE_SPARSE), without="test_batch.bin"),
    "unknown type": lambda: tar(header(TEST, kind=b"Z"), without="test_batch.bin"),
    "link elsewhere": lambda: tar(header("link", kind=tarfile.SYMTYPE, link="/")),
    "twice": lambda: tar(entry(TEST, RECORDS["test_batch.bin"])),
    "one missing": lambda: tar(without="data_batch_3.bin"),
    "another folder": lambda: tar(prefix="elsewhere/" + ROOT),
    "no folder": lambda: tar(prefix=""),
    "pickled": lambda: tar(entry("cifar-10-batches-py/data_batch_1", b"cos\nsystem\n(S'id'\ntR.")),
    "empty member": lambda: tar(entry(TEST), without="test_batch.bin"),
    "half a record": lambda: tar(entry(TEST, bytes(3_072)), without="test_batch.bin"),
    "one byte more": lambda: tar(entry(TEST, bytes(3_074)), without="test_batch.bin"),
    "10,001 records announced": lambda: tar(header(TEST, 10_001 * 3_073), without="test_batch.bin"),
    "8 EiB announced": lambda: tar(header(TEST, 1 << 62), without="test_batch.bin"),
    "negative size": lambda: tar(header(TEST, -512), without="test_batch.bin"),
    "negative size of another": lambda: tar(header("other", -3_072)),
    "all records announced, none there": lambda: header(TEST, 10_000 * 3_073),
    "8 EiB of another member": lambda: tar(header("other", 1 << 62)),
    "8 EiB of a note": lambda: tar(header("pax", 1 << 62, kind=tarfile.XHDTYPE)),
    "8 EiB of a long name": lambda: tar(header("long", 1 << 62, kind=tarfile.GNUTYPE_LONGNAME)),
    "negative size of a note": lambda: tar(header("pax", -512, kind=tarfile.XGLTYPE)) + bytes(20 << 20),
    "gzip bomb": lambda: gzip.compress(header("other", 1 << 30) + bytes(200 << 20), 1),
    "gzip bomb in a note": lambda: gzip.compress(header("x", 1 << 30, tarfile.XHDTYPE) + bytes(200 << 20), 1),
    "gzip bomb after the end": lambda: gzip.compress(tar() + bytes(200 << 20), 1),
    "bzip2 bomb after the end": lambda: bz2.compress(tar() + bytes(60 << 20)),
    "xz bomb after the end": lambda: lzma.compress(tar() + bytes(60 << 20), preset=0),
    "thousands of empty members": lambda: gzip.compress(tar(header("empty") * 100_000)),
    "label 10": lambda: tar(entry(TEST, b"\x0a" + bytes(3_072)), without="test_batch.bin"),
    "control characters in the name": lambda: tar(header("\x1b[2J\n", kind=tarfile.SYMTYPE)),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_archive_is_one_clear_error_soon(tmp_path: Path, make: Callable[[], bytes]) -> None:
    write(tmp_path, make())
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        Cifar10().read(tmp_path)
    assert is_quick(time.process_time() - start)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / ARCHIVE))
    assert message.isprintable()
    assert [path.name for path in tmp_path.iterdir()] == [ARCHIVE]


@pytest.mark.parametrize("name", [name for name in HOSTILE if "bomb" in name or "announced" in name or "EiB" in name])
def test_a_bomb_takes_less_memory_than_the_data_set_would(tmp_path: Path, name: str) -> None:
    write(tmp_path, HOSTILE[name]())
    tracemalloc.start()
    with pytest.raises(InputError):
        Cifar10().read(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 << 20


@pytest.mark.parametrize("content", [b"", bytes(3_072), bytes(3_074), b"\x0a" + bytes(3_072), bytes(10_001 * 3_073)])
def test_a_wrong_file_in_the_folder_is_named(tmp_path: Path, content: bytes) -> None:
    write_cifar10(tmp_path, records_per_file=1)
    (tmp_path / ROOT / "data_batch_4.bin").write_bytes(content)
    with pytest.raises(InputError, match=r"data_batch_4\.bin"):
        Cifar10().read(tmp_path)


def test_files_missing_from_the_folder_are_named(tmp_path: Path) -> None:
    assert Cifar10().missing(tmp_path) == ["cifar-10-binary.tar.gz"]
    write_cifar10(tmp_path, records_per_file=1)
    (tmp_path / ROOT / "data_batch_4.bin").unlink()
    assert Cifar10().missing(tmp_path) == ["data_batch_4.bin"]


def test_the_pickled_version_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"")
    assert "pickled" in Cifar10().remark(tmp_path)
    write(tmp_path, HOSTILE["pickled"]())
    with pytest.raises(InputError, match=r"pickled version.*binary version instead, cifar-10-binary\.tar\.gz"):
        Cifar10().read(tmp_path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@given(
    changes=st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 2_000),
)
@settings(max_examples=60, deadline=None)
def test_a_mutated_archive_gives_the_images_or_one_clear_error(
    pack: Callable[[bytes], bytes], changes: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(pack(tar()))
    for place, value in changes:
        content[place % 512 if place % 2 else place % len(content)] = value
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), bytes(content[: len(content) - max(0, cut - 1_000)]))
        try:
            train_images, train_labels, test_images, test_labels = Cifar10().read(Path(folder))
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert train_images.shape == (10, 32, 32, 3)
            assert test_images.shape == (2, 32, 32, 3)
            assert max(train_labels.max(), test_labels.max()) <= 9
