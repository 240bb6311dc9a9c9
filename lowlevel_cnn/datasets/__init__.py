"""Load data sets by name or path: files become validated uint8 arrays in three splits, and splits become batches.

Importing this package reads nothing and imports neither NumPy nor the network code.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lowlevel_cnn.datasets.decompression import exists
from lowlevel_cnn.datasets.user_settings import (
    DATA_VARIABLE,
    MIRROR_VARIABLE,
    cache_folder,
    given_folder,
    mirrors,
    wrong_with,
)
from lowlevel_cnn.errors import InputError

if TYPE_CHECKING:
    from lowlevel_cnn.datasets.batches import Split
    from lowlevel_cnn.datasets.cifar10 import Cifar10
    from lowlevel_cnn.datasets.mnist import IdxDataset

__all__ = [
    "DATA_VARIABLE",
    "MIRROR_VARIABLE",
    "NAMES",
    "Dataset",
    "check",
    "class_names",
    "fetch",
    "folder",
    "image_shape",
    "is_path",
    "load",
]

NAMES: tuple[str, ...] = ("mnist", "fashion-mnist", "cifar10", "drawn-digits")

_DRAWN = "drawn-digits"
_DRAWN_COUNTS = {"train": 20_000, "validation": 2_000, "test": 2_000}
_DRAWN_SEEDS = {"train": 1, "validation": 2, "test": 3}
_VALIDATION_COUNT = 5_000
_SMALL = 50_000  # training images; a set with fewer than the published ones holds out a twelfth


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in memory, in three splits; validation is the first of the published training images.

    If it was read from four IDX files, `idx_files` has their paths. `remarks` has what a user should know about how
    data of their own was read, a line each. If `validation_is_apart`, the images for validation are no training images,
    and are never trained on.
    """

    name: str
    class_names: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    idx_files: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()
    validation_is_apart: bool = False

    @cached_property
    def checksum(self) -> str:
        """The MD5, in hexadecimal digits, of all labels and pixels.

        The validation split's size does not change it, unless `validation_is_apart`.
        """
        digest = hashlib.md5(usedforsecurity=False)
        splits = (self.validation, self.train, self.test)
        for array in (*(split.labels for split in splits), *(split.images for split in splits)):
            digest.update(array.data)
        return digest.hexdigest()

    def holding_out(self, count: int) -> Dataset:
        """Return the data set with `count` images for validation, as `load` splits it.

        Raises:
            InputError: the validation is apart, and has fewer images.
        """
        if count == len(self.validation):
            return self
        import numpy as np

        from lowlevel_cnn.datasets.batches import Split

        if self.validation_is_apart:
            return replace(self, validation=_first(self.name, self.validation, count))
        images = np.concatenate([self.validation.images, self.train.images])
        labels = np.concatenate([self.validation.labels, self.train.labels])
        return replace(
            self, validation=Split(images[:count], labels[:count]), train=Split(images[count:], labels[count:])
        )


def is_path(name: str) -> bool:
    """Return whether a data set is the user's own, at a path, instead of one of `NAMES`."""
    if name in NAMES or not name:
        return False
    has_separator = any(each in name for each in ("/", os.sep, os.altsep) if each)
    return has_separator or name.lower().endswith(".npz") or exists(Path(name))


def image_shape(name: str) -> tuple[int, int, int]:
    """Return height, width and channels of the images of one of `NAMES`, without reading any."""
    return (28, 28, 1) if name == _DRAWN else _source(name).image_shape


def class_names(name: str) -> tuple[str, ...]:
    """Return the names of the classes of one of `NAMES`, in the order of the labels, without reading any data."""
    return _source("mnist" if name == _DRAWN else name).class_names


def folder(name: str, data_dir: str | None = None) -> Path:
    """Return the folder where the files of a data set are, or would be.

    It is `data_dir/<name>` or, if that lacks files and `data_dir` has them all, `data_dir` itself; without
    `data_dir` the same under $LOWLEVEL_CNN_DATA, and without that a folder in the user's cache directory.
    """
    base = given_folder(data_dir)
    if base is None:
        return cache_folder() / name
    named = base / name
    if name == _DRAWN or not _source(name).missing(named) or _source(name).missing(base):
        return named
    return base


def check(name: str, data_dir: str | None, mirror: str | None = None) -> None:
    """Check, without reading or downloading, that `load` can work with these arguments.

    Raises:
        InputError: there is no such data set, the mirror is not an http URL, or a folder given by
            `data_dir` or $LOWLEVEL_CNN_DATA is missing, not a directory, or without the data set's files.
            For a path: there is no data, or one of the other arguments is given.
    """
    if is_path(name):
        _check_path(name, data_dir, mirror)
        return
    if name not in NAMES:
        raise InputError(f"no data set named {name!r}; choose one of {', '.join(NAMES)}, or give a path")
    mirrors(name, mirror, ())
    base = given_folder(data_dir)
    if base is None or name == _DRAWN:
        return
    given = "--data-dir" if data_dir is not None else f"${DATA_VARIABLE}"
    if wrong := wrong_with(base):
        raise InputError(f"{base}: {wrong}; set {given} to a folder with {name}, or leave it out to download {name}")
    source = _source(name)
    if missing := min(source.missing(base / name), source.missing(base), key=len):
        remark = source.remark(base / name) or source.remark(base)
        raise InputError(
            f"{base}: neither it nor its subfolder {name} contains {', '.join(missing)}{remark}; set {given}"
            f" to a folder with {name}, or leave it out to download {name}"
        )


