"""The command `data`: fetches a data set, checks it, and draws its first images."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from lowlevel_cnn import datasets
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import path_name
from lowlevel_cnn.commands.output_paths import check_output_file
from lowlevel_cnn.commands.shared_flags import add_data_flags
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.plots import require_matplotlib
from lowlevel_cnn.system.atomic_files import write_atomically


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Which data set, and where.

    Attributes:
        name: one of `datasets.NAMES`.
        data_dir: see `datasets.folder`.
        mirror: see `datasets.load`.
        plot: the PNG file for a picture of its first images; None: none is drawn.
        force: whether a picture that is there is replaced.
    """

    name: str
    data_dir: str | None = None
    mirror: str | None = None
    plot: str | None = None
    force: bool = False


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    parser.add_argument("name", choices=datasets.NAMES, metavar="NAME", help=f"one of {', '.join(datasets.NAMES)}")
    add_data_flags(parser)
    parser.add_argument(
        "--plot", type=path_name, metavar="FILE.png", help="draw the first 20 training images with their class names"
    )
    parser.add_argument("--force", action="store_true", help="replace an existing picture")


def data(options: DataOptions) -> int:
    """Download what is missing of a data set, check every file, print where it is, and return the exit code.

    Raises:
        InputError: the data is missing, broken or cannot be downloaded, or the picture cannot be drawn there.
    """
    picture = _picture(options)
    found = datasets.load(options.name, options.data_dir, mirror=options.mirror)
    counts = f"{len(found.train):,} training, {len(found.validation):,} validation, {len(found.test):,} test images"
    where = datasets.folder(options.name, options.data_dir)
    print(f"{options.name}: {counts} {'drawn' if options.name == 'drawn-digits' else f'in {where}'}")
    if picture is not None:
        _draw(found, picture)
        print(picture)
    return 0


def _picture(options: DataOptions) -> Path | None:
    """Return the file of `plot`, or None.

    Raises:
        InputError: it cannot be written, would replace a file, or there is no matplotlib.
    """
    if options.plot is None:
        if options.force:
            raise InputError("--force: replaces the picture of --plot, which is not given; leave it out")
        return None
    require_matplotlib("--plot")
    path = Path(options.plot)
    check_output_file("--plot", path, ".png", "pictures are", force=options.force)
    return path


def _draw(found: datasets.Dataset, path: Path) -> None:
    from lowlevel_cnn.plots import drawing, labels, samples

    with drawing.style(labels.font_families("")):
        write_atomically(path, drawing.png(samples.draw_first(found)))


COMMAND = Command(add_flags, options_from_flags(DataOptions), data)
