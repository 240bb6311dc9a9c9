"""Scale whole pictures to the size that a network takes, for training and prediction alike."""

from __future__ import annotations

import functools

import numpy as np

_LUMINANCE = np.array([299, 587, 114], np.uint32)  # thousandths, ITU-R BT.601
_LONGEST = 1 << 16  # pixels; of a longer side only every second, third, ... pixel is used
_UP = 0.5 + 1e-6  # rounds halves up, even if they are a little less for want of precision


def scaled(pixels: np.ndarray, image_shape: tuple[int, int, int]) -> np.ndarray:
    """Scale a picture, keeping its proportions, and fill what is left at two sides with the colour of its edge.

    A picture that has the size already keeps every pixel. The filter is the triangle, widened where a picture becomes
    smaller, so that thin lines fade instead of vanishing. Colour becomes grey, where one channel is wanted, by its
    luminance.

    Args:
        pixels: `[height, width, 3]` uint8.
        image_shape: height, width and channels, which are 1 or 3.

    Returns:
        An array of `image_shape`, uint8.
    """
    height, width, channels = image_shape
    pixels = pixels[:: -(-pixels.shape[0] // _LONGEST), :: -(-pixels.shape[1] // _LONGEST)]
    picture = pixels if channels == 3 else _grey(pixels)
    if picture.shape == image_shape:
        return picture
    ratio = min(height / picture.shape[0], width / picture.shape[1])
    rows, columns = (max(1, round(length * ratio)) for length in picture.shape[:2])
    top, left = (height - rows) // 2, (width - columns) // 2
    image = np.empty(image_shape, np.uint8)
    if (rows, columns) != (height, width):
        image[:] = _edge_colour(picture)
    image[top : top + rows, left : left + columns] = _resized(picture, rows, columns)
    return image


def _grey(pixels: np.ndarray) -> np.ndarray:
    """Return `[height, width, 1]` uint8; a grey pixel keeps its value."""
    return np.asarray((pixels @ _LUMINANCE + 500) // 1000, np.uint8)[..., np.newaxis]


def _edge_colour(picture: np.ndarray) -> np.ndarray:
    """Return the median of the outermost pixels, `[channels]`."""
    edges = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    return np.asarray(np.floor(np.median(np.concatenate(edges), axis=0) + _UP), np.uint8)


def _resized(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    height, width, channels = picture.shape
    # The filter is separable: columns of pixels first, then rows.
    lines = (_weights(height, rows) @ picture.reshape(height, -1)).reshape(rows, width, channels)
    resized = _weights(width, columns) @ lines
    return np.asarray(np.clip(np.floor(resized + _UP), 0, 255), np.uint8)


@functools.lru_cache(maxsize=64)
def _weights(source: int, target: int) -> np.ndarray:
    """Return the share of each of `source` pixels in each of `target` pixels, `[target, source]`."""
    scale = source / target
    centres = (np.arange(target) + 0.5) * scale - 0.5
    distances = np.abs(np.arange(source) - centres[:, np.newaxis]) / max(1.0, scale)
    weights = np.maximum(0, 1 - distances)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
