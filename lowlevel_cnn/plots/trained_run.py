"""Provide what pictures need of a run: its data, its network, and the network's predictions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import numpy as np

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.plots import labels
from lowlevel_cnn.prediction.restored_model import RestoredModel, RestoreOptions, restored

T = TypeVar("T")
WEIGHTS = {"average": "averaged weights", "raw": "raw weights"}


@dataclass(frozen=True)
class ImageFile:
    """The image file to show to the network.

    Attributes:
        path: an image file.
        polarity: its ink and background, see `images.image_files.Reader`.
        label: its name in the pictures.
    """

    path: Path
    polarity: str
    label: str


class TrainedRun:
    """What pictures need of a run, each part read or computed on first use, and only once.

    Args:
        options: the run to restore.
        label: the run's name in the pictures.
        image: the file with the image to show to the network; None: the first test image.
        stack: closes the session.

    Raises:
        InputError: the run directory does not exist, or its network is unknown.
    """

    def __init__(self, options: RestoreOptions, label: str, image: ImageFile | None, stack: ExitStack) -> None:
        self._options = options
        self._stack = stack
        self._known: dict[str, object] = {}
        self.label = label
        self._image = image
        self.model, self.dataset = options.model_and_dataset()
        self.class_names = labels.in_drawing_fonts(options.class_names())

    @property
    def data(self) -> datasets.Dataset:
        """The data set that the run was trained on.

        Raises:
            InputError: it is missing, wrong, or cannot be downloaded.
        """
        return self._once("data", self._options.load_data)

    @property
    def restored(self) -> RestoredModel:
        """A session with the newest good checkpoint.

        Raises:
            InputError: there is none, or it is of another network.
            WorkError: no checkpoint is good.
        """
        return self._once("restored", lambda: self._stack.enter_context(restored(self._options)))

    @property
    def probabilities(self) -> np.ndarray:
        """The probabilities of each test image, `[count, labels]` float32."""
        return self._once("probabilities", self._predicted)

    @property
    def image(self) -> tuple[np.ndarray, str]:
        """The image whose activations are shown, `[height, width, channels]` float32 in [0, 1], and its name.

        Raises:
            InputError: the file is not an image; or, without a file, the data is missing.
        """
        return self._once("image", self._read_image)

    def header(self, text: str) -> str:
        """Return the two lines above a picture: the weights it shows, and its description."""
        return f"{self.label}, step {self.restored.checkpoint.step:,}, {WEIGHTS[self._options.weights]}\n{text}"

    def _predicted(self) -> np.ndarray:
        # The data first: if it is missing, that is known sooner.
        split = self.data.test
        return np.stack(list(self.restored.probabilities_of_split(split)))

    def _read_image(self) -> tuple[np.ndarray, str]:
        if self._image:
            picture = Reader(self.model.image_shape).read(self._image.path, self.dataset, self._image.polarity)
            found = f", {picture.polarity}" if picture.polarity else ""
            return picture.image, f"{self._image.label}{found}"
        test = self.data.test
        return scale(test.images[0]), f"test image 0, which is {self.class_names[test.labels[0]]}"

    def _once(self, name: str, compute: Callable[[], T]) -> T:
        """Return the cached value or raise the cached error: a failed download is not retried for each picture."""
        if name not in self._known:
            try:
                self._known[name] = compute()
            except InputError as error:
                self._known[name] = error
        value = self._known[name]
        if isinstance(value, InputError):
            raise value
        return cast(T, value)
