"""IDX files: good ones are read exactly, and bad ones give one clear line, unread."""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import idx_bytes, made_images
from helpers.processor_time import is_quick
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lowlevel_cnn.datasets.idx import idx_checksum, read_idx
from lowlevel_cnn.errors import InputError

IMAGES = made_images(3, seed=0)[0][..., 0]
LABELS = np.arange(5, dtype=np.uint8)
GOOD = idx_bytes(IMAGES)


def refused(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "file-idx"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_idx(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("array", [IMAGES, LABELS], ids=["images", "labels"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_a_good_file_is_read_exactly_whatever_its_name(
    tmp_path: Path, array: np.ndarray, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "any-name"
    path.write_bytes(pack(idx_bytes(array)))
    read = read_idx(path)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array)


def test_gzip_in_several_members_is_read_as_one_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(GOOD[:100]) + gzip.compress(GOOD[100:]))
    np.testing.assert_array_equal(read_idx(path), IMAGES)


def test_the_checksum_is_that_of_the_uncompressed_file() -> None:
    assert idx_checksum(IMAGES) == hashlib.md5(GOOD).hexdigest()
    assert idx_checksum(LABELS) == hashlib.md5(idx_bytes(LABELS)).hexdigest()


def test_a_wrong_magic_number_is_named(tmp_path: Path) -> None:
    assert "0x00000d03" in refused(tmp_path, b"\0\0\x0d\x03" + GOOD[4:])


@pytest.mark.parametrize("count", [0, 70_001, 2**31, 2**32 - 1])
def test_an_absurd_count_is_refused_before_the_body_is_read(tmp_path: Path, count: int) -> None:
    assert f"declares {count:,} examples" in refused(tmp_path, struct.pack(">4I", 0x803, count, 28, 28))


@pytest.mark.parametrize("size", [(27, 28), (28, 2**31), (0, 0), (2**32 - 1, 2**32 - 1)])
def test_images_of_another_size_are_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    assert "expected 28x28" in refused(tmp_path, struct.pack(">4I", 0x803, 3, *size))


@pytest.mark.parametrize("length", [0, 1, 3, 4, 7, 15, 16, 17, len(GOOD) - 1])
def test_a_truncated_file_is_refused(tmp_path: Path, length: int) -> None:
    assert "is truncated" in refused(tmp_path, GOOD[:length])


def test_a_truncated_gzip_is_one_clear_error(tmp_path: Path) -> None:
    packed = gzip.compress(GOOD)
    for length in (2, 5, 10, 11, 100, len(packed) - 9, len(packed) - 8, len(packed) - 1):
        assert "is truncated" in refused(tmp_path, packed[:length])


def test_a_wrong_gzip_checksum_is_one_clear_error(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(GOOD))
    packed[-8] ^= 1
    assert "incorrect data check" in refused(tmp_path, bytes(packed))


@pytest.mark.parametrize(
    "content",
    [GOOD + b"\0", gzip.compress(GOOD + b"\0"), gzip.compress(GOOD) + b"rest", gzip.compress(GOOD) * 2],
    ids=["plain", "in the gzip", "after the gzip", "twice"],
)
def test_bytes_after_the_end_are_refused(tmp_path: Path, content: bytes) -> None:
    assert "has extra bytes after" in refused(tmp_path, content)


def test_a_bomb_is_not_inflated_beyond_what_its_header_promises(tmp_path: Path) -> None:
    bomb = gzip.compress(GOOD + bytes(200 << 20), compresslevel=9)
    tracemalloc.start()
    start = time.process_time()
    assert "has extra bytes after" in refused(tmp_path, bomb)
    seconds, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert is_quick(seconds)
    assert peak < 2 << 20


def test_millions_of_empty_gzip_members_end_soon(tmp_path: Path) -> None:
    start = time.process_time()
    assert "has extra bytes after" in refused(tmp_path, gzip.compress(b"") * 1_000_000)
    assert is_quick(time.process_time() - start)


def test_a_file_larger_than_any_data_set_is_not_opened_for_reading(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="expected at most"):
        read_idx(path)


def test_a_missing_file_and_a_directory_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_idx(tmp_path / "missing")
    with pytest.raises(InputError, match="not a regular file"):
        read_idx(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_named_pipe_does_not_make_the_reader_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a regular file"):
        read_idx(tmp_path / "pipe")


def read_or_refuse(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(content)
        try:
            array = read_idx(path)
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert array.dtype == np.uint8
            assert array.ndim == 1 or (array.ndim == 3 and array.shape[1:] == (28, 28))


@given(st.binary(max_size=200) | st.binary(max_size=60).map(gzip.compress))
@example(b"\x1f\x8b")
@example(b"BZh9")
@example(b"\xfd7zXZ\x00")
@settings(max_examples=200, deadline=None)
def test_random_bytes_give_an_array_or_one_clear_error(content: bytes) -> None:
    read_or_refuse(content)


@given(
    packed=st.booleans(),
    changes=st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 5_000),
)
@settings(max_examples=300, deadline=None)
def test_a_mutated_file_gives_an_array_or_one_clear_error(
    packed: bool, changes: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(gzip.compress(GOOD, mtime=0) if packed else GOOD)
    for place, value in changes:
        content[place % len(content)] = value
    read_or_refuse(bytes(content[: len(content) - cut % 50]))
