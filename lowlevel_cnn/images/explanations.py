"""Write pictures that explain a prediction: an image file, and beside it what the network saw of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import Decoder
from lowlevel_cnn.images.picture import Picture
from lowlevel_cnn.images.resampling import resized, shrunk
from lowlevel_cnn.system.atomic_files import naming
from lowlevel_cnn.tensorflow_v1 import session_config, tf

_SIDE = 280  # pixels, the least height of an explanation, which has the picture at left and the network's at right
_GAP = 10
_GAP_LEVEL = 128


class Explanations:
    """Writes a PNG file for each picture into a folder, and never over a file that is there."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if it is missing.

        Raises:
            InputError: it cannot be made, or is no folder.
        """
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(f"--explain {folder}: {error.strerror}; give a folder that can be written to") from None
        self._folder = folder
        self._decoder = Decoder()
        graph = tf.Graph()
        with graph.as_default():
            self._pixels = tf.placeholder(tf.uint8, [None, None, 3])
            self._png = tf.image.encode_png(self._pixels)
        self._session = tf.Session(graph=graph, config=session_config())

    def write(self, path: Path, picture: Picture) -> Path:
        """Write what the network saw of a picture file, and return the path of the new file.

        Raises:
            OSError: it cannot be written.
        """
        pixels, ratio = self._decoder.read_at_least(path, 2 * _SIDE, faint=True)
        if picture.box is not None:
            left, top, width, height = (length // ratio for length in picture.box)
            pixels = pixels[top : top + max(1, height), left : left + max(1, width)]
        contents = self._session.run(self._png, {self._pixels: _side_by_side(pixels, picture.image)})
        number = 1
        while True:
            # Files of the same name in different folders, and those of earlier calls, are all kept.
            target = self._folder / (f"{path.stem}.png" if number == 1 else f"{path.stem}-{number}.png")
            try:
                with naming(target), target.open("xb") as file:
                    file.write(contents)
                return target
            except FileExistsError:
                number += 1


def _side_by_side(pixels: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return `[280 or a little more, width, 3]` uint8."""
    times = -(-_SIDE // image.shape[0])
    seen = np.rint(255 * np.broadcast_to(image, (*image.shape[:2], 3))).astype(np.uint8)
    seen = seen.repeat(times, axis=0).repeat(times, axis=1)
    small = shrunk(pixels, 2 * _SIDE).astype(np.float32)
    scale = min(len(seen) / small.shape[0], 2 * len(seen) / small.shape[1])
    scaled = resized(small, *(max(1, round(length * scale)) for length in small.shape[:2]))
    both = np.full((len(seen), scaled.shape[1] + _GAP + seen.shape[1], 3), _GAP_LEVEL, np.uint8)
    top = (len(seen) - len(scaled)) // 2
    both[top : top + len(scaled), : scaled.shape[1]] = np.clip(np.rint(scaled), 0, 255)
    both[:, -seen.shape[1] :] = seen
    return both
