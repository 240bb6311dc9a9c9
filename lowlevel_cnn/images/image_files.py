"""Convert image files to the form of a data set's own images.

Fashion-MNIST's makers scaled the longest edge to 28 pixels and centred the picture (Xiao, Rasul, Vollgraf 2017). Its
images show light ink on a dark background, as MNIST's do; how a digit gets MNIST's form, `digits` says.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import Decoder
from lowlevel_cnn.images.digits import SIZE, as_it_is, in_mnist_form, placed, unlike_mnist
from lowlevel_cnn.images.finding import Found, find
from lowlevel_cnn.images.ground import DARK_ON_LIGHT, LUMINANCE, edge_level, polarity_of
from lowlevel_cnn.images.picture import ALL_STEPS, Picture, Steps
from lowlevel_cnn.images.resampling import resized, shrunk
from lowlevel_cnn.images.scaling import scaled

# Pixels of the longer edge on which a digit, or all digits of a sheet, are looked for.
_ONE_DIGIT, _SHEET = 400, 1600
_OF_DIGITS = ("mnist", "drawn-digits")
_PHOTOGRAPH = 32
_BLANK = "is blank; give an image with something on it"


class Reader:
    """Reads image files, and prepares them for a network.

    Args:
        image_shape: height, width and channels of the network's images, to which pictures of one's own are scaled.
        steps: the steps taken to bring a digit to MNIST's form.
    """

    def __init__(self, image_shape: tuple[int, int, int] = (28, 28, 1), steps: Steps = ALL_STEPS) -> None:
        self._image_shape = image_shape
        self._decoder = Decoder()
        self._steps = steps

    def read(self, path: Path, dataset: str, polarity: str = "auto") -> Picture:
        """Convert an image file of any size, colour or grey, to the form of the data set's images.

        Raises:
            InputError: it is not an image file, is damaged, blank, or has no digit on it.
        """
        pixels, _ = self._decoder.read_at_least(path, _ONE_DIGIT, faint=dataset in _OF_DIGITS)
        try:
            return self.prepared(pixels, dataset, polarity)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    def prepared(self, pixels: np.ndarray, dataset: str, polarity: str = "auto") -> Picture:
        """Convert pixels `[height, width, 3]` uint8 to the form of the data set's images.

        Raises:
            InputError: they are blank, or have no digit on them.
        """
        if dataset == "cifar10":
            return Picture(_photograph(pixels), "")
        if dataset not in (*_OF_DIGITS, "fashion-mnist"):
            # As in training on a folder of pictures.
            return Picture((scaled(pixels, self._image_shape) / 255).astype(np.float32), "")
        grey, polarity = _grey(shrunk(pixels, _ONE_DIGIT), polarity)
        if dataset == "fashion-mnist":
            return Picture(_garment(grey, polarity)[..., np.newaxis], polarity)
        if self._steps.keep_centred and (image := as_it_is(grey, polarity)) is not None:
            return Picture(image[..., np.newaxis], polarity)
        main, digits = find(grey, polarity, self._steps)
        return replace(self._picture(main, polarity, 1, len(digits)), box=None)

    def each(self, path: Path, polarity: str = "auto") -> list[Picture]:
        """Convert each of the digits on a sheet to MNIST's form, in reading order.

        Raises:
            InputError: as in `read`.
        """
        pixels, ratio = self._decoder.read_at_least(path, _SHEET, faint=True)
        try:
            return self.each_of(pixels, polarity, ratio)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    def each_of(self, pixels: np.ndarray, polarity: str = "auto", ratio: int = 1) -> list[Picture]:
        """Convert each of the digits on `[height, width, 3]` uint8, whose boxes are told `ratio` times as large.

        Raises:
            InputError: as in `prepared`.
        """
        small = shrunk(pixels, _SHEET)
        scale = ratio * round(max(pixels.shape[:2]) / max(small.shape[:2]))
        grey, polarity = _grey(small, polarity)
        _, found = find(grey, polarity, self._steps)
        return [self._picture(each, polarity, scale, len(found)) for each in found]

    def _picture(self, found: Found, polarity: str, scale: int, digits: int) -> Picture:
        image = in_mnist_form(found.ink, self._steps)
        top, left, bottom, right = (scale * place for place in found.box)
        box = (left, top, right - left, bottom - top)
        return Picture(image[..., np.newaxis], polarity, box, digits, unlike_mnist(image))


def _grey(pixels: np.ndarray, polarity: str) -> tuple[np.ndarray, str]:
    """Return grey levels `[height, width]` float32, and the polarity, judged by them if it is `auto`.

    Raises:
        InputError: all are the same, or nothing has this polarity.
    """
    grey = pixels.astype(np.float32) @ LUMINANCE
    if np.ptp(grey) < 1:
        raise InputError(_BLANK)
    if polarity == "auto":
        return grey, polarity_of(grey)
    beyond = edge_level(grey) - grey if polarity == DARK_ON_LIGHT else grey - edge_level(grey)
    if beyond.max() <= 0:
        raise InputError(f"nothing on it is {polarity}; leave out --polarity")
    return grey, polarity


def _photograph(pixels: np.ndarray) -> np.ndarray:
    """Scale the middle square to 32 x 32 colour pixels."""
    side = min(pixels.shape[:2])
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    square = shrunk(pixels[top : top + side, left : left + side], 4 * _PHOTOGRAPH)
    scaled = resized(square.astype(np.float32), _PHOTOGRAPH, _PHOTOGRAPH)
    return np.clip(scaled / 255, 0, 1).astype(np.float32)


def _garment(grey: np.ndarray, polarity: str) -> np.ndarray:
    """Scale what is on a picture so that its longer edge has 28 pixels, and centre it."""
    ground = edge_level(grey)
    ink = np.maximum(ground - grey if polarity == DARK_ON_LIGHT else grey - ground, 0)
    ink /= ink.max()
    if ink.shape == (SIZE, SIZE):
        return np.asarray(ink, np.float32)
    rows, columns = (np.flatnonzero((ink > 0.2).any(axis=axis)) for axis in (1, 0))
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    cropped = np.where(cropped > 0.1, cropped, 0)
    height, width = (max(1, round(length * SIZE / max(cropped.shape))) for length in cropped.shape)
    scaled = resized(cropped, height, width)
    return placed(np.clip(scaled / scaled.max(), 0, 1), (SIZE - height) // 2, (SIZE - width) // 2)
