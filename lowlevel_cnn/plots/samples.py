"""Draw the first training images with their class names, as the Fashion-MNIST article shows them."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lowlevel_cnn.datasets import Dataset
from lowlevel_cnn.datasets.batches import Split, scale
from lowlevel_cnn.plots import drawing
from lowlevel_cnn.plots.trained_run import TrainedRun

COUNT, COUNT_OF_THE_ARTICLE = 25, 20


def draw(run: TrainedRun) -> Figure:
    """Draw the first 25 images that the run is trained on.

    Raises:
        InputError: the data is missing.
    """
    return _draw(run.data.train, COUNT, len(run.data.train), run.data)


def draw_first(data: Dataset) -> Figure:
    """Draw the first 20 training images of a data set, as the article does, starting with any that are held out."""
    splits = (data.train,) if data.validation_is_apart else (data.validation, data.train)
    images = np.concatenate([split.images[:COUNT_OF_THE_ARTICLE] for split in splits])
    labels = np.concatenate([split.labels[:COUNT_OF_THE_ARTICLE] for split in splits])
    return _draw(Split(images, labels), COUNT_OF_THE_ARTICLE, sum(map(len, splits)), data)


def _draw(split: Split, most: int, total: int, data: Dataset) -> Figure:
    captions = [data.class_names[label] for label in split.labels[:most]]
    header = f"{data.name}: the first {len(captions)} of {total:,} training images"
    return drawing.tiles(scale(split.images[:most]), captions, header, lines_a_caption=1)
