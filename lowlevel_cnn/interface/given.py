"""What a notebook gives in place of a file or a name: a data set in memory, and arrays of pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.prediction.restored_model import RestoreOptions
from lowlevel_cnn.runs.run_data import fitted


@dataclass(frozen=True, kw_only=True)
class GivenRestoreOptions(RestoreOptions):
    """The options that select a trained network, and the data set in memory that it was trained on, if there is one."""

    given: datasets.Dataset | None = None

    def load_data(self) -> datasets.Dataset:
        """Return the data set in memory, or load the run's own.

        Raises:
            InputError: as in `RestoreOptions.load_data`, or the data set does not fit the network.
        """
        if self.given is None:
            return super().load_data()
        model, _ = self.model_and_dataset()
        return fitted(model, self.given)


def is_file_name(images: Any) -> bool:
    """Return whether images are given as the name of a file, or as a list of names."""
    if isinstance(images, list | tuple):
        return bool(images) and all(isinstance(each, str | Path) for each in images)
    return isinstance(images, str | Path)


def is_one_image(images: Any, shape: tuple[int, int, int]) -> bool:
    """Return whether this is one image, not several."""
    return isinstance(images, str | Path) or (not is_file_name(images) and np.shape(images) in _forms(shape))


def pixels(images: Any, shape: tuple[int, int, int], dataset: str) -> np.ndarray:
    """Return images as a network takes them, `[count, height, width, channels]` float32 in [0, 1].

    Args:
        images: an array of one image or several, uint8 in 0..255 or floats in [0, 1], each image of the network's
            shape, without the channel if there is but one, or in one row as in the books; or PNG and JPEG files.
        shape: height, width and channels that the network takes.
        dataset: the data set to whose form files are brought.

    Raises:
        InputError: the array has another shape, type or range, or a file cannot be read.
    """
    if is_file_name(images):
        names = [images] if isinstance(images, str | Path) else images
        reader = Reader(shape)
        return np.stack([reader.read(Path(name), dataset).image for name in names])
    array = np.asarray(images)
    if array.shape not in _forms(shape) and array.shape[1:] not in _forms(shape):
        raise InputError(f"images have shape {array.shape}; give one image {shape}, or several {('count', *shape)}")
    return _scaled(array).reshape(-1, *shape)


def _forms(shape: tuple[int, int, int]) -> list[tuple[int, ...]]:
    """Return the shapes that an image may have."""
    height, width, channels = shape
    return [shape, (height * width * channels,), *([(height, width)] if channels == 1 else [])]


def _scaled(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return scale(array)
    if array.dtype.kind != "f":
        raise InputError(f"images are {array.dtype}; give uint8 in 0..255, or floats in [0, 1]")
    if not (np.isfinite(array).all() and array.min(initial=0) >= 0 and array.max(initial=0) <= 1):
        raise InputError("images have values outside [0, 1]; give floats in [0, 1], or uint8 in 0..255")
    return array.astype(np.float32)
