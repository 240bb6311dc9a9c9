"""The `DataSet` of the tutorials: images and labels that come in batches, each epoch in a new order."""

from __future__ import annotations

from typing import Any

import numpy as np

from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.tensorflow_v1 import tf

IMAGE_PIXELS, CLASSES = 784, 10
_FAKE_EXAMPLES = 10_000


class DataSet:
    """Images with their labels, and the place in the row of epochs up to which `next_batch` has given them."""

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = np.float32,
        reshape: bool = True,
        seed: int | None = None,
    ) -> None:
        """Take `[count, rows, columns, depth]` uint8 images and `[count]` or `[count, classes]` labels.

        Args:
            fake_data: there are no data; `next_batch` makes some up.
            one_hot: whether labels made up are one-hot.
            dtype: `float32` scales the pixels to [0, 1], `uint8` leaves them.
            reshape: whether to flatten the images, which must have a depth of 1, to `[count, rows * columns]`.
            seed: seeds NumPy's own generator, which shuffles; without it TensorFlow's graph seed does, and
                without that the generator goes on as the script has left it.

        Raises:
            TypeError: `dtype` is neither of the two.
            ValueError: the numbers of images and labels differ, or the images cannot be flattened.
        """
        kind = _name_of_type(dtype)
        if kind not in ("uint8", "float32"):
            raise TypeError(f"Invalid image dtype {dtype!r}, expected uint8 or float32")
        if (seed := tf.get_default_graph().seed if seed is None else seed) is not None:
            np.random.seed(seed)
        self.one_hot = one_hot
        self._fake = fake_data
        self._num_examples = _FAKE_EXAMPLES if fake_data else len(images)
        self._images = images if fake_data else _prepared(images, labels, kind, reshape)
        self._labels = labels
        self._order = np.arange(self._num_examples)
        self._epochs_completed = 0
        self._index_in_epoch = 0

    @property
    def images(self) -> np.ndarray:
        """The images, in the order in which they were read."""
        return self._images

    @property
    def labels(self) -> np.ndarray:
        """The labels, in the order of the images."""
        return self._labels

    @property
    def num_examples(self) -> int:
        """The number of images."""
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        """How many epochs have ended; one ends when a batch needs an example of the next."""
        return self._epochs_completed

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Any, Any]:
        """Return the next `batch_size` images and labels.

        A batch that reaches over the end of an epoch holds the rest of it and the beginning of the next one.

        Args:
            fake_data: return lists of white images and the label 0, whatever the data.
            shuffle: whether an epoch that begins with this batch, or in it, has a new order.
        """
        if fake_data or self._fake:
            label = [1] + [0] * (CLASSES - 1) if self.one_hot else 0
            return [[1] * IMAGE_PIXELS for _ in range(batch_size)], [label for _ in range(batch_size)]
        places = self._next_places(batch_size, shuffle)
        return self._images[places], self._labels[places]

    def _next_places(self, count: int, shuffle: bool) -> np.ndarray:
        start = self._index_in_epoch
        if shuffle and start == 0 and self._epochs_completed == 0:
            self._shuffle()
        pieces = [self._order[start : start + count]]
        self._index_in_epoch += len(pieces[0])
        while (missing := count - sum(map(len, pieces))) > 0 and self._num_examples:
            self._epochs_completed += 1
            if shuffle:
                self._shuffle()
            pieces.append(self._order[:missing])
            self._index_in_epoch = len(pieces[-1])
        return np.concatenate(pieces)

    def _shuffle(self) -> None:
        permutation = np.arange(self._num_examples)
        # NumPy's own generator, which scripts of those years seed.
        np.random.shuffle(permutation)
        self._order = self._order[permutation]


def _name_of_type(dtype: Any) -> str:
    """The name of a type of TensorFlow or NumPy."""
    named = dtype if isinstance(getattr(dtype, "name", None), str) else np.dtype(dtype)
    return str(named.name).removesuffix("_ref")


def _prepared(images: np.ndarray, labels: np.ndarray, kind: str, reshape: bool) -> np.ndarray:
    if len(images) != len(labels):
        raise ValueError(f"images.shape: {np.shape(images)} labels.shape: {np.shape(labels)}")
    if reshape:
        if images.shape[3] != 1:
            raise ValueError(f"images of depth {images.shape[3]} cannot be flattened, expected a depth of 1")
        images = images.reshape(len(images), images.shape[1] * images.shape[2])
    return scale(images) if kind == "float32" else images
