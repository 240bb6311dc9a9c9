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
        _decode(folder, cache)
        cache.write()
    numbers = {name: number for number, name in enumerate(folder.class_names)}
    kind = np.min_scalar_type(len(numbers) - 1)
    labels = np.array([numbers[each.class_name] for each in folder.pictures], kind)
    ends = np.cumsum([len(folder.train), len(folder.validation)])
    train, validation, test = map(Split, np.split(cache.pixels, ends), np.split(labels, ends))
    return LabelledImages(
        folder.class_names,
        train,
        test,
        (_sizes(cache.sizes, image_shape), *folder.remarks),
        validation=validation if folder.validation else None,
    )


def _decode(folder: PictureFolder, cache: PixelCache) -> None:
    from tqdm import tqdm

    from lowlevel_cnn.images.batch_decoding import BatchDecoder
    from lowlevel_cnn.images.scaling import scaled

    paths = [folder.root / each.path for each in folder.pictures]
    image_shape = cache.pixels.shape[1:]
    smallest, largest = cache.sizes
    smallest[:], largest[:] = np.iinfo(np.int32).max, 0
    decoded = BatchDecoder().read(paths, [each.size for each in folder.pictures])
    for index, picture in tqdm(decoded, total=len(paths), unit="picture", disable=None, file=sys.stderr):
        cache.pixels[index] = scaled(picture, image_shape)
        np.minimum(smallest, picture.shape[:2], out=smallest)
        np.maximum(largest, picture.shape[:2], out=largest)


def _sizes(sizes: np.ndarray, image_shape: tuple[int, int, int]) -> str:
    """Return what the files' own pictures measure, and what becomes of them."""
    smallest, largest = (f"{height} x {width}" for height, width in sizes)
    found = f"of {smallest}" if smallest == largest else f"from {smallest} to {largest}"
    wanted = f"{image_shape[0]} x {image_shape[1]}"
    scaled = "" if smallest == largest == wanted else f" are scaled to {wanted}"
    return f"pictures {found} pixels{scaled or ' keep their size'}"
