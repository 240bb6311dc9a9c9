"""Small made-up data sets in the published formats: learnable, and written in a few milliseconds."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

IDX_FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
CIFAR10_FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")


def made_images(count: int, seed: int, size: int = 28, channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Images `[count, size, size, channels]` and labels `[count]`, uint8.

    A bright blob on dim noise stands where the hour hand of a clock with ten hours would point: the label.
    """
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, count, dtype=np.uint8)
    angles = labels * (2 * np.pi / 10)
    middle, radius = (size - 1) / 2, size / 3
    rows = (middle - radius * np.cos(angles))[:, np.newaxis, np.newaxis]
    columns = (middle + radius * np.sin(angles))[:, np.newaxis, np.newaxis]
    y, x = np.mgrid[:size, :size]
    blobs = 200 * np.exp(-((y - rows) ** 2 + (x - columns) ** 2) / 8)
    noise = random.integers(0, 50, (count, size, size, channels))
    return (blobs[..., np.newaxis] + noise).astype(np.uint8), labels


def idx_bytes(array: np.ndarray) -> bytes:
    """The IDX file that holds labels `[count]` or images `[count, height, width]`."""
    return struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape) + array.tobytes()


def write_mnist(folder: Path, count_train: int = 600, count_test: int = 120, seed: int = 0) -> Path:
    """Writes the four gzipped IDX files of MNIST and of Fashion-MNIST into `folder`, and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for offset, (split, count) in enumerate((("train", count_train), ("test", count_test))):
        images, labels = made_images(count, seed=2 * seed + offset)
        for name, array in zip(IDX_FILES[split], (images[..., 0], labels), strict=True):
            (folder / f"{name}.gz").write_bytes(gzip.compress(idx_bytes(array), compresslevel=1, mtime=0))
    return folder


def cifar10_records(count: int, seed: int = 0) -> bytes:
    """`count` records of CIFAR-10's binary layout."""
    images, labels = made_images(count, seed, size=32, channels=3)
    planes = images.transpose(0, 3, 1, 2).reshape(count, -1)
    return np.concatenate([labels[:, np.newaxis], planes], axis=1).tobytes()


def write_cifar10(folder: Path, records_per_file: int = 60, seed: int = 0) -> Path:
    """Writes the six files of CIFAR-10 into `folder`/cifar-10-batches-bin, and returns `folder`."""
    unpacked = folder / "cifar-10-batches-bin"
    unpacked.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(CIFAR10_FILES):
        (unpacked / name).write_bytes(cifar10_records(records_per_file, seed=10 * seed + number))
    return folder
