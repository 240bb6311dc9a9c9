"""Find and read a user's four IDX files, named as those of MNIST, EMNIST, KMNIST or QMNIST are."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from lowlevel_cnn.datasets import emnist_mapping
from lowlevel_cnn.datasets.any_idx import read_images, read_labels
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.datasets.decompression import is_file
from lowlevel_cnn.datasets.labelled_images import LabelledImages, Labels, check_count, mixed, numbered
from lowlevel_cnn.errors import InputError

_NAME = re.compile(
    r"(?!\.)(?:(?P<set>.+)-)?(?P<split>train|test|t10k)-(?P<kind>images|labels)[-.]idx\d-(?:ubyte|int)(?:\.gz|\.xz|\.bz2)?"
)
_PARTS = (("train", "images"), ("train", "labels"), ("test", "images"), ("test", "labels"))
_EMNIST = "emnist"
_IMAGES_AT_A_TIME = 1_000

Parts = dict[tuple[str, str], Path]


def find_sets(path: Path) -> dict[Path, Parts]:
    """Find the sets of IDX files in a folder, or in those below it where the published archives have them.

    Args:
        path: a folder, or a folder and the beginning of the files' names: `FOLDER/emnist-letters`.

    Returns:
        The files of each set by its path, that is by folder and beginning of the names.
    """
    if not path.is_dir():
        return {each: parts for each, parts in _sets_in(path.parent).items() if each == path}
    places = [path, *(path / name for name in ("raw", "gzip")), *sorted(path.glob("*/raw"))]
    found = (_sets_in(place) for place in places)
    return next(filter(None, found), {})


def choose_set(path: Path) -> Parts | None:
    """Return the four files of the only set there, None if there are no IDX files.

    Raises:
        InputError: there are several sets, or one lacks a file.
    """
    sets = find_sets(path)
    if not sets:
        return None
    if len(sets) > 1:
        names = ", ".join(sorted(each.name for each in sets))
        raise InputError(f"{path}: has several sets of IDX files: {names}; choose one, such as {min(sets)}")
    [(where, parts)] = sets.items()
    if lacking := [f"{split}-{kind}" for split, kind in _PARTS if (split, kind) not in parts]:
        prefix = "" if where.is_dir() else f"{where.name}-"
        names = ", ".join(f"{prefix}{each}-idx{'3' if each.endswith('images') else '1'}-ubyte" for each in lacking)
        raise InputError(f"{where if where.is_dir() else where.parent}: lacks {names}; add it")
    return parts


def read(parts: Parts) -> LabelledImages:
    """Read the four files of a set.

    Raises:
        InputError: a file is broken, or the files do not belong together.
    """
    paths = [parts[part] for part in _PARTS]
    train_images, test_images = (read_images(path) for path in paths[::2])
    train_labels, test_labels = (Labels(str(path), read_labels(path)) for path in paths[1::2])
    check_count(train_images, paths[0].name, train_labels)
    check_count(test_images, paths[2].name, test_labels)
    if train_images.shape[1:] != test_images.shape[1:]:
        raise InputError(
            f"{paths[2]}: images of shape {test_images.shape[1:]}, but those in {paths[0].name} have"
            f" {train_images.shape[1:]}; give files that belong together"
        )
    names, train_numbers, test_numbers, remarks = numbered(train_labels, test_labels)
    if paths[0].name.startswith(_EMNIST):
        if mapping := emnist_mapping.path_beside(paths[0]):
            names = emnist_mapping.class_names(mapping, names)
            remarks = [f"the classes have their names from {mapping.name}"]
        train_images, test_images = _transposed(train_images), _transposed(test_images)
        remarks.append("EMNIST's pictures lie on their side, with rows and columns swapped; they are turned upright")
    train, remark = mixed(Split(train_images, train_numbers))
    return LabelledImages(names, train, Split(test_images, test_numbers), (*remarks, *remark), tuple(paths))


def _sets_in(folder: Path) -> dict[Path, Parts]:
    """Return the sets of one folder; of a file that is there packed and unpacked, the packed one."""
    sets: dict[Path, Parts] = {}
    for name in _names(folder):
        match = _NAME.fullmatch(name)
        if match and is_file(folder / name):
            split = "train" if match["split"] == "train" else "test"
            where = folder / match["set"] if match["set"] else folder
            sets.setdefault(where, {})[split, match["kind"]] = folder / name
    return sets


def _names(folder: Path) -> list[str]:
    """Return the sorted names in a folder; none if it cannot be read."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []


def _transposed(images: np.ndarray) -> np.ndarray:
    """Swap rows and columns, of square images in place."""
    if images.shape[1] != images.shape[2]:
        return np.ascontiguousarray(images.swapaxes(1, 2))
    for start in range(0, len(images), _IMAGES_AT_A_TIME):
        some = images[start : start + _IMAGES_AT_A_TIME]
        some[:] = some.swapaxes(1, 2).copy()
    return images
