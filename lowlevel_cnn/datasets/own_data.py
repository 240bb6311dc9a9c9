"""Read a user's own data, whichever of the three forms it has: IDX files, an `.npz` archive, a folder of pictures."""

from __future__ import annotations

import stat
from pathlib import Path

from lowlevel_cnn.datasets import idx_folder, own_npz, own_pictures
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.datasets.labelled_images import LabelledImages
from lowlevel_cnn.datasets.picture_folder import split_folders
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.paths import expand_user

ARCHIVE_ENDING = ".npz"


def check(name: str) -> None:
    """Check, without reading a picture, that there is data at a path.

    Raises:
        InputError: there is nothing, or something else.
    """
    path = Path(expand_user(name))
    if not _is_archive(path) and idx_folder.choose_set(path) is None:
        split_folders(path)


def read(name: str, image_shape: tuple[int, int, int]) -> LabelledImages:
    """Read the data at a path; pictures of any size are scaled to `image_shape`.

    Raises:
        InputError: there is no data, or it is broken.
    """
    path = Path(expand_user(name))
    if _is_archive(path):
        return own_npz.read(path)
    if parts := idx_folder.choose_set(path):
        return idx_folder.read(parts)
    return own_pictures.read(path, image_shape)


def check_rest(name: str, class_names: tuple[str, ...], train: Split) -> None:
    """Check that every class has training images that are not held out for validation.

    Raises:
        InputError: one has none.
    """
    counts = train.counts(len(class_names))
    if not all(counts):
        which = class_names[counts.index(0)]
        raise InputError(f"{name}: all training images of the class {which} are held out for validation; add more")


def _is_archive(path: Path) -> bool:
    """Return whether a path is an archive of arrays, or else may be a folder, or the beginning of files' names in it.

    Raises:
        InputError: it is neither.
    """
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        if idx_folder.find_sets(path):
            return False
        raise InputError(f"{path}: does not exist; give a folder or an .npz archive") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be accessed ({reason}); give a folder or an .npz archive") from None
    if is_folder:
        return False
    if path.suffix.lower() != ARCHIVE_ENDING:
        raise InputError(f"{path}: is neither a folder nor an .npz archive; unpack or convert it")
    return True
