"""Pictures as `scipy.misc` read, resized and saved them until SciPy 1.2: how many programs saved what they draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["bytescale", "imread", "imresize", "imsave"]

_METHODS = {
    "nearest": "nearest",
    "bilinear": "bilinear",
    "bicubic": "bicubic",
    "cubic": "bicubic",
    "lanczos": "lanczos3",
}
_GREY = (0.299, 0.587, 0.114)


def bytescale(
    data: Any, cmin: float | None = None, cmax: float | None = None, high: float = 255, low: float = 0
) -> Any:
    """Return pixels uint8: as they are if they are that, else spread from the smallest to the largest value."""
    data = np.asarray(data)
    if data.dtype == np.uint8:
        return data
    cmin = data.min() if cmin is None else cmin
    cmax = data.max() if cmax is None else cmax
    scaled = (data - cmin) * (high - low) / ((cmax - cmin) or 1) + low
    return (scaled.clip(low, high) + 0.5).astype(np.uint8)


def imsave(name: str, arr: Any, format: str | None = None) -> None:
    """Save pixels, `[height, width]` or with channels, as a PNG or JPEG file.

    Raises:
        InputError: the name ends in neither, or these are no pixels.
    """
    kind = (format or Path(name).suffix.lstrip(".")).lower()
    pixels = bytescale(arr)
    if pixels.ndim == 2:
        pixels = pixels[..., np.newaxis]
    if pixels.ndim != 3 or not 1 <= pixels.shape[-1] <= 4:
        raise InputError(f"{name}: an array of shape {np.shape(arr)} is no picture")
    if kind == "png":
        Path(name).write_bytes(_computed(lambda: tf.io.encode_png(pixels)))
    elif kind in ("jpg", "jpeg"):
        Path(name).write_bytes(_computed(lambda: tf.io.encode_jpeg(pixels)))
    else:
        raise InputError(f"{name}: pictures are saved as .png and .jpg alone")


def imread(name: str, flatten: bool = False, mode: str | None = None) -> Any:
    """Return the pixels of a picture uint8, with channels if it has colours; grey as float32 with `flatten`."""
    pixels = _computed(lambda: tf.io.decode_image(Path(name).read_bytes(), expand_animations=False))
    if flatten or mode == "L":
        grey = pixels[..., :3] @ np.array(_GREY, np.float32) if pixels.shape[-1] > 2 else pixels[..., 0]
        return grey.astype(np.float32 if flatten else np.uint8)
    if mode == "RGB":
        return np.repeat(pixels[..., :1], 3, -1) if pixels.shape[-1] < 3 else pixels[..., :3]
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def imresize(arr: Any, size: Any, interp: str = "bilinear", mode: str | None = None) -> Any:
    """Return a picture uint8 in another size: `(height, width)`, a factor, or whole percents."""
    pixels = bytescale(arr)
    channels = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    if not isinstance(size, tuple | list | np.ndarray):
        factor = size / 100 if isinstance(size, int) else size
        size = [int(side * factor) for side in pixels.shape[:2]]
    size = [int(side) for side in size[:2]]
    method = _METHODS[interp]
    resized = _computed(lambda: tf.compat.v2.image.resize(channels, size, method, antialias=True))
    resized = (resized.clip(0, 255) + 0.5).astype(np.uint8)
    return resized[..., 0] if pixels.ndim == 2 else resized


def _computed(make: Any) -> Any:
    """The value of a tensor, without a trace in the reader's graph."""
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(make())
