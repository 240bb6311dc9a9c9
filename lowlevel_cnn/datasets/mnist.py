"""Read MNIST and Fashion-MNIST, each from four IDX files or an archive, with the same code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowlevel_cnn.datasets.decompression import ADVICE, is_file
from lowlevel_cnn.datasets.idx import idx_checksum, read_idx
from lowlevel_cnn.datasets.npz import read_npz
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.messages import warn

_LARGEST_DOWNLOAD = 64 << 20  # bytes; the largest published file has 26 MB
_CLASSES = 10
_NOT_READ = re.compile(r".*(?:mnist|train|archive).*\.(?:csv|zip)", re.IGNORECASE)


@dataclass(frozen=True)
class IdxDataset:
    """A data set of 28x28 grey images in MNIST's four IDX files.

    Attributes:
        title: the name to display.
        class_names: in the order of the labels.
        checksums: file name (without `.gz`) to the MD5 of the uncompressed bytes; training images, training
            labels, test images, test labels, in this order.
        mirrors: base URLs of the `.gz` files.
        torchvision: where torchvision keeps the files below its root folder.
        archive: the `.npz` archive of the four arrays, read if the files are missing.
        alternative: advice for users without a network, besides `--data-dir`.
    """

    title: str
    class_names: tuple[str, ...]
    checksums: dict[str, str]
    mirrors: tuple[str, ...]
    torchvision: str
    archive: str
    alternative: str = ""
    image_shape: tuple[int, int, int] = (28, 28, 1)

    def missing(self, folder: Path) -> list[str]:
        """Return the names of the files that `folder` lacks; none if it has the archive."""
        if is_file(folder / self.archive):
            return []
        return [f"{name}.gz" for name, path in zip(self.checksums, self._files(folder), strict=True) if path is None]

    def remark(self, folder: Path) -> str:
        """Return an addition to the message about missing files: which file in `folder` has an unsupported format."""
        try:
            names = sorted(path.name for path in folder.iterdir())
        except OSError:
            return ""
        name = next(filter(_NOT_READ.fullmatch, names), "")
        advice = "unpack it" if name.lower().endswith(".zip") else f"convert it to {self.archive} as the README shows"
        return f" ({name} is there but not supported; {advice})" if name else ""

    def read(self, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return training images `[n, 28, 28, 1]` and labels `[n]`, then those for test, all uint8 and read-only.

        Files other than the published ones are used too, after a warning on standard error.

        Raises:
            InputError: a file is missing or broken, or the files do not belong together.
        """
        arrays = self._read_arrays(folder)
        pairs = list(arrays.items())
        train_images, train_labels = _pair(folder, *pairs[:2])
        test_images, test_labels = _pair(folder, *pairs[2:])
        sums = self.checksums.values()
        other = [name for (name, array), md5 in zip(pairs, sums, strict=True) if idx_checksum(array) != md5]
        if other:
            warn(f"{folder}: not the published {self.title}: {', '.join(other)}")
        return train_images, train_labels, test_images, test_labels

    def idx_files(self, folder: Path) -> list[Path]:
        """Return the four IDX files that `read` reads, in the order of `checksums`; none if it reads the archive."""
        paths = self._files(folder)
        if None in paths and is_file(folder / self.archive):
            return []
        return [path or folder / f"{name}.gz" for name, path in zip(self.checksums, paths, strict=True)]

    def _read_arrays(self, folder: Path) -> dict[str, np.ndarray]:
        """Return the four arrays, in the order of `checksums`, by where in `folder` each was found."""
        files = self.idx_files(folder)
        if not files:
            return {f"{self.archive}: {name}": array for name, array in read_npz(folder / self.archive).items()}
        return {str(path.relative_to(folder)): read_idx(path) for path in files}

    def _files(self, folder: Path) -> list[Path | None]:
        """Return the four files from the place with most of them: `folder`, or below it as in torchvision."""
        places = (folder, folder / "raw", folder / self.torchvision)
        found = [[_find(place, name) for name in self.checksums] for place in places]
        return max(found, key=lambda paths: sum(path is not None for path in paths))

    def download(self, folder: Path, mirrors: Sequence[str]) -> None:
        """Download the files that `folder` lacks; raise `InputError` if no mirror has one."""
        from lowlevel_cnn.datasets.download import PublishedFile, download

        advice = f"set --data-dir to a folder that contains it{self.alternative}"
        for name in self.missing(folder):
            md5 = self.checksums[name.removesuffix(".gz")]
            published = PublishedFile(name, md5, lambda path: idx_checksum(read_idx(path)), _LARGEST_DOWNLOAD)
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
    torchvision="MNIST/raw",
    archive="mnist.npz",
    alternative="; the data set drawn-digits needs no files",
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
    torchvision="FashionMNIST/raw",
    archive="fashion-mnist.npz",
)


def _find(folder: Path, name: str) -> Path | None:
    """Find a file of MNIST in `folder`, or in a folder of its own there, as some archives unpack."""
    dotted = name.replace("-idx", ".idx")  # as some archives spell it
    files = (f"{name}.gz", name, f"{dotted}.gz", dotted)
    candidates = (*(folder / file for file in files), *(folder / file / file for file in files))
    return next((path for path in candidates if is_file(path)), None)


def _pair(folder: Path, first: tuple[str, np.ndarray], second: tuple[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return images `[n, 28, 28, 1]` and labels `[n]`, after checking that they are valid and belong together."""
    (images_name, images), (labels_name, labels) = first, second
    for name, array, dimensions, kind in ((images_name, images, 3, "images"), (labels_name, labels, 1, "labels")):
        if array.ndim != dimensions:
            raise InputError(f"{folder / name}: is an IDX file, but not of {kind}; {ADVICE}")
    where = folder / labels_name
    if len(labels) != len(images):
        raise InputError(f"{where}: {len(labels):,} labels for {len(images):,} images in {images_name}; {ADVICE}")
    if labels.max() >= _CLASSES:
        place = int(np.argmax(labels >= _CLASSES))
        raise InputError(f"{where}: label {labels[place]} at index {place:,}, expected 0 to 9; {ADVICE}")
    return images[..., np.newaxis], labels
