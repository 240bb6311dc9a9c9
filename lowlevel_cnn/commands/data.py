"""The command `data`: makes sure of a data set, and draws its first images."""

from __future__ import annotations

import argparse
from pathlib import Path

from lowlevel_cnn import datasets
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.plots import require_matplotlib
from lowlevel_cnn.system.atomic_files import write_atomically


def data(flags: argparse.Namespace) -> int:
    """Downloads what is missing of a data set, checks every file, says in one line where it is; returns the exit code.

    Raises:
        InputError: the data is missing, broken or cannot be downloaded, or the picture cannot be drawn there.
    """
    picture = _picture(flags)
    found = datasets.load(flags.name, flags.data_dir, mirror=flags.mirror)
    counts = f"{len(found.train):,} training, {len(found.validation):,} validation, {len(found.test):,} test images"
    where = datasets.folder(flags.name, flags.data_dir)
    print(f"{flags.name}: {counts} {'drawn' if flags.name == 'drawn-digits' else f'in {where}'}")
    if picture is not None:
        _draw(found, picture)
        print(picture)
    return 0


def _picture(flags: argparse.Namespace) -> Path | None:
    """The file of `--plot`; None where no picture is wanted.

    Raises:
        InputError: it cannot be written, would replace a file, or there is no matplotlib.
    """
    if flags.plot is None:
        if flags.force:
            raise InputError("--force: replaces the picture of --plot, which is not given; leave it out")
        return None
    require_matplotlib("--plot")
    path = Path(flags.plot)
    if path.suffix.lower() != ".png":
        raise InputError(f"--plot {path}: pictures are written as PNG; name a file that ends in .png")
    if path.is_dir():
        raise InputError(f"--plot {path}: is a folder; name a file")
    if not path.parent.is_dir():
        raise InputError(f"--plot {path}: there is no directory {path.parent}; make it first")
    if path.exists() and not flags.force:
        raise InputError(f"--plot {path}: is there already; name another, or replace it with --force")
    return path


def _draw(found: datasets.Dataset, path: Path) -> None:
    from lowlevel_cnn.plots import drawing, labels, samples

    with drawing.style(labels.font_families("")):
        write_atomically(path, drawing.png(samples.draw_first(found)))
