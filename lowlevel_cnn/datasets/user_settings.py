"""Find what the user has set: the folder of the data, where to download from, and the folder for what is downloaded."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.paths import expand_user

DATA_VARIABLE = "LOWLEVEL_CNN_DATA"
MIRROR_VARIABLE = "LOWLEVEL_CNN_MIRROR"


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


def given_folder(data_dir: str | None) -> Path | None:
    """Return the folder that the user has given, which is never written to; None if there is none.

    Raises:
        InputError: its name is empty.
    """
    if data_dir == "":
        raise InputError("--data-dir is empty; set it to a folder, or leave it out to download the data")
    given = data_dir or os.environ.get(DATA_VARIABLE)
    return Path(expand_user(given)) if given else None


def wrong_with(base: Path) -> str:
    """Return why a folder cannot be used; "" if it can."""
    try:
        return "" if stat.S_ISDIR(base.stat().st_mode) else "is not a directory"
    except FileNotFoundError:
        return "does not exist"
    except OSError as error:
        return f"cannot be accessed ({error.strerror})"


def mirrors(name: str, mirror: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the base URLs to download from; one given by the user may have a folder for each data set.

    Raises:
        InputError: the one given is not an http URL.
    """
    given = mirror or os.environ.get(MIRROR_VARIABLE)
    if not given:
        return known
    if not given.lower().startswith(("http://", "https://")):
        raise InputError(f"the mirror {given!r} is not an http:// or https:// URL")
    return given, f"{given.rstrip('/')}/{name}"