def fetch(name: str, data_dir: str | None = None, *, mirror: str | None = None) -> None:
    """Download the missing files of one of `NAMES`, unless the user has given the folder; read nothing.

    Raises:
        InputError: as in `check`, or the download failed.
    """
    check(name, data_dir, mirror)
    if name != _DRAWN and not is_path(name) and given_folder(data_dir) is None:
        source = _source(name)
        source.download(folder(name), mirrors(name, mirror, source.mirrors))


def load(
    name: str,
    data_dir: str | None = None,
    *,
    mirror: str | None = None,
    validation_count: int | None = None,
    image_shape: tuple[int, int, int] | None = None,
) -> Dataset:
    """Read a data set, downloading missing files unless the user has given the folder.

    Args:
        name: one of `NAMES`, or the path of IDX files, an `.npz` archive or a folder of pictures.
        data_dir: see `folder`; nothing is downloaded into it, nor into $LOWLEVEL_CNN_DATA.
        mirror: a base URL to download from; else $LOWLEVEL_CNN_MIRROR, else the known mirrors.
        validation_count: number of images, from the first, to hold out of training. By default 5,000, or a
            twelfth of a training set smaller than the published ones. Of `drawn-digits`, and of a folder with
            pictures for validation, the first of those images, by default all.
        image_shape: height, width and channels to which a folder of pictures is scaled, by default 28 x 28 grey.

    Raises:
        InputError: as in `check`, or the data is missing, broken or cannot be downloaded.
    """
    if validation_count is not None and validation_count < 0:
        raise InputError(f"{validation_count} validation images: must be 0 or more")
    fetch(name, data_dir, mirror=mirror)
    if name == _DRAWN:
        return _draw(validation_count)
    if is_path(name):
        return _read_path(name, validation_count, image_shape or (28, 28, 1))
    from lowlevel_cnn.datasets.batches import Split

    source, where = _source(name), folder(name, data_dir)
    train_images, train_labels, test_images, test_labels = source.read(where)
    validation, train = _held_out(where, Split(train_images, train_labels), validation_count)
    test = Split(test_images, test_labels)
    return Dataset(name, source.class_names, train, validation, test, tuple(source.idx_files(where)))


def _check_path(name: str, data_dir: str | None, mirror: str | None) -> None:
    from lowlevel_cnn.datasets import own_data

    for flag, given in (("--data-dir", data_dir), ("--mirror", mirror)):
        if given is not None:
            raise InputError(f"{flag}: does not apply to {name}, which is a path; leave it out")
    own_data.check(name)


def _read_path(name: str, validation_count: int | None, image_shape: tuple[int, int, int]) -> Dataset:
    from lowlevel_cnn.datasets import own_data

    read = own_data.read(name, image_shape)
    if read.validation is None:
        validation, train = _held_out(name, read.train, validation_count)
        own_data.check_rest(name, read.class_names, train)
    else:
        validation, train = _first(name, read.validation, validation_count), read.train
    is_apart = read.validation is not None
    return Dataset(name, read.class_names, train, validation, read.test, read.idx_files, read.remarks, is_apart)


def _held_out(where: object, images: Split, count: int | None) -> tuple[Split, Split]:
    """Return the first training images, `count` or the default number of them, for validation, and all others."""
    from lowlevel_cnn.datasets.batches import Split

    if count is None:
        count = _VALIDATION_COUNT if len(images) >= _SMALL else max(1, len(images) // 12)
    if count >= len(images):
        raise InputError(f"{where}: holding out {count:,} of {len(images):,} training images leaves none to train on")
    return Split(images.images[:count], images.labels[:count]), Split(images.images[count:], images.labels[count:])


def _first(where: str, images: Split, count: int | None) -> Split:
    """Return the first `count` of the images for validation, or all of them."""
    from lowlevel_cnn.datasets.batches import Split

    if count is not None and count > len(images):
        raise InputError(
            f"{count:,} validation images: {where} has only {len(images):,}; use a smaller validation_count"
        )
    return Split(images.images[:count], images.labels[:count])


def _draw(validation_count: int | None) -> Dataset:
    from lowlevel_cnn.datasets.batches import Split
    from lowlevel_cnn.datasets.drawn_digits import draw

    splits = {key: Split(*draw(count, _DRAWN_SEEDS[key])) for key, count in _DRAWN_COUNTS.items()}
    train, validation, test = splits.values()
    validation = _first(_DRAWN, validation, validation_count)
    return Dataset(_DRAWN, class_names(_DRAWN), train, validation, test, validation_is_apart=True)


def _source(name: str) -> IdxDataset | Cifar10:
    if name == "cifar10":
        from lowlevel_cnn.datasets.cifar10 import Cifar10

        return Cifar10()
    from lowlevel_cnn.datasets import mnist

    return {"mnist": mnist.MNIST, "fashion-mnist": mnist.FASHION_MNIST}[name]
