"""The command `predict`: classes of image files, or of a split of the run's data set."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lowlevel_cnn import datasets, models
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import ENDINGS
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.mnist_eval import split_name_of
from lowlevel_cnn.prediction import restored_model
from lowlevel_cnn.system import strict_json
from lowlevel_cnn.system.messages import warn

_BATCH_OF_FILES = 100
_SHOWN = 3


@dataclass(frozen=True)
class Guess:
    """A class, its name, and how probable the network takes it to be, 0 to 1."""

    label: int
    name: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """The three most probable classes of an image.

    Attributes:
        image: its file, or its number in a split.
        guesses: the most probable first.
        polarity: of a file with light ink on dark ground or dark on light, which.
        true_label: of an image of a split, what it is.
    """

    image: str | int
    guesses: list[Guess]
    polarity: str = ""
    true_label: int | None = None


def predict(flags: argparse.Namespace) -> int:
    """Prints a line an image, and returns the exit code: 2 where an image of several could not be read.

    Raises:
        InputError: a flag, the directory or the only image is wrong.
        WorkError: there is no good checkpoint.
    """
    if bool(flags.images) == bool(flags.split):
        raise InputError("predict takes either image files or --split; name one of them")
    if flags.wrong and not flags.split:
        raise InputError("--wrong: lists the mistakes in a split, whose labels are known; add --split test")
    model, dataset = restored_model.model_of(flags)
    names = datasets.class_names(dataset)
    if flags.split:
        loaded = restored_model.load_data(flags, model, dataset)
        split: Split = getattr(loaded, split_name_of(flags, model))
        _print(flags, names, _of_split(flags, model, names, split))
        return 0
    paths = _files(flags.images)
    unreadable: list[Path] = []
    _print(flags, names, _of_files(flags, model, dataset, paths, unreadable))
    return 2 if unreadable else 0


def _files(given: Sequence[str]) -> list[Path]:
    """The files named, and those in the folders named.

    Raises:
        InputError: there is no such file, or a folder holds no images.
    """
    paths: list[Path] = []
    for path in map(Path, given):
        found = [path]
        if path.is_dir():
            found = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS and each.is_file())
        if not found or not found[0].exists():
            what = "holds no PNG or JPEG files" if path.is_dir() else "there is no such file"
            raise InputError(f"{path}: {what}; name images or a folder of them")
        paths += found
    return paths


def _of_files(
    flags: argparse.Namespace, model: models.Model, dataset: str, paths: list[Path], unreadable: list[Path]
) -> Iterator[Prediction]:
    names, reader = datasets.class_names(dataset), Reader()
    with (
        restored_model.restored(flags, model) as restored,
        tqdm(total=len(paths), unit="image", disable=None if len(paths) > 1 else True, file=sys.stderr) as bar,
    ):
        left = iter(paths)
        while batch := list(islice(left, _BATCH_OF_FILES)):
            # Not by path: a file that is named twice has two rows.
            pictures = []
            for path in batch:
                try:
                    pictures.append((path, reader.read(path, dataset, flags.polarity)))
                except InputError as error:
                    if len(paths) == 1:
                        raise
                    warn(str(error))
                    unreadable.append(path)
            bar.update(len(batch))
            if pictures:
                images = np.stack([picture.image for _, picture in pictures])
                probabilities = restored_model.probabilities(restored, images)
                for (path, picture), each in zip(pictures, probabilities, strict=True):
                    yield Prediction(str(path), _guesses(each, names), picture.polarity)


def _of_split(
    flags: argparse.Namespace, model: models.Model, names: Sequence[str], split: Split
) -> Iterator[Prediction]:
    with restored_model.restored(flags, model) as restored:
        probabilities = restored_model.probabilities_of_split(restored, split)
        for number, (each, label) in enumerate(zip(probabilities, split.labels, strict=True)):
            if not flags.wrong or each.argmax() != label:
                yield Prediction(number, _guesses(each, names), true_label=int(label))


def _guesses(probabilities: np.ndarray, names: Sequence[str]) -> list[Guess]:
    order = np.argsort(-probabilities, kind="stable")[:_SHOWN]
    return [Guess(int(label), names[label], float(probabilities[label])) for label in order]


def _print(flags: argparse.Namespace, names: Sequence[str], predictions: Iterator[Prediction]) -> None:
    if flags.json:
        print(strict_json.dumps([asdict(each) for each in predictions], indent=1, ensure_ascii=False))
        return
    count = 0
    for count, each in enumerate(predictions, 1):  # noqa: B007
        first, *others = (f"{_named(guess)} {guess.probability:.2%}" for guess in each.guesses)
        where = f"image {each.image}" if isinstance(each.image, int) else each.image
        known = "" if each.true_label is None else f"is {names[each.true_label]}"
        note = f" ({known or each.polarity})" if known or each.polarity else ""
        print(f"{where}: {first}, then {', '.join(others)}{note}", flush=True)
    if flags.wrong:
        print(f"{count} mistake(s)")


def _named(guess: Guess) -> str:
    return guess.name if guess.name == str(guess.label) else f"{guess.label} {guess.name}"
