"""Find the folder for files that can be made or downloaded again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.paths import expand_user


def cache_folder() -> Path:
    """Return the package's folder in the user's cache directory, which need not exist.

    Raises:
        InputError: there is no home directory, and no variable names another.
    """
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    try:
        given = os.environ.get(variable)
        base = Path(expand_user(given)) if given else Path.home() / ".cache"
    except RuntimeError as error:
        raise InputError(f"no home directory to store data in; use --data-dir or set ${variable}") from error
    return base / "lowlevel-cnn"
