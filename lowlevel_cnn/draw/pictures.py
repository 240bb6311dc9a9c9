"""Convert what the page sends to what a network takes."""

from __future__ import annotations

import numpy as np

from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.draw.watched_run import WatchedRun
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.image_files import Reader


def pixels_of(body: bytes, width: int, height: int) -> np.ndarray:
    """Return `[height, width, 1 or 3]` uint8: grey, or red, green and blue, row by row.

    Raises:
        InputError: that is not what is in the bytes.
    """
    channels = len(body) // (width * height) if width > 0 and height > 0 else 0
    if channels not in (1, 3) or len(body) != width * height * channels:
        raise InputError(f"{len(body)} bytes are not a picture of {width} x {height} pixels")
    return np.frombuffer(body, np.uint8).reshape(height, width, channels)


def image_of(pixels: np.ndarray, run: WatchedRun, reader: Reader, form: str) -> np.ndarray:
    """Return the image `[height, width, channels]` float32 in [0, 1] that a run's network sees.

    Args:
        pixels: `[height, width, 1 or 3]` uint8.
        run: the run.
        reader: prepares pictures.
        form: `sample` for an image of the data set; `drawing` for dark ink on white; else a photograph.

    Raises:
        InputError: there is nothing on it, or a sample has not the shape of the network's images.
    """
    if form == "sample":
        if pixels.shape != run.model.image_shape:
            raise InputError(f"a sample has shape {run.model.image_shape}, this one has {pixels.shape}")
        return scale(pixels)
    polarity = "dark-on-light" if form == "drawing" else "auto"
    coloured = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    return reader.prepared(coloured, run.dataset, polarity).image
