"""The command `predict`: classify image files, or a split of the run's data set."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import path_name
from lowlevel_cnn.commands.own_model import with_own_model
from lowlevel_cnn.commands.shared_flags import add_data_flags, add_polarity_flag, add_restore_flags
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import ENDINGS
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.prediction.restored_model import RestoreOptions, restored
from lowlevel_cnn.runs.run_data import scored_split
from lowlevel_cnn.system import strict_json
from lowlevel_cnn.system.messages import warn

_BATCH_OF_FILES = 100
_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class PredictOptions(RestoreOptions):
    """The options of `predict`.

    Attributes:
        images: PNG or JPEG files, or folders of them.
        polarity: `auto`, `dark-on-light` or `light-on-dark`: ink and background of the files.
        split: `validation` or `test`: classify these images of the run's data set instead of files.
        wrong: whether to print only the mistakes in the split.
        json: whether to print JSON.
    """

    images: Sequence[str] = ()
    polarity: str = "auto"
    split: str | None = None
    wrong: bool = False
    json: bool = False


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    add_restore_flags(parser)
    add_data_flags(parser)
    parser.add_argument(
        "images", nargs="*", type=path_name, metavar="IMAGE", help="PNG or JPEG files, or folders of them"
    )
    add_polarity_flag(parser)
    parser.add_argument(
        "--split", choices=("validation", "test"), help="classify these images of the run's data set instead"
    )
    parser.add_argument("--wrong", action="store_true", help="print only the mistakes in the split")
    parser.add_argument("--json", action="store_true", help="print JSON")


@dataclass(frozen=True)
class Guess:
    """A class, its name, and its probability according to the network, 0 to 1."""

    label: int
    name: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """The three most probable classes of an image.

    Attributes:
        image: its file, or its number in a split.
        guesses: the most probable first.
        polarity: `dark-on-light` or `light-on-dark`, for files that have one of them; else "".
        true_label: the label, for images of a split.
    """

    image: str | int
    guesses: list[Guess]
    polarity: str = ""
    true_label: int | None = None


def predict(options: PredictOptions) -> int:
    """Print one line per image, and return the exit code: 2 if one of several images could not be read.

    Raises:
        InputError: an option, the directory or the only image is wrong.
        WorkError: there is no good checkpoint.
    """
    if bool(options.images) == bool(options.split):
        raise InputError("predict takes either image files or --split; give one of them")
    if options.wrong and not options.split:
        raise InputError("--wrong: only applies to a split, whose labels are known; add --split test")
    model, _ = options.model_and_dataset()
    names = options.class_names()
    if options.split:
        split: Split = getattr(options.load_data(), scored_split(options.split, model))
        _print(options, names, _of_split(options, names, split))
        return 0
    paths = _files(options.images)
    unreadable: list[Path] = []
    _print(options, names, _of_files(options, paths, unreadable))
    return 2 if unreadable else 0


def _files(given: Sequence[str]) -> list[Path]:
    """Return the given files, and those in the given folders.

    Raises:
        InputError: a file does not exist, or a folder has no images.
    """
    paths: list[Path] = []
    for path in map(Path, given):
        found = [path]
        if path.is_dir():
            found = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS and each.is_file())
        if not found or not found[0].exists():
            what = "contains no PNG or JPEG files" if path.is_dir() else "no such file"
            raise InputError(f"{path}: {what}; give image files or a folder of them")
        paths += found
    return paths


def _of_files(options: PredictOptions, paths: list[Path], unreadable: list[Path]) -> Iterator[Prediction]:
    network, dataset = options.model_and_dataset()
    names, reader = options.class_names(), Reader(network.image_shape)
    with (
        restored(options) as model,
        tqdm(total=len(paths), unit="image", disable=None if len(paths) > 1 else True, file=sys.stderr) as bar,
    ):
        left = iter(paths)
        while batch := list(islice(left, _BATCH_OF_FILES)):
            # A list, not a dict by path: a file given twice has two rows.
            pictures = []
            for path in batch:
                try:
                    pictures.append((path, reader.read(path, dataset, options.polarity)))
                except InputError as error:
                    if len(paths) == 1:
                        raise
                    warn(str(error))
                    unreadable.append(path)
            bar.update(len(batch))
            if pictures:
                images = np.stack([picture.image for _, picture in pictures])
                probabilities = model.probabilities(images)
                for (path, picture), each in zip(pictures, probabilities, strict=True):
                    yield Prediction(str(path), _guesses(each, names), picture.polarity)


def _of_split(options: PredictOptions, names: Sequence[str], split: Split) -> Iterator[Prediction]:
    with restored(options) as model:
        probabilities = model.probabilities_of_split(split)
        for number, (each, label) in enumerate(zip(probabilities, split.labels, strict=True)):
            if not options.wrong or each.argmax() != label:
                yield Prediction(number, _guesses(each, names), true_label=int(label))


def _guesses(probabilities: np.ndarray, names: Sequence[str]) -> list[Guess]:
    order = np.argsort(-probabilities, kind="stable")[:_SHOWN]
    return [Guess(int(label), names[label], float(probabilities[label])) for label in order]


def _print(options: PredictOptions, names: Sequence[str], predictions: Iterator[Prediction]) -> None:
    if options.json:
        print(strict_json.dumps([asdict(each) for each in predictions], indent=1, ensure_ascii=False))
        return
    count = 0
    for count, each in enumerate(predictions, 1):  # noqa: B007
        first, *others = (f"{_named(guess)} {guess.probability:.2%}" for guess in each.guesses)
        where = f"image {each.image}" if isinstance(each.image, int) else each.image
        known = "" if each.true_label is None else f"is {names[each.true_label]}"
        note = f" ({known or each.polarity})" if known or each.polarity else ""
        print(f"{where}: {first}, then {', '.join(others)}{note}", flush=True)
    if options.wrong:
        print(f"{count} mistake(s)")


def _named(guess: Guess) -> str:
    return guess.name if guess.name == str(guess.label) else f"{guess.label} {guess.name}"


COMMAND = Command(add_flags, options_from_flags(PredictOptions), with_own_model(predict))
