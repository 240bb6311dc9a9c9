"""The command `plot`: draw pictures of a run as PNG files, with matplotlib, which is an optional extra."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import path_name
from lowlevel_cnn.commands.output_paths import check_parent
from lowlevel_cnn.commands.own_model import with_own_model
from lowlevel_cnn.commands.shared_flags import add_data_flags, add_network_flags, add_polarity_flag
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.models import Model
from lowlevel_cnn.plots import CURVES, OF_ONE_IMAGE, PICTURES, require_matplotlib
from lowlevel_cnn.prediction.restored_model import RestoreOptions
from lowlevel_cnn.system.atomic_files import make_directory, write_atomically
from lowlevel_cnn.system.messages import warn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lowlevel_cnn.plots.trained_run import ImageFile, TrainedRun


@dataclass(frozen=True, kw_only=True)
class PlotOptions:
    """The options of `plot`.

    Attributes:
        checkpoint_dir: the run directory, or several for the learning curves of these runs together.
        output: the folder for the PNG files.
        only: some of `plots.PICTURES`; None: all that can be drawn.
        image: the image file to show to the network; None: the first test image.
        force: whether to replace existing pictures.
        polarity: `auto`, `dark-on-light` or `light-on-dark`: ink and background of the file.
        model, accept_changed_model, weights, data_dir, mirror: see `RestoreOptions`.
    """

    checkpoint_dir: Sequence[str]
    output: str
    only: Sequence[str] | None = None
    image: str | None = None
    force: bool = False
    polarity: str = "auto"
    model: str | Model | None = None
    accept_changed_model: bool = False
    weights: str = "average"
    data_dir: str | None = None
    mirror: str | None = None

    def of_run(self, number: int) -> RestoreOptions:
        """Return the options of one of the runs."""
        directory = self.checkpoint_dir[number]
        return RestoreOptions(
            checkpoint_dir=directory,
            model=self.model,
            accept_changed_model=self.accept_changed_model,
            weights=self.weights,
            data_dir=self.data_dir,
            mirror=self.mirror,
        )


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    parser.add_argument(
        "--checkpoint-dir",
        action="append",
        type=path_name,
        metavar="DIR",
        required=True,
        help="the run directory; if given several times, the learning curves of these runs are drawn together",
    )
    parser.add_argument(
        "--output",
        type=path_name,
        metavar="FOLDER",
        required=True,
        help="the folder for the PNG files; it is created if necessary",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        action="extend",
        choices=PICTURES,
        help="which pictures to draw (default: all that can be drawn)",
    )
    parser.add_argument(
        "--image",
        type=path_name,
        metavar="FILE",
        help="the image file to show to the network (default: the first test image)",
    )
    parser.add_argument("--force", action="store_true", help="replace existing pictures")
    add_network_flags(parser)
    add_data_flags(parser)
    add_polarity_flag(parser)


def plot(options: PlotOptions) -> int:
    """Draw the requested pictures, or all that can be drawn, and return the exit code.

    Raises:
        InputError: matplotlib is not installed, a flag or directory is wrong, a picture already exists, or something
            that a requested picture needs is missing.
        WorkError: no checkpoint is good.
    """
    require_matplotlib("plot")
    directories = _directories(options)
    names = _names(options, directories)
    output = _output(options, names)
    from lowlevel_cnn.plots import drawing, labels
    from lowlevel_cnn.plots.trained_run import ImageFile

    plain = [*labels.of_directories(directories), Path(options.image or "").name]
    families = labels.font_families("".join(plain))
    *run_labels, image_label = (labels.displayable(each, families) for each in plain)
    image = ImageFile(Path(options.image), options.polarity, image_label) if options.image else None
    reasons: dict[str, list[str]] = {}
    with ExitStack() as stack, drawing.style(families):
        run = _trained_run(options, names, run_labels[0], image, stack)
        for name in names:
            try:
                figure = _drawn(name, directories, run_labels, run)
            except InputError as error:
                if options.only:
                    raise
                reasons.setdefault(str(error), []).append(name)
                continue
            path = output / f"{name}.png"
            make_directory(output)
            write_atomically(path, drawing.png(figure))
            print(path, flush=True)
    missing = [f"{', '.join(left_out)}: not drawn: {reason}" for reason, left_out in reasons.items()]
    if sum(map(len, reasons.values())) == len(names):
        raise InputError("; ".join(missing))
    for line in missing:
        warn(line)
    return 0


def _directories(options: PlotOptions) -> list[Path]:
    directories = [options.of_run(number).directory() for number in range(len(options.checkpoint_dir))]
    for number, directory in enumerate(directories):
        if any(directory.samefile(other) for other in directories[:number]):
            raise InputError(f"--checkpoint-dir {directory}: is given twice; leave one out")
    return directories


def _names(options: PlotOptions, directories: list[Path]) -> list[str]:
    """Return the pictures to draw: the requested ones, else all of one run, else the curves of several runs."""
    asked_for = options.only or (PICTURES if len(directories) == 1 else (CURVES,))
    names = [name for name in PICTURES if name in asked_for]
    if len(directories) > 1 and names != [CURVES]:
        others = ", ".join(name for name in names if name != CURVES)
        raise InputError(f"--only {others}: can only be drawn for one run; give --checkpoint-dir once")
    if options.image and not set(names) & set(OF_ONE_IMAGE):
        raise InputError(f"--image: only applies to {', '.join(OF_ONE_IMAGE)}; leave it out")
    if options.weights != "average" and names == [CURVES]:
        raise InputError("--weights: the curves show both averaged and raw weights; leave it out")
    if options.polarity != "auto" and not options.image:
        raise InputError("--polarity: only applies to the file of --image; leave it out")
    return names


def _output(options: PlotOptions, names: list[str]) -> Path:
    """Return the folder to write to.

    Raises:
        InputError: it is not a folder, or has files that would be overwritten.
    """
    output = Path(options.output)
    if output.exists() and not output.is_dir():
        raise InputError(f"--output {output}: is a file; give a folder")
    if not output.is_dir():
        check_parent("--output", output)
    there = [path for path in (output / f"{name}.png" for name in names) if path.exists()]
    if there and not options.force:
        shown = ", ".join(path.name for path in there)
        raise InputError(f"--output {output}: {shown} already exists; choose another folder, or replace with --force")
    if folders := [path for path in there if path.is_dir()]:
        raise InputError(f"--output {output}: {folders[0].name} is a folder; choose another")
    return output


def _trained_run(
    options: PlotOptions, names: list[str], label: str, image: ImageFile | None, stack: ExitStack
) -> TrainedRun | None:
    """Return the one run whose network or data is needed, or None if only curves are drawn.

    Raises:
        InputError: the run is unknown, or the given data or image is wrong, even if other pictures could be drawn.
    """
    if names == [CURVES]:
        return None
    from lowlevel_cnn.plots.trained_run import TrainedRun

    run = TrainedRun(options.of_run(0), label, image, stack)
    if options.data_dir is not None:
        _ = run.data
    if image:
        _ = run.image
    return run


def _drawn(name: str, directories: list[Path], labels: list[str], run: TrainedRun | None) -> Figure:
    module = importlib.import_module(f"lowlevel_cnn.plots.{name}")
    if name == CURVES:
        curves = [module.of_run(*each) for each in zip(directories, labels, strict=True)]
        figure: Figure = module.draw(curves)
    else:
        figure = module.draw(run)
    return figure


COMMAND = Command(add_flags, options_from_flags(PlotOptions), with_own_model(plot))
