"""Read a user's images and labels from an `.npz` archive of four arrays, as Keras keeps its data sets."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import numpy as np

from lowlevel_cnn.datasets.any_idx import HIGHEST_RATIO, LARGEST
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.datasets.labelled_images import LabelledImages, Labels, check_count, mixed, numbered
from lowlevel_cnn.datasets.npz import StoredArray, open_archive, open_array
from lowlevel_cnn.errors import InputError

ADVICE = "save it again with numpy.savez"
_CHANNELS = (1, 3)


def read(path: Path) -> LabelledImages:
    """Read `x_train`, `y_train`, `x_test` and `y_test`; nothing is unpickled.

    Images are `[count, height, width]`, or with 1 or 3 channels behind; integers from 0 to 255, or floats from 0 to 1,
    which become 0 to 255. Labels are integers, `[count]` or `[count, 1]`.

    Raises:
        InputError: the archive is damaged or lacks an array, or the arrays are others, or do not belong together.
    """
    remarks: list[str] = []
    with open_archive(path, LARGEST, ADVICE) as archive:
        labels = {name: Labels(f"{path}: {name}", _labels(archive, path, name)) for name in ("y_train", "y_test")}
        images = {name: _images(archive, path, name, remarks) for name in ("x_train", "x_test")}
    for split in ("train", "test"):
        check_count(images[f"x_{split}"], f"x_{split}", labels[f"y_{split}"])
    shapes = [array.shape[1:] for array in images.values()]
    if shapes[0] != shapes[1]:
        raise InputError(f"{path}: x_test has images of shape {shapes[1]}, but x_train of {shapes[0]}; {ADVICE}")
    names, train_labels, test_labels, remark = numbered(labels["y_train"], labels["y_test"])
    train, shuffled = mixed(Split(images["x_train"], train_labels))
    return LabelledImages(names, train, Split(images["x_test"], test_labels), (*remarks, *remark, *shuffled))


def _labels(archive: zipfile.ZipFile, path: Path, name: str) -> np.ndarray:
    """Return labels `[count]`, integers."""
    with open_array(archive, path, name, ADVICE) as stored:
        shape = stored.shape
        if stored.dtype.kind not in "iu" or len(shape) not in (1, 2) or shape[1:] not in ((), (1,)):
            raise InputError(
                f"{stored.where} is {stored.dtype!s:.50} of shape {shape!s:.100}, expected integers of shape (count,)"
                f" or (count, 1), each the number of a class; {ADVICE}"
            )
        _check_size(stored, path)
        return np.frombuffer(b"".join(stored.pieces()), stored.dtype)


def _images(archive: zipfile.ZipFile, path: Path, name: str, remarks: list[str]) -> np.ndarray:
    """Return images `[count, height, width, channels]`, uint8; append a remark if they were not."""
    with open_array(archive, path, name, ADVICE) as stored:
        shape = stored.shape if len(stored.shape) != 3 else (*stored.shape, 1)
        if stored.dtype.kind not in "iuf" or len(shape) != 4 or shape[3] not in _CHANNELS:
            raise InputError(
                f"{stored.where} is {stored.dtype!s:.50} of shape {stored.shape!s:.100}, expected numbers of shape"
                f" (count, height, width) or (count, height, width, 3); {ADVICE}"
            )
        _check_size(stored, path)
        pixels = np.empty(math.prod(shape), np.uint8)
        done = 0
        for piece in stored.pieces():
            values = np.frombuffer(piece, stored.dtype)
            pixels[done : done + len(values)] = _as_pixels(stored, values)
            done += len(values)
    if stored.dtype != np.uint8:
        scaled = ", from 0 to 1: multiplied by 255, and rounded" if stored.dtype.kind == "f" else ", from 0 to 255"
        remarks.append(f"{name} is {stored.dtype}{scaled}")
    return np.ascontiguousarray(pixels.reshape(shape, order="F" if stored.is_fortran else "C"))


def _as_pixels(stored: StoredArray, values: np.ndarray) -> np.ndarray:
    if stored.dtype == np.uint8:
        return values
    largest = 1 if stored.dtype.kind == "f" else 255
    if not (values.min() >= 0 and values.max() <= largest):  # nor if one is not a number
        raise InputError(
            f"{stored.where} is {stored.dtype} with values from {values.min():g} to {values.max():g}, expected"
            f" 0 to {largest}; {'divide them by 255, or save them' if largest == 1 else 'save them'} as uint8, 0 to 255"
        )
    return np.rint(values.astype(np.float64) * 255) if largest == 1 else values


def _check_size(stored: StoredArray, path: Path) -> None:
    size = math.prod(stored.shape) * stored.dtype.itemsize
    if not 0 < size <= min(LARGEST, HIGHEST_RATIO * path.stat().st_size):
        raise InputError(f"{stored.where} has shape {stored.shape}, which is empty or too large for it; {ADVICE}")
