"""The command `plot`: pictures of a run as PNG files, drawn by matplotlib, which is an optional extra."""

from __future__ import annotations

import argparse
import importlib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.plots import CURVES, OF_ONE_IMAGE, PICTURES, require_matplotlib
from lowlevel_cnn.prediction import restored_model
from lowlevel_cnn.system.atomic_files import make_directory, write_atomically
from lowlevel_cnn.system.messages import warn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lowlevel_cnn.plots.trained_run import TrainedRun


def plot(flags: argparse.Namespace) -> int:
    """Draws the pictures asked for, or all that can be drawn, and returns the exit code.

    Raises:
        InputError: matplotlib is not installed, a flag or directory is wrong, a picture is there already, or what a
            picture that was asked for needs is not there.
        WorkError: no checkpoint is good.
    """
    require_matplotlib("plot")
    directories = _directories(flags)
    names = _names(flags, directories)
    output = _output(flags, names)
    from lowlevel_cnn.plots import drawing, labels

    plain = [*labels.of_directories(directories), Path(flags.image or "").name]
    families = labels.font_families("".join(plain))
    *run_labels, image_label = (labels.displayable(each, families) for each in plain)
    reasons: dict[str, list[str]] = {}
    with ExitStack() as stack, drawing.style(families):
        run = _trained_run(flags, names, run_labels[0], image_label, stack)
        for name in names:
            try:
                figure = _drawn(name, directories, run_labels, run)
            except InputError as error:
                if flags.only:
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


def _directories(flags: argparse.Namespace) -> list[Path]:
    directories = [restored_model.directory(_of_run(flags, given)) for given in flags.checkpoint_dir]
    for number, directory in enumerate(directories):
        if any(directory.samefile(other) for other in directories[:number]):
            raise InputError(f"--checkpoint-dir {directory}: is given twice; leave one out")
    return directories


def _names(flags: argparse.Namespace, directories: list[Path]) -> list[str]:
    """The pictures to draw: those asked for, else all of one run, else the curves of several together."""
    asked_for = flags.only or (PICTURES if len(directories) == 1 else (CURVES,))
    names = [name for name in PICTURES if name in asked_for]
    if len(directories) > 1 and names != [CURVES]:
        others = ", ".join(name for name in names if name != CURVES)
        raise InputError(f"--only {others}: drawn of one run at a time; give --checkpoint-dir once")
    if flags.image and not set(names) & set(OF_ONE_IMAGE):
        raise InputError(f"--image: is for {', '.join(OF_ONE_IMAGE)}, none of which this call draws; leave it out")
    if flags.weights != "average" and names == [CURVES]:
        raise InputError("--weights: the curves show both kinds; leave it out")
    if flags.polarity != "auto" and not flags.image:
        raise InputError("--polarity: is for the file that --image names; leave it out")
    return names


def _output(flags: argparse.Namespace, names: list[str]) -> Path:
    """The folder to write to.

    Raises:
        InputError: it is no folder, or holds what would be overwritten.
    """
    output = Path(flags.output)
    if output.exists() and not output.is_dir():
        raise InputError(f"--output {output}: is a file; name a folder")
    if not output.is_dir() and not output.parent.is_dir():
        raise InputError(f"--output {output}: there is no directory {output.parent}; make it first")
    there = [path for path in (output / f"{name}.png" for name in names) if path.exists()]
    if there and not flags.force:
        shown = ", ".join(path.name for path in there)
        raise InputError(f"--output {output}: holds {shown} already; name another, or replace with --force")
    if folders := [path for path in there if path.is_dir()]:
        raise InputError(f"--output {output}: {folders[0].name} is a folder; name another")
    return output


def _trained_run(
    flags: argparse.Namespace, names: list[str], label: str, image_label: str, stack: ExitStack
) -> TrainedRun | None:
    """The one run whose network or data is needed; None where only curves are drawn.

    Raises:
        InputError: the run is not known, or what the user has named is wrong, though other pictures could be drawn.
    """
    if names == [CURVES]:
        return None
    from lowlevel_cnn.plots.trained_run import TrainedRun

    run = TrainedRun(_of_run(flags, flags.checkpoint_dir[0]), label, image_label, stack)
    if flags.data_dir is not None:
        _ = run.data
    if flags.image:
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


def _of_run(flags: argparse.Namespace, directory: str) -> argparse.Namespace:
    """The flags as other commands have them, with one run directory."""
    return argparse.Namespace(**{**vars(flags), "checkpoint_dir": directory})
