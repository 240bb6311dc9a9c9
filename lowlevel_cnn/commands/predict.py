"""The command `predict`: classify image files, or a split of the run's data set."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import path_name
from lowlevel_cnn.commands.own_model import with_own_model
from lowlevel_cnn.commands.predictions import Prediction, of_image, of_picture, print_json, print_lines
from lowlevel_cnn.commands.shared_flags import add_data_flags, add_polarity_flag, add_restore_flags
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.explanations import Explanations
from lowlevel_cnn.images.formats import ENDINGS, READ
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.images.picture import Picture
from lowlevel_cnn.prediction.restored_model import RestoreOptions, restored
from lowlevel_cnn.runs.run_data import scored_split
from lowlevel_cnn.system.messages import warn

_BATCH_OF_FILES = 100
_NO_DIGITS = ("fashion-mnist", "cifar10")


@dataclass(frozen=True, kw_only=True)
class PredictOptions(RestoreOptions):
    """The options of `predict`.

    Attributes:
        images: image files, or folders of them.
        polarity: `auto`, `dark-on-light` or `light-on-dark`: ink and background of the files.
        each: whether all digits on a file are classified, not only the most prominent.
        explain: a folder for pictures of what the network saw.
        split: `validation` or `test`: classify these images of the run's data set instead of files.
        wrong: whether to print only the mistakes in the split.
        json: whether to print JSON.
    """

    images: Sequence[str] = ()
    polarity: str = "auto"
    each: bool = False
    explain: str | None = None
    split: str | None = None
    wrong: bool = False
    json: bool = False


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    add_restore_flags(parser)
    add_data_flags(parser)
    parser.add_argument("images", nargs="*", type=path_name, metavar="IMAGE", help=f"{READ} files, or folders of them")
    add_polarity_flag(parser)
    parser.add_argument("--each", action="store_true", help="classify each digit on a sheet, or of a number like 407")
    parser.add_argument(
        "--explain", type=path_name, metavar="DIR", help="write what the network saw, beside each picture, into DIR"
    )
    parser.add_argument(
        "--split", choices=("validation", "test"), help="classify these images of the run's data set instead"
    )
    parser.add_argument("--wrong", action="store_true", help="print only the mistakes in the split")
    parser.add_argument("--json", action="store_true", help="print JSON")


def predict(options: PredictOptions) -> int:
    """Print one line per image, and return the exit code: 2 if one of several images could not be read.

    Raises:
        InputError: an option, the directory or the only image is wrong.
        WorkError: there is no good checkpoint.
    """
    _check(options)
    model, dataset = options.model_and_dataset()
    names = options.class_names()
    if options.split:
        split: Split = getattr(options.load_data(), scored_split(options.split, model))
        _print(options, names, _of_split(options, names, split))
        return 0
    if options.each and dataset in _NO_DIGITS:
        raise InputError(f"--each: the run was trained on {dataset}, which has no digits; leave it out")
    paths = _files(options.images)
    unreadable: list[Path] = []
    _print(options, names, _of_files(options, paths, unreadable))
    return 2 if unreadable else 0


def _check(options: PredictOptions) -> None:
    if bool(options.images) == bool(options.split):
        raise InputError("predict takes either image files or --split; give one of them")
    if options.wrong and not options.split:
        raise InputError("--wrong: only applies to a split, whose labels are known; add --split test")
    if options.split and (options.each or options.explain):
        flag = "--each" if options.each else "--explain"
        raise InputError(f"{flag}: only applies to image files; leave it out with --split")


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
            what = f"contains no {READ} files" if path.is_dir() else "no such file"
            raise InputError(f"{path}: {what}; give image files or a folder of them")
        paths += found
    return paths


def _of_files(options: PredictOptions, paths: list[Path], unreadable: list[Path]) -> Iterator[Prediction]:
    network, dataset = options.model_and_dataset()
    names, reader = options.class_names(), Reader(network.image_shape)
    explanations = Explanations(Path(options.explain)) if options.explain else None
    with (
        restored(options) as model,
        tqdm(total=len(paths), unit="image", disable=None if len(paths) > 1 else True, file=sys.stderr) as bar,
    ):
        left = iter(paths)
        while batch := list(islice(left, _BATCH_OF_FILES)):
            # A list, not a dict by path: a file given twice has two rows.
            pictures: list[tuple[Path, Picture]] = []
            for path in batch:
                try:
                    read = reader.each(path, options.polarity) if options.each else None
                    read = read or [reader.read(path, dataset, options.polarity)]
                    pictures += [(path, each) for each in read]
                except InputError as error:
                    if len(paths) == 1:
                        raise
                    warn(str(error))
                    unreadable.append(path)
            bar.update(len(batch))
            if pictures:
                probabilities = model.probabilities(np.stack([picture.image for _, picture in pictures]))
                for (path, picture), each in zip(pictures, probabilities, strict=True):
                    explanation = str(explanations.write(path, picture)) if explanations else None
                    yield of_picture(str(path), each, names, picture, explanation)


def _of_split(options: PredictOptions, names: Sequence[str], split: Split) -> Iterator[Prediction]:
    with restored(options) as model:
        probabilities = model.probabilities_of_split(split)
        for number, (each, label) in enumerate(zip(probabilities, split.labels, strict=True)):
            if not options.wrong or each.argmax() != label:
                yield of_image(number, each, names, int(label))


def _print(options: PredictOptions, names: Sequence[str], predictions: Iterator[Prediction]) -> None:
    if options.json:
        print_json(predictions)
        return
    count = print_lines(predictions, names, each_digit=options.each)
    if options.wrong:
        print(f"{count} mistake(s)")


COMMAND = Command(add_flags, options_from_flags(PredictOptions), with_own_model(predict))
