"""Keep the pixels of a user's pictures, read and scaled, in the user's cache, so that they are decoded only once."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import math
import time
from pathlib import Path

import numpy as np

from lowlevel_cnn import __version__
from lowlevel_cnn.datasets.picture_folder import PictureFolder
from lowlevel_cnn.datasets.user_settings import cache_folder
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.atomic_files import make_directory, temporary_files, write_atomically
from lowlevel_cnn.system.messages import warn

_SIZES, _DIGEST = 16, 32  # bytes, at the end of the file
_ABANDONED = 3_600  # seconds since a file was begun that no process finishes any more


class PixelCache:
    """The file with the pixels of a folder's pictures at one size.

    It has all pixels, then `sizes`, then the SHA-256 of the list of pictures and of all before. The list has each
    picture's size and time, and the version of TensorFlow, as the decoders of another may give other pixels.

    Attributes:
        pixels: of all pictures, in the order of `PictureFolder.pictures`, `[count, height, width, channels]` uint8.
        sizes: the smallest and the largest height and width of the files' own pictures, `[2, 2]` int32.
    """

    def __init__(self, folder: PictureFolder, image_shape: tuple[int, int, int]) -> None:
        count = len(folder.pictures)
        length = count * math.prod(image_shape)
        self._buffer = np.empty(length + _SIZES + _DIGEST, np.uint8)
        self.pixels = self._buffer[:length].reshape(count, *image_shape)
        self.sizes = self._buffer[length:-_DIGEST].view(np.int32).reshape(2, 2)
        versions = [__version__, importlib.metadata.version("tensorflow")]
        whose = json.dumps([str(folder.root.resolve()), image_shape])
        self._list = json.dumps([versions, whose, folder.train, folder.validation, folder.test]).encode()
        self._name = f"{hashlib.sha256(whose.encode()).hexdigest()[:32]}.pixels"

    def read(self) -> bool:
        """Fill `pixels`; return whether that was possible: whether the file is there, whole, and of these pictures."""
        try:
            with self._path().open("rb") as file:
                is_complete = file.readinto(self._buffer.data) == len(self._buffer) and not file.read(1)
        except (OSError, InputError):
            return False
        return is_complete and self._buffer[-_DIGEST:].tobytes() == self._digest()

    def write(self) -> None:
        """Write `pixels`; a warning says why if that is not possible."""
        self._buffer[-_DIGEST:] = np.frombuffer(self._digest(), np.uint8)
        try:
            path = self._path()
            make_directory(path.parent)
            for each in temporary_files(path.parent):
                with contextlib.suppress(OSError):
                    if time.time() - each.stat().st_mtime > _ABANDONED:
                        each.unlink()
            write_atomically(path, self._buffer.data)
        except (OSError, InputError) as error:
            warn(f"the pictures are read anew each time: {error}")

    def _path(self) -> Path:
        return cache_folder() / "pictures" / self._name

    def _digest(self) -> bytes:
        digest = hashlib.sha256(self._list)
        digest.update(self._buffer[:-_DIGEST].data)
        return digest.digest()
