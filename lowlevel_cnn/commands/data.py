"""The command `data`: download and check a data set, describe one of the user's own, and draw its first images."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from lowlevel_cnn import datasets
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import path_name
from lowlevel_cnn.commands.output_paths import check_output_file
from lowlevel_cnn.commands.shared_flags import add_data_flags
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.plots import require_matplotlib
from lowlevel_cnn.system.atomic_files import write_atomically
from lowlevel_cnn.system.messages import one_line


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """The options of `data`.

    Attributes:
        name: one of `datasets.NAMES`, or the path of the user's own data.
        data_dir: see `datasets.folder`.
        mirror: see `datasets.load`.
        plot: the PNG file for a picture of the first images; None: no picture.
        force: whether to replace an existing picture.
    """

    name: str
    data_dir: str | None = None
    mirror: str | None = None
    plot: str | None = None
    force: bool = False


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    parser.add_argument(
        "name",
        type=path_name,
        metavar="NAME|PATH",
        help=f"one of {', '.join(datasets.NAMES)}, or data of your own: a folder of pictures or of IDX files, or a "
        ".npz archive",
    )
    add_data_flags(parser)
    parser.add_argument(
        "--plot", type=path_name, metavar="FILE.png", help="draw the first 20 training images with their class names"
    )
    parser.add_argument("--force", action="store_true", help="replace an existing picture")


def data(options: DataOptions) -> int:
    """Download missing files of a data set, check every file, print what and where it is, and return the exit code.

    Raises:
        InputError: the data is missing, broken or cannot be downloaded, or the picture cannot be written.
    """
    picture = _picture(options)
    found = datasets.load(options.name, options.data_dir, mirror=options.mirror)
    counts = f"{len(found.train):,} training, {len(found.validation):,} validation, {len(found.test):,} test images"
    if datasets.is_path(options.name):
        print(one_line(f"{options.name}: {counts} {_form(found)}"), *_table(found), *found.remarks, sep="\n")
    else:
        where = datasets.folder(options.name, options.data_dir)
        print(f"{options.name}: {counts} {'drawn' if options.name == 'drawn-digits' else f'in {where}'}")
    if picture is not None:
        _draw(found, picture)
        print(picture)
    return 0


def _form(found: datasets.Dataset) -> str:
    """Return what all images of a data set have in common."""
    height, width, channels = found.train.images.shape[1:]
    return (
        f"of {height} x {width} pixels, {'in colour' if channels == 3 else 'grey'}, in {len(found.class_names)} classes"
    )


def _table(found: datasets.Dataset) -> list[str]:
    """Return lines with the number of images of each class in each split."""
    splits = (found.train, found.validation, found.test)
    counts = [split.counts(len(found.class_names)) for split in splits]
    rows = [
        (*(f"{each:,}" for each in numbers), name) for *numbers, name in zip(*counts, found.class_names, strict=True)
    ]
    # The names come last because Chinese ones are wider than their number of letters.
    return [
        "  ".join((*(cell.rjust(10) for cell in row[:-1]), row[-1]))
        for row in [("training", "validation", "test", "class"), *rows]
    ]


def _picture(options: DataOptions) -> Path | None:
    """Return the file of `plot`, or None.

    Raises:
        InputError: it cannot be written, would replace a file, or matplotlib is missing.
    """
    if options.plot is None:
        if options.force:
            raise InputError("--force: only applies to the picture of --plot; leave it out")
        return None
    require_matplotlib("--plot")
    path = Path(options.plot)
    check_output_file("--plot", path, ".png", "pictures are", force=options.force)
    return path


def _draw(found: datasets.Dataset, path: Path) -> None:
    from lowlevel_cnn.plots import drawing, labels, samples

    families = labels.font_families("".join((found.name, *found.class_names)))
    name, *class_names = (labels.displayable(each, families) for each in (found.name, *found.class_names))
    found = replace(found, name=name, class_names=tuple(class_names))
    with drawing.style(families):
        write_atomically(path, drawing.png(samples.draw_first(found)))


COMMAND = Command(add_flags, options_from_flags(DataOptions), data)
