"""Load data sets by name: files become validated uint8 arrays in three splits, and splits become batches.

Importing this package reads nothing and imports neither NumPy nor the network code.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.paths import expand_user

if TYPE_CHECKING:
    from lowlevel_cnn.datasets.batches import Split
    from lowlevel_cnn.datasets.cifar10 import Cifar10
    from lowlevel_cnn.datasets.mnist import IdxDataset

NAMES: tuple[str, ...] = ("mnist", "fashion-mnist", "cifar10", "drawn-digits")
DATA_VARIABLE = "LOWLEVEL_CNN_DATA"
MIRROR_VARIABLE = "LOWLEVEL_CNN_MIRROR"

_DRAWN = "drawn-digits"
_DRAWN_COUNTS = {"train": 20_000, "validation": 2_000, "test": 2_000}
_DRAWN_SEEDS = {"train": 1, "validation": 2, "test": 3}
_VALIDATION_COUNT = 5_000
_SMALL = 50_000  # training images; a set with fewer than the published ones holds out a twelfth


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in memory, in three splits; validation is the first of the published training images.

    If it was read from MNIST's four IDX files, `idx_files` has their paths.
    """

    name: str
    class_names: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    idx_files: tuple[Path, ...] = ()

    @cached_property
    def checksum(self) -> str:
        """The MD5, in hexadecimal digits, of all labels and pixels; the validation split's size does not change it."""
        digest = hashlib.md5(usedforsecurity=False)
        splits = (self.validation, self.train, self.test)
        for array in (*(split.labels for split in splits), *(split.images for split in splits)):
            digest.update(array.data)
        return digest.hexdigest()

    def holding_out(self, count: int) -> Dataset:
        """Return the data set with the first `count` of its training images held out, as `load` splits it."""
        if count == len(self.validation):
            return self
        import numpy as np

        from lowlevel_cnn.datasets.batches import Split

        if self.name == _DRAWN:
            # Its images to hold out are never trained on.
            return replace(self, validation=Split(self.validation.images[:count], self.validation.labels[:count]))
        images = np.concatenate([self.validation.images, self.train.images])
        labels = np.concatenate([self.validation.labels, self.train.labels])
        return replace(
            self, validation=Split(images[:count], labels[:count]), train=Split(images[count:], labels[count:])
        )


def image_shape(name: str) -> tuple[int, int, int]:
    """Return height, width and channels of a data set's images, without reading any."""
    return (28, 28, 1) if name == _DRAWN else _source(name).image_shape


def class_names(name: str) -> tuple[str, ...]:
    """Return the names of a data set's classes, in the order of the labels, without reading any data."""
    return _source("mnist" if name == _DRAWN else name).class_names


def folder(name: str, data_dir: str | None = None) -> Path:
    """Return the folder where the files of a data set are, or would be.

    It is `data_dir/<name>` or, if that lacks files and `data_dir` has them all, `data_dir` itself; without
    `data_dir` the same under $LOWLEVEL_CNN_DATA, and without that a folder in the user's cache directory.
    """
    base = _given_folder(data_dir)
    if base is None:
        return _cache_folder() / "lowlevel-cnn" / name
    named = base / name
    if name == _DRAWN or not _source(name).missing(named) or _source(name).missing(base):
        return named
    return base


def check(name: str, data_dir: str | None, mirror: str | None = None) -> None:
    """Check, without reading or downloading, that `load` can work with these arguments.

    Raises:
        InputError: there is no such data set, the mirror is not an http URL, or a folder given by
            `data_dir` or $LOWLEVEL_CNN_DATA is missing, not a directory, or without the data set's files.
    """
    if name not in NAMES:
        raise InputError(f"no data set named {name!r}; choose one of {', '.join(NAMES)}")
    _mirrors(name, mirror, ())
    base = _given_folder(data_dir)
    if base is None or name == _DRAWN:
        return
    given = "--data-dir" if data_dir is not None else f"${DATA_VARIABLE}"
    if wrong := _wrong_with(base):
        raise InputError(f"{base}: {wrong}; set {given} to a folder with {name}, or leave it out to download {name}")
    source = _source(name)
    if missing := min(source.missing(base / name), source.missing(base), key=len):
        remark = source.remark(base / name) or source.remark(base)
        raise InputError(
            f"{base}: neither it nor its subfolder {name} contains {', '.join(missing)}{remark}; set {given}"
            f" to a folder with {name}, or leave it out to download {name}"
        )


