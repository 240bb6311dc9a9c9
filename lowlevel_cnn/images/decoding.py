"""Decode PNG and JPEG files into pixels, as they are meant to be seen."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.metadata import JPEG, PNG, has_transparency, orientation, pixels_announced, upright
from lowlevel_cnn.system.messages import warn
from lowlevel_cnn.system.standard_error import filtered
from lowlevel_cnn.tensorflow_v1 import session_config, tf

ENDINGS = (".png", ".jpg", ".jpeg")
_LARGEST_FILE = 64 << 20
_MOST_PIXELS = 100_000_000
_LEVELS_OF_16_BITS = 257  # per level of 8 bits

# Messages logged by TensorFlow's JPEG decoder, and printed by libjpeg, on which it is built.
_OF_THE_DECODER = re.compile(
    rb".*\bjpeg_mem\.cc:\d+\]|\s*$|"
    rb"Corrupt JPEG data|Premature end of|Bogus |Improper call to JPEG|Input file read error|Quantization table|"
    rb"Huffman table|Invalid (?:JPEG|component|progressive|SOS)|Unsupported (?:JPEG|marker|color)|JPEG datastream|"
    rb"Empty JPEG|Inconsistent progression|Didn't expect more|Unknown Adobe|Warning: unknown JFIF|Too many color|"
    rb"Sampling factors|Fractional sampling|Image too wide|Maximum supported image"
)


class Decoder:
    """Reads PNG and JPEG files with TensorFlow's own decoders, in a graph of its own."""

    def __init__(self) -> None:
        graph = tf.Graph()
        with graph.as_default():
            self._contents = tf.placeholder(tf.string, [])
            self._jpeg = tf.image.decode_jpeg(self._contents, channels=3)
            # With 8 bits, a PNG file of 16 bits would lose precision.
            self._png = tf.image.decode_png(self._contents, dtype=tf.uint16)
            # Transparency stored apart from the pixels is applied only if an alpha channel is requested.
            self._transparent_png = tf.image.decode_png(self._contents, channels=4, dtype=tf.uint16)
        self._session = tf.Session(graph=graph, config=session_config())

    def read(self, path: Path) -> np.ndarray:
        """Return `[height, width, 3]` float64 in [0, 255]; transparent pixels become white or, with white ink, black.

        Raises:
            InputError: it is not a PNG or JPEG file, is too large or damaged.
        """
        contents = _contents(path)
        pixels = upright(self._decoded(path, contents), orientation(contents))
        if pixels.shape[2] in (2, 4):
            opaque, pixels = pixels[..., -1:] / 255, pixels[..., :-1]
            over_white = pixels * opaque + 255 * (1 - opaque)
            pixels = over_white if np.ptp(over_white) >= 1 else pixels * opaque
        return np.broadcast_to(pixels, (*pixels.shape[:2], 3))

    def _decoded(self, path: Path, contents: bytes) -> np.ndarray:
        """Return `[height, width, 1 to 4]` float64 in [0, 255] as stored in the file; warn of damaged parts."""
        is_png = contents.startswith(PNG)
        operation = self._jpeg
        if is_png:
            operation = self._transparent_png if has_transparency(contents) else self._png
        try:
            with filtered(_OF_THE_DECODER) as said:
                decoded = self._session.run(operation, {self._contents: contents})
        except tf.errors.InvalidArgumentError:
            raise InputError(f"{path}: is damaged; give an intact PNG or JPEG file") from None
        if any(said):
            warn(f"{path}: {' '.join(said).strip()}")
        return np.asarray(decoded / _LEVELS_OF_16_BITS if is_png else decoded, np.float64)


def _contents(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            contents = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give an image file") from None
    if len(contents) > _LARGEST_FILE or pixels_announced(contents) > _MOST_PIXELS:
        raise InputError(f"{path}: is too large for an image; give a smaller one")
    if not contents.startswith((PNG, JPEG)):
        raise InputError(f"{path}: is neither PNG nor JPEG; convert it first")
    return contents
