"""Find the run directory that is meant, and the run in it: the one found, or a new one."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints import listing, paths, resolving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs import run_record
from lowlevel_cnn.runs.locking import locked
from lowlevel_cnn.runs.options import RunOptions, TrainOptions
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.atomic_files import make_directory, with_retries


def directory_to_train_in(options: RunOptions) -> Path:
    """Return the run directory to train in: `checkpoint_dir`, else `checkpoints/<model>`.

    Raises:
        InputError: it is not a directory, or TensorFlow could not use the path.
    """
    directory = _given(options.checkpoint_dir, options.model)
    if resolving.named_prefix(directory):
        raise InputError(
            f"--checkpoint-dir {directory}: is a checkpoint; name the directory that holds it, {directory.parent}"
        )
    if directory.exists() and not directory.is_dir():
        raise InputError(f"--checkpoint-dir {directory}: is a file; name a directory")
    return directory


def directory_to_read(checkpoint_dir: str | None, model: str | None) -> tuple[Path, Checkpoint | None]:
    """Return the run directory and, if `checkpoint_dir` names a checkpoint or a file of one, that checkpoint.

    Raises:
        InputError: it is neither a directory nor a checkpoint, or TensorFlow could not use the path.
        DamagedCheckpointError: there is no step in the checkpoint's name, and what it holds cannot be read.
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
        # A run directory that is still to come, unless it is called as a checkpoint and stands among others.
        is_wrong = given.name.startswith(paths.MODEL_NAME) and bool(listing.listed(given.parent))
    if is_wrong:
        raise InputError(f"--checkpoint-dir {given}: {resolving.describe(given)}")
    return given, None


def check_is_there(directory: Path) -> None:
    """Refuses a directory to read that is not there.

    Raises:
        InputError: it is not.
    """
    if not directory.is_dir():
        raise InputError(f"--checkpoint-dir {directory}: there is no such directory; name one that holds checkpoints")


def _given(checkpoint_dir: str | None, model: str | None) -> Path:
    given = Path(checkpoint_dir or f"checkpoints/{model or models.names()[0]}")
    paths.check_name(given)
    return given


def move_aside(directory: Path) -> Path:
    """Moves a run directory, where there is one, to a name with a time stamp; nothing is deleted.

    Of a link that is the directory that it points to, so that the new run comes to the same disk.

    Returns:
        The path of the new run: the same, but for one that the current directory is in, which moves along.

    Raises:
        InputError: a trainer works in it, or it cannot be moved.
    """
    if not directory.is_dir() or not any(directory.iterdir()):
        return directory
    make(directory)
    # "." has no name to add to, either.
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


def agreed_record(options: TrainOptions, found: RunRecord | None) -> RunRecord:
    """Return the record of the run found, if the options agree with it, or of a new one.

    Raises:
        InputError: they contradict it.
    """
    model = models.get(found.model if found else options.model or models.names()[0])
    if found:
        model = found.restored_model()
        contradictions = [
            f"{flag} {given} (the run: {ours})"
            for flag, given, ours in (
                ("--model", options.model, found.model),
                ("--dataset", options.dataset, found.dataset),
                ("--seed", options.seed, found.seed),
                ("--batch-size", options.batch_size, model.batch_size),
                ("--learning-rate", options.learning_rate, model.learning_rate_base),
            )
            if given is not None and given != ours
        ]
        if contradictions:
            raise InputError(
                f"{', '.join(contradictions)}: the run found in the directory is another one; leave the flag out to "
                "go on with that run, name another --checkpoint-dir, or begin anew with --fresh"
            )
    model = replace(
        model,
        batch_size=options.batch_size or model.batch_size,
        learning_rate_base=options.learning_rate or model.learning_rate_base,
        training_steps=options.steps or model.training_steps,
    )
    hyper_parameters = run_record.hyper_parameters(model)
    if found:
        return replace(found, hyper_parameters=hyper_parameters)
    return RunRecord(model.name, options.dataset or model.dataset, options.seed or 0, hyper_parameters)


def model_of(directory: Path, found: RunRecord | None, name: str | None) -> tuple[models.Model, str]:
    """The model of what was found in a directory, and the data set that it was trained on.

    Args:
        directory: for the error.
        found: its record; None where others wrote the checkpoints.
        name: what `--model` says, which may be left out where there is a record.

    Raises:
        InputError: `--model` contradicts the record, or there is neither.
    """
    if found is None:
        if name is None:
            raise InputError(
                f"--checkpoint-dir {directory}: checkpoints without a run.json; name their network with --model"
            )
        model = models.get(name)
        return model, model.dataset
    if name not in (None, found.model):
        raise InputError(f"--model {name}: the run in {directory} is of {found.model}; leave the flag out")
    return found.restored_model(), found.dataset


def make(directory: Path) -> None:
    """Makes the directory where there is none.

    Raises:
        InputError: it cannot be made, or not be written.
    """
    if directory.is_symlink() and not directory.exists():
        raise InputError(
            f"--checkpoint-dir {directory}: is a link to {directory.resolve()}, which is not there; make that "
            "directory, or name another"
        )
    try:
        make_directory(directory)
        (directory / ".writable").touch()
        (directory / ".writable").unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"--checkpoint-dir {directory}: cannot be written ({error.strerror}); name a directory that can"
        ) from None
