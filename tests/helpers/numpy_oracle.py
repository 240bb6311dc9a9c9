"""The layers as textbooks describe them, in NumPy loops: what the layers of TensorFlow are compared with.

Images are `[batch, height, width, channels]`, filters `[height, width, channels, deep]`, as in TensorFlow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

Reduce = Callable[[np.ndarray], np.ndarray]


def output_size(size: int, window: int, stride: int, padding: str) -> int:
    """How many places a window has along one side: the size rules of the sources."""
    return -(-size // stride) if padding == "SAME" else -(-(size - window + 1) // stride)


def pad_before(size: int, window: int, stride: int, padding: str) -> int:
    """How many pixels are missing before the first; of an odd number in all, the larger half comes after the last."""
    if padding == "VALID":
        return 0
    return max((output_size(size, window, stride, padding) - 1) * stride + window - size, 0) // 2


def convolution(images: np.ndarray, filters: np.ndarray, stride: int, padding: str) -> np.ndarray:
    """The sum of filter times pixels at each place of the filter; missing pixels are zero."""
    window_height, window_width, _, deep = filters.shape
    rows = _places(images.shape[1], window_height, stride, padding)
    columns = _places(images.shape[2], window_width, stride, padding)
    result = np.zeros((len(images), len(rows), len(columns), deep))
    for row, (top, bottom, above) in enumerate(rows):
        for column, (left, right, beside) in enumerate(columns):
            pixels = images[:, top:bottom, left:right].astype(np.float64)
            under = filters[above : above + bottom - top, beside : beside + right - left]
            # For all images and filters at once: summed over the rows, columns and channels that both have.
            result[:, row, column] = np.tensordot(pixels, under, axes=3)
    return result


def max_pool(images: np.ndarray, window: int, stride: int, padding: str) -> np.ndarray:
    """The largest of the pixels in each window, for each channel."""
    return _pool(images, window, stride, padding, lambda pixels: pixels.max(axis=(1, 2)))


def average_pool(images: np.ndarray, window: int, stride: int, padding: str) -> np.ndarray:
    """The mean of the pixels in each window, for each channel; missing pixels are not counted."""
    return _pool(images, window, stride, padding, lambda pixels: pixels.mean(axis=(1, 2)))


def relu(values: np.ndarray) -> np.ndarray:
    """What is positive."""
    return np.asarray(np.maximum(values, 0.0))


def book_logits(images: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """The logits of the book's network; the weights by the names of their variables."""
    values = images
    for layer in ("layer1-conv1", "layer3-conv2"):
        values = relu(convolution(values, weights[f"{layer}/weight"], 1, "SAME") + weights[f"{layer}/bias"])
        values = max_pool(values, 2, 2, "SAME")
    values = values.reshape(len(images), -1)
    values = relu(values @ weights["layer5-fc1/weight"] + weights["layer5-fc1/bias"])
    return np.asarray(values @ weights["layer6-fc2/weight"] + weights["layer6-fc2/bias"])


def _pool(images: np.ndarray, window: int, stride: int, padding: str, reduce: Reduce) -> np.ndarray:
    rows = _places(images.shape[1], window, stride, padding)
    columns = _places(images.shape[2], window, stride, padding)
    result = np.zeros((len(images), len(rows), len(columns), images.shape[3]))
    for row, (top, bottom, _) in enumerate(rows):
        for column, (left, right, _) in enumerate(columns):
            result[:, row, column] = reduce(images[:, top:bottom, left:right].astype(np.float64))
    return result


def _places(size: int, window: int, stride: int, padding: str) -> list[tuple[int, int, int]]:
    """For each place of a window along one side: first pixel, pixel after the last, window cells before the first."""
    first = -pad_before(size, window, stride, padding)
    starts = [first + stride * place for place in range(output_size(size, window, stride, padding))]
    return [(max(start, 0), min(start + window, size), max(-start, 0)) for start in starts]
