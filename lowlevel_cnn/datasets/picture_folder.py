"""Find the pictures in a user's folder: `train/<class>/`, `val/<class>/` and `test/<class>/`, or `<class>/` alone."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from lowlevel_cnn.datasets import passed_over
from lowlevel_cnn.datasets.class_folders import ClassFolders, Picture, entries_of, is_folder, is_hidden
from lowlevel_cnn.datasets.passed_over import PassedOver
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.messages import one_line

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
_HELD_OUT = 0.1  # the share of the training pictures, if there is no folder of test pictures


@dataclass(frozen=True)
class PictureFolder:
    """What is in a folder of pictures.

    Attributes:
        root: the folder.
        class_names: sorted, as numbers if all are numbers.
        train: the training pictures, in the order of `Picture.place`.
        validation: the pictures of the folder for validation, likewise; none if there is no such folder.
        test: the test pictures, likewise.
        remarks: what a user should know about how they were found, a line each.
    """

    root: Path
    class_names: tuple[str, ...]
    train: list[Picture]
    validation: list[Picture]
    test: list[Picture]
    remarks: tuple[str, ...]

    @property
    def pictures(self) -> list[Picture]:
        """All pictures: those for training, for validation, for test."""
        return self.train + self.validation + self.test


def split_folders(root: Path) -> dict[str, str]:
    """Return the names of the folders of the splits; "" for training: the classes are in `root` itself.

    Raises:
        InputError: the folder cannot be read, has no folders, has two for the same purpose, or only one for test.
    """
    folders = sorted(entry.name for entry in entries_of(root) if is_folder(entry) and not is_hidden(entry.name))
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
    if "train" in found:
        return found
    if "test" in found:
        raise InputError(f"{root}: has a folder {found['test']}, but none named train; add it")
    return {"train": ""}  # A class may well be named "valid".


def find_pictures(root: Path) -> PictureFolder:
    """List the pictures of a folder, without reading any.

    Raises:
        InputError: a folder cannot be read or has no pictures, or the classes are too few or do not fit together.
    """
    odd = PassedOver()
    splits = split_folders(root)
    if splits["train"]:
        _pass_over_the_rest(root, tuple(splits.values()), odd)
    finder = ClassFolders(root, odd)
    train = finder.pictures(splits["train"])
    names = set(train)
    validation, test = (finder.pictures(splits[split]) if split in splits else {} for split in ("validation", "test"))
    _check_classes(root, splits, {"train": train, "validation": validation, "test": test}, odd)
    remarks = [one_line(f"passed over {line}") for line in odd.lines()]
    if "test" not in splits:
        test = {name: [each for each in pictures if each.place < _HELD_OUT] for name, pictures in train.items()}
        train = {name: [each for each in pictures if each.place >= _HELD_OUT] for name, pictures in train.items()}
        _check_held_out(root, train, test)
        remarks.insert(0, "no folder test: a tenth of the pictures, chosen by the hashes of their names, is for test")
    return PictureFolder(root, _sorted(names), _in_order(train), _in_order(validation), _in_order(test), tuple(remarks))


def _pass_over_the_rest(root: Path, splits: tuple[str, ...], odd: PassedOver) -> None:
    for entry in entries_of(root):
        if entry.name not in splits:
            odd.add(passed_over.HIDDEN if is_hidden(entry.name) else passed_over.BESIDE_SPLITS, entry.name)


def _check_classes(
    root: Path, splits: dict[str, str], classes: dict[str, dict[str, list[Picture]]], odd: PassedOver
) -> None:
    train = sorted(classes["train"])
    spellings: dict[str, str] = {}
    for name in (name for split in classes.values() for name in sorted(split)):
        first = spellings.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if first != name:
            raise InputError(
                f"{root}: the classes {first} and {name} differ only in case or accents; rename one of them"
            )
    for split, found in classes.items():
        if unknown := sorted(set(found) - set(train)):
            raise InputError(
                f"{root / splits[split]}: the class {unknown[0]} is not among those of training; add it to"
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
