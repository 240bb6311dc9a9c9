"""Define the names of a checkpoint's files, and check that TensorFlow can use a path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lowlevel_cnn.errors import InputError

MODEL_NAME = "model.ckpt"
STATE_NAME = "checkpoint"
FILE_ENDING = r"\.(?:index|meta|data-\d{5}-of-\d{5})"
_GLOB_CHARACTERS = "*?[]"


def check_name(path: Path) -> None:
    """Refuse a path under which TensorFlow would not find a checkpoint: it would see a pattern, or another path.

    Raises:
        InputError: the path has one of the characters `* ? [ ]`, or is not UTF-8.
    """
    found = [character for character in _GLOB_CHARACTERS if character in str(path)]
    if found:
        raise InputError(
            f"{path}: TensorFlow treats {' '.join(found)} in a path as a pattern and would not find the checkpoints "
            "again; choose a directory without it in its path"
        )
    check_encoding(path)


def check_encoding(path: Path) -> None:
    """Refuse a path that TensorFlow, which treats every path as UTF-8, would not find.

    Raises:
        InputError: in the locale's encoding, the path is not UTF-8.
    """
    if os.fsencode(path) != str(path).encode(errors="replace"):
        raise InputError(
            f"{path}: TensorFlow requires UTF-8 paths, and this one is not UTF-8 (file system encoding: "
            f"{sys.getfilesystemencoding()}); rename it, or `cd` to it and give a relative path"
        )
