"""Read which characters EMNIST's labels stand for, from the file that lies beside the images."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from lowlevel_cnn.errors import InputError

_MOST_BYTES = 1 << 20
_MOST_CHARACTERS = 8  # of a label
_SPACE = 32
_ADVICE = "correct the line, or remove the file"


def path_beside(images: Path) -> Path | None:
    """Return the path of `<set>-mapping.txt` beside `<set>-train-images...`, or None if there is no such file."""
    path = images.parent / f"{images.name.rpartition('-train-')[0]}-mapping.txt"
    return path if path.is_file() else None


def class_names(path: Path, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the names of classes: the characters of each label, such as `Aa` where both share one.

    Each line of the file has a label and one or more numbers of characters in Unicode.

    Args:
        path: the file.
        labels: the labels in the images' files.

    Raises:
        InputError: the file cannot be read, a line is no such line, a label has none, or two have the same characters.
    """
    names: dict[str, str] = {}
    for number, line in enumerate(_lines(path), 1):
        label, *codes = line.split() or [""]
        if not (_is_number(label) and 0 < len(codes) <= _MOST_CHARACTERS and all(map(_is_visible, codes))):
            raise InputError(
                f"{path}: line {number} is {line!r:.50}, expected a label and the numbers of its characters; {_ADVICE}"
            )
        if str(int(label)) in names:
            raise InputError(f"{path}: line {number} is the second one of the label {int(label)}; {_ADVICE}")
        names[str(int(label))] = "".join(chr(int(each)) for each in codes)
    if missing := [label for label in labels if label not in names]:
        raise InputError(f"{path}: has no line for the label {missing[0]}; add it, or remove the file")
    found = tuple(names[label] for label in labels)
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise InputError(f"{path}: two labels stand for {twice}; {_ADVICE}")
    return found


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {_ADVICE}") from None
    if len(content) > _MOST_BYTES:
        raise InputError(f"{path}: is larger than a table of labels; remove it")
    return content.decode("latin-1").rstrip().splitlines()


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 8


def _is_visible(code: str) -> bool:
    """Return whether a word is the number of a character that can be seen."""
    return _is_number(code) and int(code) <= sys.maxunicode and chr(int(code)).isprintable() and int(code) != _SPACE
