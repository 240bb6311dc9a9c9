"""`tf.contrib.learn.datasets`: MNIST by its name, and the reader of the tutorials under its second name."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tf1 import input_data
from lowlevel_cnn.tf1.input_data import DataSet, Datasets, read_data_sets

__all__ = ["base", "load_dataset", "mnist"]

_NOT_GIVEN_BACK = {
    "iris": "sklearn.datasets.load_iris",
    "boston": "https://lib.stat.cmu.edu/datasets/boston",
    "dbpedia": "tensorflow_datasets",
}


class Dataset(NamedTuple):
    """Examples with what is to be learned of each."""

    data: np.ndarray
    target: np.ndarray


def load_mnist(train_dir: str = "MNIST-data") -> Datasets:
    """Read MNIST; see `read_data_sets`."""
    return read_data_sets(train_dir)


def load_dataset(name: str, size: str = "small", test_with_fake_data: bool = False) -> Datasets:
    """Read a data set by its name.

    Args:
        size, test_with_fake_data: of `dbpedia` alone, which is not given back.

    Raises:
        InputError: it is one of the other three of TensorFlow 1.x.
        ValueError: there was none of that name.
    """
    if name == "mnist":
        return load_mnist()
    if name in _NOT_GIVEN_BACK:
        raise InputError(f"load_dataset({name!r}): of these sets only 'mnist' is read; see {_NOT_GIVEN_BACK[name]}")
    raise ValueError(f"Name of dataset is not found: {name}")


def maybe_download(filename: str, work_directory: str, source_url: str) -> str:
    """Return the path of a file in a folder, into which it is downloaded if it is not there."""
    path = Path(work_directory) / filename
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        urllib.request.urlretrieve(source_url, path)
        print("Successfully downloaded", filename, path.stat().st_size, "bytes.")
    return str(path)


base = SimpleNamespace(Dataset=Dataset, Datasets=Datasets, maybe_download=maybe_download)
mnist = SimpleNamespace(
    DataSet=DataSet,
    dense_to_one_hot=input_data.dense_to_one_hot,
    extract_images=input_data.extract_images,
    extract_labels=input_data.extract_labels,
    load_mnist=load_mnist,
    read_data_sets=read_data_sets,
)
