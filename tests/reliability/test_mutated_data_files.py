"""Whatever changes in a data set's file, reading gives sound arrays or one line that names the file."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest
from helpers.made_data import CIFAR10_FILES, cifar10_records, idx_bytes, made_images
from helpers.processor_time import is_quick
from helpers.torture import Report
from mutations import mutated, stamps, write_anew

from lowlevel_cnn.datasets.cifar10 import Cifar10
from lowlevel_cnn.datasets.mnist import MNIST, IdxDataset
from lowlevel_cnn.errors import InputError

MOST_MEMORY = 16 << 20  # bytes; the data has some thousand, which deflate may blow up a thousandfold
FIELDS = ((0, 100), (100, 8), (124, 12), (124, 12), (148, 8), (156, 1), (157, 100), (257, 8), (345, 155))
FIELD_VALUES = (
    b"",
    b"0",
    b"1",
    b"17777777777",
    b"37777777777",
    b"-1",
    b"\xff" * 12,
    b"\x80" + b"\xff" * 11,
    b"x" * 155,
)

Mutate = Callable[[bytes, Random], bytes]
Pack = Callable[[bytes], bytes]


def idx_files(pack: Pack) -> dict[str, bytes]:
    """The four files of a small MNIST."""
    pairs = (made_images(count, seed=count) for count in (4, 3))
    arrays = [array for images, labels in pairs for array in (images[..., 0], labels)]
    return {name: pack(idx_bytes(array)) for name, array in zip(MNIST.checksums, arrays, strict=True)}


def cifar10_files() -> dict[str, bytes]:
    """The six files of a small CIFAR-10."""
    return {name: cifar10_records(1, seed=number) for number, name in enumerate(CIFAR10_FILES)}


def archive() -> bytes:
    """The tar archive of a small CIFAR-10."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        for name, content in cifar10_files().items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return buffer.getvalue()[: -tarfile.RECORDSIZE // 2]


def npz_files(save: Callable[..., None]) -> dict[str, bytes]:
    """The archive of arrays of a small MNIST."""
    buffer, arrays = io.BytesIO(), {}
    for count, split in ((4, "train"), (3, "test")):
        images, arrays[f"y_{split}"] = made_images(count, seed=count)
        arrays[f"x_{split}"] = images[..., 0]
    save(buffer, **arrays)
    return {MNIST.archive: buffer.getvalue()}


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=1, mtime=0)


def xz(content: bytes) -> bytes:
    return lzma.compress(content, preset=0)


def tar_mutated(content: bytes, random: Random) -> bytes:
    """The archive after a change of some bytes, of a field in a header with a right checksum, or of both."""
    if random.random() < 0.7:
        start = random.choice(range(0, len(content) - 4096, 4096))
        begin, length = random.choice(FIELDS)
        value = random.choice((*FIELD_VALUES, random.randbytes(length)))[:length].ljust(length, b"\0")
        header = bytearray(content[start : start + 512])
        header[begin : begin + length] = value
        if random.random() < 0.9:
            header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * 32 + sum(header[156:]))
        content = content[:start] + header + content[start + 512 :]
        if random.random() < 0.8:
            return content
    return mutated(content, random)


def inside(unpack: Pack, pack: Pack, mutate: Mutate) -> Mutate:
    """Changes what is packed in one of three cases, else the packed bytes, of which the checksum tells."""

    def change(content: bytes, random: Random) -> bytes:
        return pack(mutate(unpack(content), random)) if random.random() < 1 / 3 else mutated(content, random)

    return change


Kind = tuple[IdxDataset | Cifar10, Callable[[], dict[str, bytes]], Mutate]
TAR = "cifar-10-binary.tar"
KINDS: dict[str, Kind] = {
    "IDX": (MNIST, lambda: idx_files(bytes), mutated),
    "gzipped IDX": (MNIST, lambda: idx_files(gzipped), inside(gzip.decompress, gzipped, mutated)),
    "npz": (MNIST, lambda: npz_files(np.savez), mutated),
    "compressed npz": (MNIST, lambda: npz_files(np.savez_compressed), mutated),
    "CIFAR-10": (Cifar10(), cifar10_files, mutated),
    "tar": (Cifar10(), lambda: {TAR: archive()}, tar_mutated),
    "tar.gz": (Cifar10(), lambda: {TAR: gzipped(archive())}, inside(gzip.decompress, gzipped, tar_mutated)),
    "tar.xz": (Cifar10(), lambda: {TAR: xz(archive())}, inside(lzma.decompress, xz, tar_mutated)),
    "tar.bz2": (Cifar10(), lambda: {TAR: bz2.compress(archive())}, inside(bz2.decompress, bz2.compress, tar_mutated)),
}


def outcome(source: IdxDataset | Cifar10, folder: Path) -> str:
    """`read` or `refused`, whichever happens as it should; anything else is what went wrong."""
    try:
        with contextlib.redirect_stderr(io.StringIO()) as warnings:
            arrays = source.read(folder)
    except InputError as error:
        line = str(error)
        named = line.startswith(str(folder)) and any(path.name in line for path in folder.iterdir())
        return "refused" if named and line.isprintable() and len(line) < 1000 else f"said {line!r}"
    except BaseException as error:
        return f"raised {error!r:.300}"
    if len(warnings.getvalue().splitlines()) > 1:
        return f"warned {warnings.getvalue()!r}"
    pairs = zip(arrays[::2], arrays[1::2], strict=True)
    return "read" if all(are_sound(*pair, source.image_shape) for pair in pairs) else "gave unsound arrays"


def are_sound(images: np.ndarray, labels: np.ndarray, shape: tuple[int, int, int]) -> bool:
    kinds = images.dtype == labels.dtype == np.uint8
    return bool(kinds and images.shape == (len(labels), *shape) and len(labels) and labels.max() <= 9)


@pytest.mark.parametrize("name", KINDS)
def test_a_mutated_file_gives_sound_arrays_or_one_line(name: str, tmp_path: Path, full: bool, report: Report) -> None:
    source, make, mutate = KINDS[name]
    files, count = make(), (100_000 if full else 3_000) // len(KINDS) + 1
    for each, content in files.items():
        write_anew(tmp_path / each, content)
    outcomes: Counter[str] = Counter()
    wrong, slowest, most = [], 0.0, 0
    tracemalloc.start()
    for number in range(count):
        # The name and the number alone make the mutation.
        random = Random(f"{name} {number}")
        changed = random.choice(list(files))
        write_anew(tmp_path / changed, mutate(files[changed], random))
        before = stamps(tmp_path)
        tracemalloc.reset_peak()
        held, began = tracemalloc.get_traced_memory()[0], time.process_time()
        found = outcome(source, tmp_path)
        seconds, memory = time.process_time() - began, tracemalloc.get_traced_memory()[1] - held
        slowest, most = max(slowest, seconds), max(most, memory)
        outcomes[found] += 1
        if found not in ("read", "refused") or not is_quick(seconds) or memory > MOST_MEMORY:
            wrong.append(f"{name} {number}: {found} in {seconds:.1f} s with {memory:,} bytes")
        if stamps(tmp_path) != before:
            wrong.append(f"{name} {number}: changed the folder")
        write_anew(tmp_path / changed, files[changed])
    tracemalloc.stop()
    report(
        f"mutations of {name} files that gave anything but sound arrays or one line",
        f"{len(wrong)} of {count:,} ({outcomes['refused']:,} refused; at most {slowest:.2f} s, {most / 1e6:.1f} MB)",
    )
    assert not wrong, "\n".join(wrong[:20])
    assert outcomes["read"] and outcomes["refused"], "the mutations are all harmless or all are not"
