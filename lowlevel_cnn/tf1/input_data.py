"""`tensorflow.examples.tutorials.mnist.input_data`: the reader with which most programs of those years begin.

It reads the folder that the script names if MNIST's four files are there, and else the data of this package.
"""

from __future__ import annotations

import re
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from lowlevel_cnn.datasets.idx import read_idx
from lowlevel_cnn.datasets.printed_lines import print_files_read
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tf1.data_folders import holds, load
from lowlevel_cnn.tf1.data_set import CLASSES, DataSet

__all__ = [
    "DEFAULT_SOURCE_URL",
    "DataSet",
    "Datasets",
    "dense_to_one_hot",
    "extract_images",
    "extract_labels",
    "read_data_sets",
]

# In an address; KMNIST and EMNIST are other sets.
_MNIST = re.compile(r"(?<![a-z])mnist")

DEFAULT_SOURCE_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"


class Datasets(NamedTuple):
    """The three splits of a data set."""

    train: DataSet
    validation: DataSet
    test: DataSet


def read_data_sets(
    train_dir: str,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = np.float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: int | None = None,
    source_url: str = DEFAULT_SOURCE_URL,
) -> Datasets:
    """Read MNIST, or Fashion-MNIST where the folder or the address says so, and print the files that were read.

    Args:
        train_dir: the folder that may hold the four files; it is never written to.
        fake_data: read nothing; the three splits make up their batches.
        one_hot: whether labels are `[count, 10]` float64, and not `[count]` uint8.
        dtype: `float32` images in [0, 1], or `uint8`.
        reshape: whether images are `[count, 784]`, and not `[count, 28, 28, 1]`.
        validation_size: how many images, from the first, are held out of training.
        seed: of the order of the batches, see `DataSet`.
        source_url: where the files were published; it tells which data set is meant.

    Raises:
        InputError: the data are found nowhere or broken, or what is published at `source_url` is neither of
            the two and not in the folder.
        TypeError: `dtype` is another.
        ValueError: there are fewer than `validation_size` training images.
    """
    options = {"dtype": dtype, "reshape": reshape, "seed": seed}
    if fake_data:
        return Datasets(*(DataSet(np.empty(0), np.empty(0), True, one_hot, **options) for _ in Datasets._fields))
    folder = str(train_dir) or "."
    dataset = load(_name(folder, source_url), folder)
    print_files_read("book", dataset)
    count = len(dataset.train)
    if not 0 <= validation_size <= count:
        raise ValueError(f"Validation size should be between 0 and {count}. Received: {validation_size}.")
    labels, test_labels = dataset.train.labels, dataset.test.labels
    if one_hot:
        labels, test_labels = dense_to_one_hot(labels, CLASSES), dense_to_one_hot(test_labels, CLASSES)
    images = dataset.train.images
    return Datasets(
        train=DataSet(images[validation_size:], labels[validation_size:], **options),
        validation=DataSet(images[:validation_size], labels[:validation_size], **options),
        test=DataSet(dataset.test.images, test_labels, **options),
    )


def extract_images(f: Any) -> np.ndarray:
    """Return the images of an IDX file, `[count, 28, 28, 1]` uint8.

    Args:
        f: a path, or an open file that has a name.

    Raises:
        InputError: it cannot be read or holds no such images.
    """
    return _extract(f, dimensions=3)[..., np.newaxis]


def extract_labels(f: Any, one_hot: bool = False, num_classes: int = CLASSES) -> np.ndarray:
    """Return the labels of an IDX file, `[count]` uint8 or, one-hot, `[count, num_classes]` float64.

    Args:
        f: a path, or an open file that has a name.

    Raises:
        InputError: it cannot be read or holds no labels.
    """
    labels = _extract(f, dimensions=1)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def dense_to_one_hot(labels_dense: np.ndarray, num_classes: int) -> np.ndarray:
    """Return `[count, num_classes]` float64, one where the column is the label and zero elsewhere."""
    one_hot: np.ndarray = np.eye(num_classes)[labels_dense]
    return one_hot


def _extract(f: Any, dimensions: int) -> np.ndarray:
    path = str(f if isinstance(f, str | PathLike) else f.name)
    print("Extracting", path, flush=True)
    array = read_idx(path)
    if array.ndim != dimensions:
        raise InputError(f"{path}: an IDX file, but not one of {'images' if dimensions == 3 else 'labels'}")
    return array


def _name(folder: str, source_url: str) -> str:
    """The data set that a script means. Its author may have had Fashion-MNIST in a folder of that name."""
    if "fashion" in folder.lower() or "fashion" in source_url.lower():
        return "fashion-mnist"
    if not _MNIST.search(source_url.lower()) and not holds("mnist", folder):
        raise InputError(f"source_url={source_url!r} is neither MNIST nor Fashion-MNIST; put its files into {folder}")
    return "mnist"
