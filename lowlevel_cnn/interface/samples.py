"""Load a data set, and look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowlevel_cnn import datasets
from lowlevel_cnn.interface.errors import python_errors

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def load_dataset(
    name: str, data_dir: str | None = None, *, image_shape: tuple[int, int, int] | None = None
) -> datasets.Dataset:
    """Read a data set; missing files are downloaded once, into the user's cache directory.

    Args:
        name: `mnist`, `fashion-mnist`, `cifar10` or `drawn-digits`, or the path of your own pictures.
        data_dir: a folder with the files, directly or in a subfolder named after the data set; nothing is downloaded
            into it. By default $LOWLEVEL_CNN_DATA, else the cache directory.
        image_shape: height, width and channels to which a folder of pictures is scaled; by default 28, 28, 1.

    Raises:
        InputError: there is no such data set, or its files are missing, broken or cannot be downloaded.
    """
    with python_errors():
        return datasets.load(name, None if data_dir is None else str(data_dir), image_shape=image_shape)


def plot_samples(dataset: datasets.Dataset) -> Figure:
    """Draw the first 20 training images with their class names.

    Raises:
        InputError: matplotlib is not installed.
    """
    from lowlevel_cnn.plots import require_matplotlib

    with python_errors():
        require_matplotlib("plot_samples")
        from lowlevel_cnn.plots import drawing, labels, samples

        with drawing.style(labels.font_families("".join(dataset.class_names))):
            return samples.draw_first(dataset)
