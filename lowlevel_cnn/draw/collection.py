"""Write labelled drawings into a folder, one folder a class: the layout that `--dataset` reads."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lowlevel_cnn.system.atomic_files import make_directory, write_atomically
from lowlevel_cnn.tensorflow_v1 import session_config, tf


class Collection:
    """A folder of labelled drawings: `train/<class>/<name>.png`.

    Args:
        folder: made with the first drawing.
        class_names: the names of the classes in the order of the labels.
    """

    def __init__(self, folder: Path, class_names: Sequence[str]) -> None:
        self._train = folder / "train"
        # A class named "T-shirt/top" is one folder, and no name leads out of the folder.
        self._names = [re.sub(r"^[. ]+|[^\w .-]", "-", name) for name in class_names]
        self._graph = tf.Graph()
        with self._graph.as_default():
            self._pixels = tf.placeholder(tf.uint8, [None, None, None])
            self._png = tf.image.encode_png(self._pixels)
        self._session = tf.Session(graph=self._graph, config=session_config())

    def add(self, pixels: np.ndarray, label: int) -> Path:
        """Write pixels `[height, width, 1 or 3]` uint8 as a PNG file of its own, and return its path.

        Raises:
            IndexError: there is no class of this number.
            OSError: the file cannot be written.
        """
        folder = self._train / self._names[label]
        make_directory(folder)
        path = folder / f"{secrets.token_hex(8)}.png"
        write_atomically(path, self._session.run(self._png, {self._pixels: pixels}))
        return path
