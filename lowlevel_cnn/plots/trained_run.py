"""The run that pictures are drawn of: its data, its network and what that says of the test images."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar, cast

import numpy as np

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.prediction import restored_model

T = TypeVar("T")
WEIGHTS = {"average": "averaged weights", "raw": "raw weights"}


class TrainedRun:
    """What pictures need of a run, each thing read or computed when it is first asked for, and never twice.

    Args:
        flags: with `checkpoint_dir`, `model`, `weights`, `data_dir`, `mirror`, `image` and `polarity`.
        label: what the run is called in the pictures.
        image_label: what the file of `--image` is called there.
        stack: closes the session.

    Raises:
        InputError: there is no such run directory, or it is not known which network it is of.
    """

    def __init__(self, flags: argparse.Namespace, label: str, image_label: str, stack: ExitStack) -> None:
        self._flags = flags
        self._stack = stack
        self._known: dict[str, object] = {}
        self.label = label
        self._image_label = image_label
        self.model, self.dataset = restored_model.model_of(flags)
        self.class_names = datasets.class_names(self.dataset)

    @property
    def data(self) -> datasets.Dataset:
        """The data set that the run was trained on.

        Raises:
            InputError: it is not there, wrong, or cannot be downloaded.
        """
        return self._once("data", lambda: restored_model.load_data(self._flags, self.model, self.dataset))

    @property
    def restored(self) -> restored_model.Restored:
        """A session with the newest good checkpoint.

        Raises:
            InputError: there is none, or it is of another network.
            WorkError: no checkpoint is good.
        """
        return self._once(
            "restored", lambda: self._stack.enter_context(restored_model.restored(self._flags, self.model))
        )

    @property
    def probabilities(self) -> np.ndarray:
        """`[count, 10]` float32: what the network says of each test image."""
        return self._once("probabilities", self._predicted)

    @property
    def image(self) -> tuple[np.ndarray, str]:
        """The image whose activations are shown, `[height, width, channels]` float32 in [0, 1], and its name.

        Raises:
            InputError: the file is no image; or, without a file, the data is not there.
        """
        return self._once("image", self._read_image)

    def header(self, text: str) -> str:
        """The two lines above a picture: which weights it shows, and what it is."""
        return f"{self.label}, step {self.restored[2].step:,}, {WEIGHTS[self._flags.weights]}\n{text}"

    def _predicted(self) -> np.ndarray:
        # The data first: whether it is there is known sooner.
        split = self.data.test
        return np.stack(list(restored_model.probabilities_of_split(self.restored, split)))

    def _read_image(self) -> tuple[np.ndarray, str]:
        if self._flags.image:
            picture = Reader().read(Path(self._flags.image), self.dataset, self._flags.polarity)
            found = f", {picture.polarity}" if picture.polarity else ""
            return picture.image, f"{self._image_label}{found}"
        test = self.data.test
        return scale(test.images[0]), f"test image 0, which is {self.class_names[test.labels[0]]}"

    def _once(self, name: str, compute: Callable[[], T]) -> T:
        """The value, or the error again: a download that failed is not tried for each picture."""
        if name not in self._known:
            try:
                self._known[name] = compute()
            except InputError as error:
                self._known[name] = error
        value = self._known[name]
        if isinstance(value, InputError):
            raise value
        return cast(T, value)
