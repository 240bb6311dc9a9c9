"""Read a user's folder of pictures, in parallel, and scale them to one size."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.datasets.labelled_images import LabelledImages
from lowlevel_cnn.datasets.picture_folder import PictureFolder, find_pictures
from lowlevel_cnn.datasets.pixel_cache import PixelCache

DEFAULT_SHAPE = (28, 28, 1)


def read(root: Path, image_shape: tuple[int, int, int]) -> LabelledImages:
    """Read all pictures, or their pixels from the user's cache, if they were read before and are the same.

    Raises:
        InputError: as in `find_pictures`, or a file is no picture, is too large or damaged.
    """
    folder = find_pictures(root)
    cache = PixelCache(folder, image_shape)
    if not cache.read():
        _decode(folder, cache.pixels)
        cache.write()
    numbers = {name: number for number, name in enumerate(folder.class_names)}
    pictures = folder.train + folder.test
    kind = np.min_scalar_type(len(numbers) - 1)
    labels = np.fromiter((numbers[each.class_name] for each in pictures), kind, len(pictures))
    count = len(folder.train)
    return LabelledImages(
        folder.class_names,
        Split(cache.pixels[:count], labels[:count]),
        Split(cache.pixels[count:], labels[count:]),
        folder.remarks,
    )


def _decode(folder: PictureFolder, pixels: np.ndarray) -> None:
    from tqdm import tqdm

    from lowlevel_cnn.images.batch_decoding import BatchDecoder
    from lowlevel_cnn.images.scaling import scaled

    pictures = folder.train + folder.test
    paths = [folder.root / each.path for each in pictures]
    image_shape = pixels.shape[1:]
    decoded = BatchDecoder().read(paths, [each.size for each in pictures])
    for index, picture in tqdm(decoded, total=len(paths), unit="picture", disable=None, file=sys.stderr):
        pixels[index] = scaled(picture, image_shape)