def fetch(name: str, data_dir: str | None = None, *, mirror: str | None = None) -> None:
    """Download the missing files of a data set, unless the user has given the folder; read nothing.

    Raises:
        InputError: as in `check`, or the download failed.
    """
    check(name, data_dir, mirror)
    if name != _DRAWN and _given_folder(data_dir) is None:
        source = _source(name)
        source.download(folder(name), _mirrors(name, mirror, source.mirrors))


def load(
    name: str,
    data_dir: str | None = None,
    *,
    mirror: str | None = None,
    validation_count: int | None = None,
) -> Dataset:
    """Read a data set, downloading missing files unless the user has given the folder.

    Args:
        name: one of `NAMES`.
        data_dir: see `folder`; nothing is downloaded into it, nor into $LOWLEVEL_CNN_DATA.
        mirror: a base URL to download from; else $LOWLEVEL_CNN_MIRROR, else the known mirrors.
        validation_count: number of images, from the first, to hold out of training. By default 5,000, or a
            twelfth of a training set smaller than the published ones. For `drawn-digits` at most 2,000.

    Raises:
        InputError: as in `check`, or the data is missing, broken or cannot be downloaded.
    """
    if validation_count is not None and validation_count < 0:
        raise InputError(f"{validation_count} validation images: must be 0 or more")
    fetch(name, data_dir, mirror=mirror)
    if name == _DRAWN:
        return _draw(validation_count)
    source, where = _source(name), folder(name, data_dir)
    train_images, train_labels, test_images, test_labels = source.read(where)
    count = len(train_labels)
    if validation_count is None:
        validation_count = _VALIDATION_COUNT if count >= _SMALL else max(1, count // 12)
    if validation_count >= count:
        raise InputError(
            f"{where}: holding out {validation_count:,} of {count:,} training images leaves none to train on"
        )

    from lowlevel_cnn.datasets.batches import Split

    return Dataset(
        name=name,
        class_names=source.class_names,
        train=Split(train_images[validation_count:], train_labels[validation_count:]),
        validation=Split(train_images[:validation_count], train_labels[:validation_count]),
        test=Split(test_images, test_labels),
        idx_files=tuple(source.idx_files(where)),
    )


def _draw(validation_count: int | None) -> Dataset:
    from lowlevel_cnn.datasets.batches import Split
    from lowlevel_cnn.datasets.drawn_digits import draw

    if validation_count is not None and validation_count > _DRAWN_COUNTS["validation"]:
        raise InputError(f"{validation_count:,} validation images: {_DRAWN} has only {_DRAWN_COUNTS['validation']:,}")
    splits = {key: Split(*draw(count, _DRAWN_SEEDS[key])) for key, count in _DRAWN_COUNTS.items()}
    train, validation, test = splits.values()
    validation = Split(validation.images[:validation_count], validation.labels[:validation_count])
    return Dataset(_DRAWN, class_names(_DRAWN), train, validation, test)


def _source(name: str) -> IdxDataset | Cifar10:
    if name == "cifar10":
        from lowlevel_cnn.datasets.cifar10 import Cifar10

        return Cifar10()
    from lowlevel_cnn.datasets import mnist

    return {"mnist": mnist.MNIST, "fashion-mnist": mnist.FASHION_MNIST}[name]


def _given_folder(data_dir: str | None) -> Path | None:
    """Return the folder that the user has given, which is never written to."""
    if data_dir == "":
        raise InputError("--data-dir is empty; set it to a folder, or leave it out to download the data")
    given = data_dir or os.environ.get(DATA_VARIABLE)
    return Path(expand_user(given)) if given else None


def _wrong_with(base: Path) -> str:
    try:
        return "" if stat.S_ISDIR(base.stat().st_mode) else "is not a directory"
    except FileNotFoundError:
        return "does not exist"
    except OSError as error:
        return f"cannot be accessed ({error.strerror})"


def _cache_folder() -> Path:
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    if given := os.environ.get(variable):
        return Path(expand_user(given))
    try:
        return Path.home() / ".cache"
    except RuntimeError as error:
        raise InputError(f"no home directory to store data in; use --data-dir or set ${variable}") from error


def _mirrors(name: str, mirror: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the base URLs to download from; one given by the user may have a folder for each data set."""
    given = mirror or os.environ.get(MIRROR_VARIABLE)
    if not given:
        return known
    if not given.lower().startswith(("http://", "https://")):
        raise InputError(f"the mirror {given!r} is not an http:// or https:// URL")
    return given, f"{given.rstrip('/')}/{name}"
