"""Find the run directory that the options refer to: an existing one, or a new one."""

from __future__ import annotations

import datetime
from pathlib import Path

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints import listing, paths, resolving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.models import Model
from lowlevel_cnn.runs.locking import locked
from lowlevel_cnn.runs.options import RunOptions
from lowlevel_cnn.system.atomic_files import make_directory, with_retries


def directory_to_train_in(options: RunOptions) -> Path:
    """Return the run directory to train in: `checkpoint_dir`, else `checkpoints/<model>`.

    Raises:
        InputError: it is not a directory, or TensorFlow could not use the path.
    """
    directory = _given(options.checkpoint_dir, options.model)
    if resolving.named_prefix(directory):
        raise InputError(
            f"--checkpoint-dir {directory}: is a checkpoint; give the directory that contains it, {directory.parent}"
        )
    if directory.exists() and not directory.is_dir():
        raise InputError(f"--checkpoint-dir {directory}: is a file; give a directory")
    return directory


def directory_to_read(checkpoint_dir: str | None, model: str | Model | None) -> tuple[Path, Checkpoint | None]:
    """Return the run directory and, if `checkpoint_dir` names a checkpoint or a file of one, that checkpoint.

    Raises:
        InputError: it is neither a directory nor a checkpoint, or TensorFlow could not use the path.
        DamagedCheckpointError: there is no step in the checkpoint's name, and its contents cannot be read.
    """
    given = _given(checkpoint_dir, model)
    if given.name == paths.STATE_NAME and given.is_file():
        return given.parent, None
    checkpoint = resolving.named(given)
    if checkpoint is not None:
        return given.parent, checkpoint
    if given.exists():
        is_wrong = not given.is_dir()
    else:
        # A run directory that does not exist yet, unless it is named like a checkpoint beside other checkpoints.
        is_wrong = given.name.startswith(paths.MODEL_NAME) and bool(listing.listed(given.parent))
    if is_wrong:
        raise InputError(f"--checkpoint-dir {given}: {resolving.describe(given)}")
    return given, None


def check_is_there(directory: Path) -> None:
    """Refuse to read a directory that does not exist.

    Raises:
        InputError: it does not exist.
    """
    if not directory.is_dir():
        raise InputError(f"--checkpoint-dir {directory}: no such directory; give one that contains checkpoints")


def _given(checkpoint_dir: str | None, model: str | Model | None) -> Path:
    name = model.name if isinstance(model, Model) else model
    given = Path(checkpoint_dir or f"checkpoints/{name or models.names()[0]}")
    paths.check_name(given)
    return given


def move_aside(directory: Path) -> Path:
    """Move a run directory, if there is one, to a name with a time stamp; nothing is deleted.

    For a link, move the directory that it points to, so that the new run is on the same disk.

    Returns:
        The path of the new run: the same path, made absolute if the current directory is inside it and moves along.

    Raises:
        InputError: a trainer is running in it, or it cannot be moved.
    """
    if not directory.is_dir() or not any(directory.iterdir()):
        return directory
    make(directory)
    # "." has no name to add a time stamp to, either.
    real = directory.resolve()
    new = real if Path.cwd().is_relative_to(real) else directory
    paths.check_name(new)
    aside = real.with_name(f"{real.name}.{datetime.datetime.now():%Y%m%d-%H%M%S-%f}")
    with locked(directory) as lock:
        lock.let_the_directory_move()
        try:
            with_retries(real.rename, aside)
        except OSError as error:
            raise InputError(f"--fresh: {directory} cannot be moved aside ({error.strerror})") from None
    print(f"Moved {directory} aside to {aside}", flush=True)
    make_directory(real)
    return new


def make(directory: Path) -> None:
    """Create the directory if it does not exist, and check that it is writable.

    Raises:
        InputError: it cannot be created, or is not writable.
    """
    if directory.is_symlink() and not directory.exists():
        raise InputError(
            f"--checkpoint-dir {directory}: is a link to {directory.resolve()}, which does not exist; create that "
            "directory, or choose another"
        )
    try:
        make_directory(directory)
        (directory / ".writable").touch()
        (directory / ".writable").unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"--checkpoint-dir {directory}: cannot be written ({error.strerror}); choose a writable directory"
        ) from None
