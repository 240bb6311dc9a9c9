"""Whatever happens to a reader's own data or to the pixels kept of it, reading gives sound arrays or one line."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest
from helpers.made_data import idx_bytes, made_images
from helpers.made_pictures import png_bytes, write_pictures
from helpers.torture import Report
from mutations import mutated, stamps, write_anew

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets import pixel_cache
from lowlevel_cnn.datasets.picture_folder import PictureFolder, find_pictures
from lowlevel_cnn.datasets.pixel_cache import PixelCache
from lowlevel_cnn.datasets.user_settings import cache_folder
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.batch_decoding import BatchDecoder
from lowlevel_cnn.tensorflow_v1 import tf

SHAPE = (28, 28, 1)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(tmp_path_factory.mktemp("cache"))
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, folder)


@pytest.fixture
def pictures(tmp_path: Path) -> PictureFolder:
    write_pictures(tmp_path / "pictures", 100)
    return find_pictures(tmp_path / "pictures")


def kept(pictures: PictureFolder) -> PixelCache:
    """The cache of these pictures, with pixels that tell whether they come back."""
    made = PixelCache(pictures, SHAPE)
    made.pixels[:] = np.arange(made.pixels.size).reshape(made.pixels.shape) % 251
    made.sizes[:] = 28
    return made


def cache_files() -> list[Path]:
    return sorted((cache_folder() / "pictures").iterdir())


def end_at(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    def ended(*arguments: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(module, name, ended)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_process_killed_while_it_keeps_the_pixels_leaves_none_or_all_of_them(
    moment: str, pictures: PictureFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache_folder() / "pictures").mkdir(parents=True)
    child = os.fork()
    if not child:
        with monkeypatch.context() as context:
            end_at(context, *((os, "fsync") if moment == "fsync" else (Path, "replace")))
            kept(pictures).write()
        os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    [left] = cache_files()
    assert not PixelCache(pictures, SHAPE).read()
    # The half file of a killed process is removed by a later one, once nobody can be writing it.
    os.utime(left, (0, 0))
    kept(pictures).write()
    [whole] = cache_files()
    assert whole != left
    found = PixelCache(pictures, SHAPE)
    assert found.read()
    np.testing.assert_array_equal(found.pixels, kept(pictures).pixels)


def test_pixels_that_were_kept_and_are_damaged_are_never_used(
    pictures: PictureFolder, full: bool, report: Report
) -> None:
    made = kept(pictures)
    made.write()
    [path] = cache_files()
    content, count, used = path.read_bytes(), 5_000 if full else 150, 0
    for number in range(count):
        changed = mutated(content, Random(f"cache {number}"))
        if changed != content:
            write_anew(path, changed)
            used += PixelCache(pictures, SHAPE).read()
    report("damaged caches of a folder's pictures whose pixels were used", f"{used} of {count:,}")
    assert used == 0


def test_a_damaged_cache_is_made_anew(pictures: PictureFolder) -> None:
    root = str(pictures.root)
    checksum = datasets.load(root).checksum
    [path] = cache_files()
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert datasets.load(root).checksum == checksum
    assert path.read_bytes() == content


def test_a_full_disk_leaves_no_half_file_and_the_pictures_are_read_anyway(
    pictures: PictureFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full_disk(path: Path, contents: memoryview) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(pixel_cache, "write_atomically", full_disk)
    assert len(datasets.load(str(pictures.root)).class_names) == 10
    assert "the pictures are read anew each time: [Errno 28] No space left" in capsys.readouterr().err
    assert cache_files() == []


def picture_files() -> dict[str, bytes]:
    image = made_images(1, 0, channels=3)[0][0]
    jpeg: bytes = tf.io.encode_jpeg(image).numpy()
    return {"a.png": png_bytes(image), "a.jpg": jpeg}


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_mutated_picture_gives_pixels_or_one_line(name: str, tmp_path: Path, full: bool, report: Report) -> None:
    content, path, decoder = picture_files()[name], tmp_path / name, BatchDecoder()
    outcomes: Counter[str] = Counter()
    for number in range(5_000 if full else 100):
        write_anew(path, mutated(content, Random(f"{name} {number}")))
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                [(index, pixels)] = decoder.read([path], [path.stat().st_size])
        except InputError as error:
            assert str(error).startswith(str(path)) and str(error).isprintable()
            outcomes["refused"] += 1
        else:
            assert (index, pixels.ndim, pixels.shape[2]) == (0, 3, 3) and pixels.dtype == np.uint8
            outcomes["read"] += 1
    report(f"mutations of {name} in a folder of pictures, read or refused in one line", f"{outcomes.total():,}")
    assert outcomes["read"] and outcomes["refused"]


def idx_set(folder: Path) -> str:
    images, labels = made_images(20, 0)
    for split in ("train", "test"):
        (folder / f"{split}-images-idx3-ubyte").write_bytes(idx_bytes(images[..., 0]))
        (folder / f"{split}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return str(folder)


def archive(folder: Path) -> str:
    images, labels = made_images(20, 0)
    np.savez(folder / "a.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return str(folder / "a.npz")


def floats(folder: Path) -> str:
    images, labels = made_images(20, 0)
    images = images.astype(np.float32) / 255
    np.savez_compressed(folder / "a.npz", x_train=images, y_train=labels[:, np.newaxis], x_test=images, y_test=labels)
    return str(folder / "a.npz")


@pytest.mark.parametrize("make", [idx_set, archive, floats])
def test_mutated_arrays_give_sound_ones_or_one_line(
    make: Callable[[Path], str], tmp_path: Path, full: bool, report: Report
) -> None:
    path = make(tmp_path)
    files = {each: each.read_bytes() for each in sorted(tmp_path.iterdir())}
    outcomes: Counter[str] = Counter()
    for number in range(20_000 if full else 250):
        random = Random(f"{make.__name__} {number}")
        changed = random.choice(list(files))
        write_anew(changed, mutated(files[changed], random))
        before = stamps(tmp_path)
        try:
            found = datasets.load(path, validation_count=0)
        except InputError as error:
            line = str(error)
            assert line.startswith(str(tmp_path)) and line.isprintable() and len(line) < 1000, (number, line)
            outcomes["refused"] += 1
        else:
            for split in (found.train, found.test):
                assert split.images.dtype == np.uint8 and split.images.shape[0] == len(split.labels)
                assert split.labels.max() < len(found.class_names)
            outcomes["read"] += 1
        assert stamps(tmp_path) == before
        write_anew(changed, files[changed])
    report(f"mutations of a reader's own {make.__name__}, read or refused in one line", f"{outcomes.total():,}")
    assert outcomes["read"] and outcomes["refused"]
