"""Put together what the page shows of one run: its network with both kinds of weights, and its checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.batches import Split, scale
from lowlevel_cnn.draw.following import FollowedRun, Kept
from lowlevel_cnn.draw.network import NetworkView
from lowlevel_cnn.draw.weights import WeightCache
from lowlevel_cnn.errors import InputError, LowlevelCnnError, WorkError
from lowlevel_cnn.prediction.restored_model import RestoreOptions
from lowlevel_cnn.runs import run_data, run_directory

KINDS = ("average", "raw")
_BATCH = 100


class WatchedRun:
    """A run directory on the page.

    Args:
        options: selects it.

    Attributes:
        title: its name on the page.
        model: its network.
        dataset: the name of the data set that it was trained on.
        class_names: the names of the classes in the order of the labels.
        followed: its checkpoints.
        views: the network with each kind of weights.

    Raises:
        InputError: the directory does not exist, or its network is unknown.
    """

    def __init__(self, options: RestoreOptions) -> None:
        self._options = options
        directory, named = run_directory.directory_to_read(options.checkpoint_dir, options.model)
        self.model, self.dataset = options.model_and_dataset()
        self.title = directory.resolve().name
        self.class_names = datasets.class_names(self.dataset)
        self.followed = FollowedRun(directory, named)
        cache = WeightCache()
        self.views = {kind: NetworkView(self.model, kind, cache) for kind in KINDS}

    def kept(self, step: int | None) -> Kept:
        """Return the checkpoint of a step, by default the newest.

        Raises:
            WorkError: it is not there, or not there yet.
        """
        found = [each for each in self.followed.kept() if step in (None, each.step)]
        if not found:
            raise WorkError("there is no checkpoint" if step is None else f"there is no checkpoint of step {step}")
        return found[-1]

    def kinds(self) -> list[str]:
        """Return the kinds of weights that the newest checkpoint has; both if there is none yet, or none fits."""
        kept = self.followed.kept()[-1:]
        found = [kind for kind, view in self.views.items() for each in kept if view.fits(each)]
        return found or list(KINDS)

    def probabilities(
        self, kept: Kept, image: np.ndarray, kinds: Sequence[str] = KINDS
    ) -> dict[str, list[float] | None]:
        """Return the probabilities of an image with kinds of weights; None where a checkpoint is of no use.

        That is so for averages that another program never saved, and for a checkpoint that was deleted or damaged.
        """
        found: dict[str, list[float] | None] = {}
        for kind in kinds:
            try:
                found[kind] = self.views[kind].probabilities(kept, image[np.newaxis])[0].tolist()
            except LowlevelCnnError:
                found[kind] = None
        return found

    @cached_property
    def test(self) -> Split:
        """The test images of the run's data set, which must be on this machine: nothing is downloaded.

        Raises:
            InputError: they are not, or are others than the run's own.
        """
        options = self._options
        if not datasets.folder(self.dataset, options.data_dir).exists() and self.dataset != "drawn-digits":
            raise InputError(f"{self.dataset} is not on this machine; fetch it with `lowlevel-cnn data {self.dataset}`")
        return options.load_data().test

    def mistakes(self, kind: str, kept: Kept, first: int) -> Iterator[int]:
        """Yield the numbers of the test images that a checkpoint gets wrong, from `first` to the end, then the others.

        Raises:
            InputError: the data or this kind of weights is missing.
        """
        count = len(self.test)
        order = (np.arange(count) + first) % count
        for start in range(0, count, _BATCH):
            numbers = order[start : start + _BATCH]
            found = self.views[kind].probabilities(kept, scale(self.test.images[numbers])).argmax(axis=1)
            yield from numbers[found != self.test.labels[numbers]].tolist()


def check_comparable(run: WatchedRun, other: WatchedRun) -> None:
    """Refuse to compare runs that do not look at the same pictures.

    Raises:
        InputError: their images have other shapes, or their classes other names.
    """
    run_data.check_image_shape(other.model, other.dataset)
    if (run.model.image_shape, run.class_names) != (other.model.image_shape, other.class_names):
        raise InputError(
            f"--compare: {other.model.name} on {other.dataset} does not look at the same pictures as {run.model.name} "
            f"on {run.dataset}; choose a run with the same data set"
        )
