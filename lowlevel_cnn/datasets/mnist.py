"""MNIST and Fashion-MNIST: four IDX files each, described by a table and read by the same code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowlevel_cnn.datasets.idx import idx_checksum, read_idx
from lowlevel_cnn.datasets.limited_reading import ADVICE, exists
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.messages import warn

_LARGEST_DOWNLOAD = 64 << 20  # bytes; the largest published file has 26 MB
_CLASSES = 10


@dataclass(frozen=True)
class IdxDataset:
    """A data set of 28x28 grey images in MNIST's four IDX files.

    Attributes:
        title: the name for people.
        class_names: in the order of the labels.
        checksums: file name (without `.gz`) to the md5 of the uncompressed bytes; training images, training
            labels, test images, test labels, in this order.
        mirrors: base addresses of the `.gz` files.
        alternative: what helps without a network, besides `--data-dir`.
    """

    title: str
    class_names: tuple[str, ...]
    checksums: dict[str, str]
    mirrors: tuple[str, ...]
    alternative: str = ""
    image_shape: tuple[int, int, int] = (28, 28, 1)

    def missing(self, folder: Path) -> list[str]:
        """The names of the files that are not in `folder`."""
        return [f"{name}.gz" for name in self.checksums if _find(folder, name) is None]

    def remark(self, folder: Path) -> str:
        """What to add where the user is told of missing files: there is no other version of these."""
        return ""

    def read(self, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Training images `[n, 28, 28, 1]` and labels `[n]`, test images and labels, all uint8 and read-only.

        Files that are not the published ones are used all the same, after a warning on standard error.

        Raises:
            InputError: a file is missing or broken, or the files do not belong together.
        """
        paths = [_find(folder, name) or folder / f"{name}.gz" for name in self.checksums]
        arrays = [read_idx(path) for path in paths]
        train_images, train_labels = _pair(paths[:2], arrays[:2])
        test_images, test_labels = _pair(paths[2:], arrays[2:])
        sums = self.checksums.values()
        other = [path.name for path, array, md5 in zip(paths, arrays, sums, strict=True) if idx_checksum(array) != md5]
        if other:
            warn(f"{folder}: not the published {self.title}: {', '.join(other)}")
        return train_images, train_labels, test_images, test_labels

    def download(self, folder: Path, mirrors: Sequence[str]) -> None:
        """Downloads the files that `folder` lacks; raises `InputError` if no mirror has one."""
        from lowlevel_cnn.datasets.download import PublishedFile, download

        advice = f"give --data-dir a folder that holds it{self.alternative}"
        for name in self.checksums:
            if _find(folder, name) is None:
                published = PublishedFile(
                    f"{name}.gz",
                    self.checksums[name],
                    lambda path: idx_checksum(read_idx(path)),
                    _LARGEST_DOWNLOAD,
                )
                download(published, mirrors, folder, advice=advice)


MNIST = IdxDataset(
    title="MNIST",
    class_names=tuple("0123456789"),
    checksums={
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    },
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    alternative=", or use --dataset drawn-digits, which needs no files",
)

FASHION_MNIST = IdxDataset(
    title="Fashion-MNIST",
    class_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    checksums={
        "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
    },
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
)


def _find(folder: Path, name: str) -> Path | None:
    dotted = name.replace("-idx", ".idx")  # as some archives of the files spell it
    candidates = (folder / file for file in (f"{name}.gz", name, f"{dotted}.gz", dotted))
    return next((path for path in candidates if exists(path)), None)


def _pair(paths: Sequence[Path], arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Images `[n, 28, 28, 1]` and labels `[n]`, once they are what they should be and belong together."""
    images, labels = arrays
    for path, array, dimensions, kind in zip(paths, arrays, (3, 1), ("images", "labels"), strict=True):
        if array.ndim != dimensions:
            raise InputError(f"{path}: an IDX file, but not one of {kind}; {ADVICE}")
    if len(labels) != len(images):
        raise InputError(f"{paths[1]}: {len(labels):,} labels for {len(images):,} images in {paths[0].name}; {ADVICE}")
    if labels.max() >= _CLASSES:
        place = int(np.argmax(labels >= _CLASSES))
        raise InputError(f"{paths[1]}: label {labels[place]} at place {place:,}, expected 0 to 9; {ADVICE}")
    return images[..., np.newaxis], labels
