"""List the pictures in the folders of the classes, and what is passed over."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from pathlib import Path
from typing import NamedTuple

from lowlevel_cnn.datasets import passed_over
from lowlevel_cnn.datasets.passed_over import PassedOver
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.formats import ENDINGS

_NOT_IN_A_NAME = ("Cc", "Cs", "Zl", "Zp")  # control characters, bytes that are not Unicode, line separators


class Picture(NamedTuple):
    """A picture file.

    Attributes:
        place: from 0 to 1, by the hash of the class and the file's name: the place in the order of the pictures.
        path: below the folder, such as `train/cat/1.png`.
        class_name: the name of its folder.
        size: in bytes.
        modified: when, in nanoseconds.
    """

    place: float
    path: str
    class_name: str
    size: int
    modified: int


class ClassFolders:
    """Lists the classes and the pictures of a folder, and counts what it passes over."""

    def __init__(self, root: Path, odd: PassedOver) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self._odd = odd

    def pictures(self, split: str) -> dict[str, list[Picture]]:
        """Return the pictures of a split by class.

        Raises:
            InputError: there are none, a class has none, or its name could not be printed in a line.
        """
        found: dict[str, list[Picture]] = {}
        for entry in entries_of(self._root / split):
            path = f"{split}/{entry.name}".lstrip("/")
            reason = self._reason(entry)
            if not reason and not is_folder(entry):
                reason = passed_over.BESIDE_CLASSES
            if reason:
                self._odd.add(reason, path)
            else:
                found[_class_name(self._root / path)] = self._class(path, entry.name)
        if not found:
            where = self._root / split
            raise InputError(
                f"{where}: has no folders of classes{self._odd.remark()}; add them, each with its pictures"
            )
        return found

    def _class(self, folder: str, class_name: str) -> list[Picture]:
        pictures = []
        for entry in entries_of(self._root / folder):
            path = f"{folder}/{entry.name}"
            reason = self._reason(entry)
            if not reason and is_folder(entry):
                reason = passed_over.NESTED
            if not reason and not entry.name.lower().endswith(ENDINGS):
                reason = passed_over.ENDING
            if reason:
                self._odd.add(reason, path)
                continue
            size, modified = _size_and_time(entry)
            pictures.append(Picture(_place(class_name, entry.name), path, class_name, size, modified))
        if not pictures:
            remark = self._odd.remark(f"{folder}/")
            advice = "add some, or remove the folder"
            if any(not is_hidden(each.name) and is_folder(each) for each in entries_of(self._root / folder)):
                advice = "give the folder whose own folders are train and test or the classes"
            raise InputError(f"{self._root / folder}: has no pictures{remark}; {advice}")
        return pictures

    def _reason(self, entry: os.DirEntry[str]) -> str:
        """Return why an entry is passed over, whatever its name; "" if it is not."""
        if is_hidden(entry.name):
            return passed_over.HIDDEN
        if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(self._real_root):
            return passed_over.LINK
        return "" if is_folder(entry) or _is_file(entry) else passed_over.SPECIAL


def entries_of(folder: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror}); give a folder that can") from None


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder, or a symbolic link to one."""
    try:
        return entry.is_dir()
    except OSError:  # a symbolic link to itself
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _size_and_time(entry: os.DirEntry[str]) -> tuple[int, int]:
    try:
        status = entry.stat()
    except OSError as error:
        raise InputError(f"{entry.path}: cannot be read ({error.strerror}); remove it") from None
    return status.st_size, status.st_mtime_ns


def is_hidden(name: str) -> bool:
    """Return whether a name is one that systems hide, or their own files have."""
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _class_name(folder: Path) -> str:
    """Return the name of a class's folder.

    Raises:
        InputError: it could not be printed in a line.
    """
    name = folder.name
    if any(unicodedata.category(letter) in _NOT_IN_A_NAME for letter in name):
        raise InputError(f"{folder}: its name has control characters or is not Unicode; rename the folder")
    return name


def _place(class_name: str, file_name: str) -> float:
    # macOS stores some letters of a name in two parts; a copy elsewhere keeps its place.
    name = unicodedata.normalize("NFC", f"{class_name}/{file_name}").encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.blake2b(name, digest_size=6).digest(), "big") / (1 << 48)
