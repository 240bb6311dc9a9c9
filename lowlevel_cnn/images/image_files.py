"""Convert image files to the form of a data set's own images.

MNIST's makers scaled each digit to fit 20 x 20 pixels, keeping its proportions, and placed its centre of mass in the
middle of 28 x 28 (LeCun, Cortes, Burges: The MNIST database). Fashion-MNIST's makers scaled the longest edge to 28
pixels and centred the picture (Xiao, Rasul, Vollgraf 2017). Both show light ink on a dark background.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import Decoder
from lowlevel_cnn.tensorflow_v1 import session_config, tf

DARK_ON_LIGHT, LIGHT_ON_DARK = "dark-on-light", "light-on-dark"
_DIGIT, _SIZE = 20, 28
# Anything fainter than this share of the strongest ink is background: paper is never quite even.
_GROUND = 0.2
_LUMINANCE = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Picture:
    """An image prepared for a network.

    Attributes:
        image: `[height, width, channels]` float32 in [0, 1].
        polarity: `dark-on-light` or `light-on-dark`, as detected or given; "" for colour images.
    """

    image: np.ndarray
    polarity: str


class Reader:
    """Reads PNG and JPEG files, and scales them in a graph of its own."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        graph = tf.Graph()
        with graph.as_default():
            self._picture = tf.placeholder(tf.float32, [None, None, None])
            self._size = tf.placeholder(tf.int32, [2])
            # The 1.x function has no antialiasing, without which thin lines are lost.
            self._resized = tf.compat.v2.image.resize(self._picture, self._size, antialias=True)
        self._session = tf.Session(graph=graph, config=session_config())

    def read(self, path: Path, dataset: str, polarity: str = "auto") -> Picture:
        """Convert an image file of any size, colour or grey, to the form of the data set's images.

        Raises:
            InputError: it is not a PNG or JPEG file, is damaged or blank.
        """
        pixels = self._decoder.read(path)
        try:
            return self.prepared(pixels, dataset, polarity)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    def prepared(self, pixels: np.ndarray, dataset: str, polarity: str = "auto") -> Picture:
        """Convert pixels `[height, width, 3]` in 0..255 to the form of the data set's images.

        Raises:
            InputError: they are blank, or nothing on them has the given polarity.
        """
        if dataset == "cifar10":
            return Picture(self._photograph(pixels), "")
        grey = pixels @ _LUMINANCE
        if np.ptp(grey) < 1:
            raise InputError("is blank; give an image with something on it")
        ground = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
        if polarity == "auto":
            polarity = DARK_ON_LIGHT if ground > (grey.min() + grey.max()) / 2 else LIGHT_ON_DARK
        ink = np.maximum(ground - grey if polarity == DARK_ON_LIGHT else grey - ground, 0)
        if not ink.any():
            raise InputError(f"nothing on it is {polarity}; leave out --polarity")
        ink /= ink.max()
        image = self._garment(ink) if dataset == "fashion-mnist" else self._digit(ink)
        return Picture(image.astype(np.float32)[..., np.newaxis], polarity)

    def _resize(self, picture: np.ndarray, height: int, width: int) -> np.ndarray:
        feeds = {self._picture: picture, self._size: [max(1, height), max(1, width)]}
        return np.asarray(self._session.run(self._resized, feeds))

    def _photograph(self, pixels: np.ndarray) -> np.ndarray:
        """Scale the middle square to 32 x 32 colour pixels."""
        side = min(pixels.shape[:2])
        top, left = ((length - side) // 2 for length in pixels.shape[:2])
        square = pixels[top : top + side, left : left + side]
        return np.clip(self._resize(square, 32, 32) / 255, 0, 1).astype(np.float32)

    def _digit(self, ink: np.ndarray) -> np.ndarray:
        if ink.shape == (_SIZE, _SIZE) and _is_centred(ink):
            # One of MNIST's own, or made like them: scaling it again would only blur it.
            return ink
        scaled = self._fit(_cropped(ink), _DIGIT)
        rows, columns = _centre_of_mass(scaled)
        middle = (_SIZE - 1) / 2
        return _placed(scaled, round(middle - rows), round(middle - columns))

    def _garment(self, ink: np.ndarray) -> np.ndarray:
        if ink.shape == (_SIZE, _SIZE):
            return ink
        scaled = self._fit(_cropped(ink), _SIZE)
        height, width = scaled.shape
        return _placed(scaled, (_SIZE - height) // 2, (_SIZE - width) // 2)

    def _fit(self, ink: np.ndarray, longest: int) -> np.ndarray:
        """Scale an image so that its longer edge has this many pixels."""
        height, width = (round(length * longest / max(ink.shape)) for length in ink.shape)
        scaled = np.clip(self._resize(ink[..., np.newaxis], height, width)[..., 0], 0, 1)
        return np.asarray(scaled / scaled.max())


def _cropped(ink: np.ndarray) -> np.ndarray:
    """Crop to the rows and columns with ink, and remove the unevenness of the background."""
    strong = ink > _GROUND
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.where(cropped > _GROUND / 2, cropped, 0)


def _centre_of_mass(ink: np.ndarray) -> tuple[float, float]:
    rows, columns = np.indices(ink.shape)
    return float((rows * ink).sum() / ink.sum()), float((columns * ink).sum() / ink.sum())


def _is_centred(ink: np.ndarray) -> bool:
    middle = (_SIZE - 1) / 2
    return max(_cropped(ink).shape) <= _DIGIT and all(abs(each - middle) <= 1 for each in _centre_of_mass(ink))


def _placed(picture: np.ndarray, top: int, left: int) -> np.ndarray:
    """Place a picture on a dark background of 28 x 28, moved no further than needed to stay inside."""
    height, width = picture.shape
    top, left = (min(max(place, 0), _SIZE - length) for place, length in ((top, height), (left, width)))
    canvas = np.zeros((_SIZE, _SIZE))
    canvas[top : top + height, left : left + width] = picture
    return canvas
