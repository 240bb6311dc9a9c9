"""Where the data of an old script is: in the folder that the script names, else in $LOWLEVEL_CNN_DATA or in ours."""

from __future__ import annotations

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets import Dataset
from lowlevel_cnn.errors import InputError


def load(name: str, script_folder: str) -> Dataset:
    """Read a data set from the script's folder if it is there, else from elsewhere; no validation images are held out.

    Nothing is written into the script's folder. What is missing everywhere is downloaded into the user's cache.

    Raises:
        InputError: it is found nowhere, or broken.
    """
    if holds(name, script_folder):
        return datasets.load(name, script_folder, validation_count=0)
    try:
        return datasets.load(name, validation_count=0)
    except InputError as error:
        raise InputError(f"{script_folder}: does not hold {name}, and {error}") from error


def load_if_there(name: str) -> Dataset | None:
    """Read a data set if it is on this machine; nothing is downloaded."""
    folder = str(datasets.folder(name))
    return datasets.load(name, folder, validation_count=0) if holds(name, folder) else None


def holds(name: str, folder: str) -> bool:
    """Whether a folder, or its folder of that name, has the files of a data set."""
    try:
        datasets.check(name, folder)
    except InputError:
        return False
    return True
