"""The first 25 training images with the names of their classes, as the Fashion-MNIST article shows them."""

from __future__ import annotations

from matplotlib.figure import Figure

from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.plots import drawing
from lowlevel_cnn.plots.trained_run import TrainedRun

COUNT = 25


def draw(run: TrainedRun) -> Figure:
    """Draws them.

    Raises:
        InputError: the data is not there.
    """
    train = run.data.train
    captions = [run.class_names[label] for label in train.labels[:COUNT]]
    header = f"{run.dataset}: the first {len(captions)} of {len(train):,} training images"
    return drawing.tiles(scale(train.images[:COUNT]), captions, header, lines_a_caption=1)
