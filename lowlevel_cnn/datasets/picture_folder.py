"""Find the pictures in a user's folder: `train/<class>/` and `test/<class>/`, or `<class>/` alone."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lowlevel_cnn.datasets import passed_over
from lowlevel_cnn.datasets.passed_over import PassedOver
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import ENDINGS
from lowlevel_cnn.system.messages import one_line

_SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
_HELD_OUT = 0.1  # the share of the training pictures, if there is no folder of test pictures
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


@dataclass(frozen=True)
class PictureFolder:
    """What is in a folder of pictures.

    Attributes:
        root: the folder.
        class_names: sorted, as numbers if all are numbers.
        train: the training pictures, in the order of `Picture.place`.
        test: the test pictures, likewise.
        remarks: what a user should know about how they were found, a line each.
    """

    root: Path
    class_names: tuple[str, ...]
    train: list[Picture]
    test: list[Picture]
    remarks: tuple[str, ...]


def split_folders(root: Path) -> dict[str, str]:
    """Return the names of the folders of training and test pictures; "" for training: the classes are in `root` itself.

    Raises:
        InputError: the folder cannot be read, has no folders, has two for the same purpose, or only one for test.
    """
    folders = sorted(entry.name for entry in _entries(root) if _is_folder(entry) and not _is_hidden(entry.name))
    if not folders:
        raise InputError(
            f"{root}: has neither IDX files nor folders of pictures; give one with train/CLASS/*.png or CLASS/*.png"
        )
    found: dict[str, str] = {}
    for name in folders:
        split = _SPLITS.get(name.lower(), "")
        if split and split in found:
            raise InputError(f"{root}: has both {found[split]} and {name}; keep one of them")
        if split:
            found[split] = name
    if "test" in found and "train" not in found:
        raise InputError(f"{root}: has a folder {found['test']}, but none named train; add it")
    return found or {"train": ""}


def find_pictures(root: Path) -> PictureFolder:
    """List the pictures of a folder, without reading any.

    Raises:
        InputError: a folder cannot be read or has no pictures, or the classes are too few or do not fit together.
    """
    odd = PassedOver()
    splits = split_folders(root)
    if splits["train"]:
        _pass_over_the_rest(root, tuple(splits.values()), odd)
    finder = _Finder(root, odd)
    train = finder.pictures(splits["train"])
    names = set(train)
    test = finder.pictures(splits["test"]) if "test" in splits else {}
    _check_classes(root, splits, list(train), list(test), odd)
    remarks = [one_line(f"passed over {line}") for line in odd.lines()]
    if "test" not in splits:
        test = {name: [each for each in pictures if each.place < _HELD_OUT] for name, pictures in train.items()}
        train = {name: [each for each in pictures if each.place >= _HELD_OUT] for name, pictures in train.items()}
        _check_held_out(root, train, test)
        remarks.insert(0, "no folder test: a tenth of the pictures, chosen by the hashes of their names, is for test")
    return PictureFolder(root, _sorted(names), _in_order(train), _in_order(test), tuple(remarks))


class _Finder:
    """Lists the classes and the pictures of a folder, and counts what it passes over."""

    def __init__(self, root: Path, odd: PassedOver) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self._odd = odd

    def pictures(self, split: str) -> dict[str, list[Picture]]:
        """Return the pictures of a split by class."""
        found: dict[str, list[Picture]] = {}
        for entry in _entries(self._root / split):
            path = f"{split}/{entry.name}".lstrip("/")
            reason = self._reason(entry)
            if not reason and not _is_folder(entry):
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
        for entry in _entries(self._root / folder):
            path = f"{folder}/{entry.name}"
            reason = self._reason(entry)
            if not reason and _is_folder(entry):
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
            raise InputError(f"{self._root / folder}: has no pictures{remark}; add some, or remove the folder")
        return pictures

    def _reason(self, entry: os.DirEntry[str]) -> str:
        """Return why an entry is passed over, whatever its name; "" if it is not."""
        if _is_hidden(entry.name):
            return passed_over.HIDDEN
        if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(self._real_root):
            return passed_over.LINK
        return "" if _is_folder(entry) or _is_file(entry) else passed_over.SPECIAL


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror}); give a folder that can") from None


def _is_folder(entry: os.DirEntry[str]) -> bool:
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


def _pass_over_the_rest(root: Path, splits: tuple[str, ...], odd: PassedOver) -> None:
    for entry in _entries(root):
        if entry.name not in splits:
            odd.add(passed_over.HIDDEN if _is_hidden(entry.name) else passed_over.BESIDE_SPLITS, entry.name)


def _is_hidden(name: str) -> bool:
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


def _check_classes(root: Path, splits: dict[str, str], train: list[str], test: list[str], odd: PassedOver) -> None:
    spellings: dict[str, str] = {}
    for name in [*sorted(train), *sorted(test)]:
        first = spellings.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if first != name:
            raise InputError(
                f"{root}: the classes {first} and {name} differ only in case or accents; rename one of them"
            )
    if unknown := sorted(set(test) - set(train)):
        raise InputError(
            f"{root / splits['test']}: the class {unknown[0]} is not among those of training; add it to"
            f" {splits['train']}, or remove the folder"
        )
    if len(train) < 2:
        raise InputError(
            f"{root / splits['train']}: has only one class, {train[0]}{odd.remark()}; at least two are needed"
        )


def _check_held_out(root: Path, train: dict[str, list[Picture]], test: dict[str, list[Picture]]) -> None:
    advice = "add pictures, or a folder test"
    if empty := sorted(name for name, pictures in train.items() if not pictures):
        raise InputError(f"{root}: all pictures of the class {empty[0]} are held out for test; {advice}")
    if not any(test.values()):
        count = sum(map(len, train.values()))
        raise InputError(f"{root}: too few pictures: of {count} none falls into the tenth held out for test; {advice}")


def _in_order(split: dict[str, list[Picture]]) -> list[Picture]:
    return sorted(each for pictures in split.values() for each in pictures)


def _sorted(names: set[str]) -> tuple[str, ...]:
    if all(name.isascii() and name.isdigit() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))
