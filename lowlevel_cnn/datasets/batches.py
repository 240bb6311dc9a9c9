"""Choose the images of each batch: batch k depends on (seed, k) alone, so a resumed run is the same run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Split:
    """The images of one purpose (training, validation or test) with their labels.

    Attributes:
        images: `[count, height, width, channels]` uint8, 0 to 255.
        labels: `[count]` uint8, class numbers from 0; a wider unsigned type for more than 256 classes.
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def counts(self, classes: int) -> list[int]:
        """Return the number of images of each of so many classes."""
        return [int(count) for count in np.bincount(self.labels, minlength=classes)]


def scale(pixels: np.ndarray) -> np.ndarray:
    """Scale uint8 pixels in 0..255 to float32 in [0, 1]; pixels are scaled nowhere else."""
    return pixels.astype(np.float32) * np.float32(1 / 255)


class Batches:
    """An endless sequence of training batches, with each example once per epoch, reshuffled for every epoch.

    Batch k has the examples k * batch_size to (k + 1) * batch_size of the endless sequence of shuffled epochs.
    A batch may extend from the end of one epoch into the next: no example is dropped or repeated.
    """

    def __init__(self, split: Split, batch_size: int, seed: int) -> None:
        self._split = split
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    def indices(self, step: int) -> np.ndarray:
        """Return the indices in the split of batch `step` (from 0), `[batch]` int64."""
        count = len(self._split)
        position, end = step * self._batch_size, (step + 1) * self._batch_size
        pieces = []
        while position < end:
            epoch, start = divmod(position, count)
            stop = min(count, start + end - position)
            pieces.append(self._order_of(epoch)[start:stop])
            position += stop - start
        return np.concatenate(pieces)

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return batch `step` (from 0).

        Returns:
            Images `[batch, height, width, channels]` float32 in [0, 1], and labels `[batch]` int64.
        """
        indices = self.indices(step)
        return scale(self._split.images[indices]), self._split.labels[indices].astype(np.int64)

    def _order_of(self, epoch: int) -> np.ndarray:
        if epoch != self._epoch:
            self._order = np.random.default_rng([self._seed, epoch]).permutation(len(self._split))
            self._epoch = epoch
        return self._order
