"""Draw the pictures of the command `plot` as figures."""

from __future__ import annotations

import importlib
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lowlevel_cnn.interface.given import GivenRestoreOptions, is_file_name, pixels
from lowlevel_cnn.plots import CURVES, drawing, labels
from lowlevel_cnn.plots.trained_run import ImageFile, TrainedRun


class _RunWithImage(TrainedRun):
    """A run whose image is an array."""

    def __init__(self, options: GivenRestoreOptions, label: str, array: Any, stack: ExitStack) -> None:
        super().__init__(options, label, None, stack)
        self._array = array

    @cached_property
    def image(self) -> tuple[np.ndarray, str]:
        return pixels(self._array, self.model.image_shape, self.dataset)[0], "an image"


def draw(name: str, options: GivenRestoreOptions, image: Any) -> Figure:
    """Draw one of `plots.PICTURES`.

    Args:
        name: the picture.
        options: the run to draw.
        image: the array or the file to show to the network; None: the first test image.

    Raises:
        InputError: something that the picture needs is missing.
        WorkError: no checkpoint is good.
    """
    directory = options.directory()
    plain = [*labels.of_directories([directory]), Path(str(image)).name if is_file_name(image) else ""]
    families = labels.font_families("".join(plain))
    label, image_label = (labels.displayable(each, families) for each in plain)
    module = importlib.import_module(f"lowlevel_cnn.plots.{name}")
    with ExitStack() as stack, drawing.style(families):
        if name == CURVES:
            figure: Figure = module.draw([module.of_run(directory, label)])
            return figure
        if image is None or is_file_name(image):
            file = None if image is None else ImageFile(Path(str(image)), "auto", image_label)
            figure = module.draw(TrainedRun(options, label, file, stack))
        else:
            figure = module.draw(_RunWithImage(options, label, image, stack))
        return figure
