"""Which run directory the flags mean, and which run: the one found there, if the flags agree with it, or a new one."""

from __future__ import annotations

import argparse
import datetime
from dataclasses import replace
from pathlib import Path

from lowlevel_cnn import datasets, models
from lowlevel_cnn.checkpoints import listing, paths, resolving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs import run_record
from lowlevel_cnn.runs.locking import locked
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.atomic_files import make_directory, with_retries


def path(flags: argparse.Namespace) -> Path:
    """The run directory to train in: `--checkpoint-dir`, else `checkpoints/<model>`.

    Raises:
        InputError: it is not a directory, or TensorFlow could not use the path.
    """
    directory = _given(flags)
    if resolving.named_prefix(directory):
        raise InputError(
            f"--checkpoint-dir {directory}: is a checkpoint; name the directory that holds it, {directory.parent}"
        )
    if directory.exists() and not directory.is_dir():
        raise InputError(f"--checkpoint-dir {directory}: is a file; name a directory")
    return directory


def path_to_read(flags: argparse.Namespace) -> tuple[Path, Checkpoint | None]:
    """The run directory and, where `--checkpoint-dir` names a checkpoint or a file of one, that checkpoint.

    Raises:
        InputError: it is neither a directory nor a checkpoint, or TensorFlow could not use the path.
        DamagedCheckpointError: there is no step in the checkpoint's name, and what it holds cannot be read.
    """
    given = _given(flags)
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


def _given(flags: argparse.Namespace) -> Path:
    given = Path(flags.checkpoint_dir or f"checkpoints/{flags.model or models.names()[0]}")
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


def agreed_record(flags: argparse.Namespace, found: RunRecord | None) -> RunRecord:
    """The run's record: what was found, where the flags agree with it, or a new one of the flags and the defaults."""
    model = models.get(found.model if found else flags.model or models.names()[0])
    if found:
        model = found.restored_model()
        contradictions = [
            f"{flag} {given} (the run: {ours})"
            for flag, given, ours in (
                ("--model", flags.model, found.model),
                ("--dataset", flags.dataset, found.dataset),
                ("--seed", flags.seed, found.seed),
                ("--batch-size", flags.batch_size, model.batch_size),
                ("--learning-rate", flags.learning_rate, model.learning_rate_base),
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
        batch_size=flags.batch_size or model.batch_size,
        learning_rate_base=flags.learning_rate or model.learning_rate_base,
        training_steps=flags.steps or model.training_steps,
    )
    hyper_parameters = run_record.hyper_parameters(model)
    if found:
        return replace(found, hyper_parameters=hyper_parameters)
    return RunRecord(model.name, flags.dataset or model.dataset, flags.seed or 0, hyper_parameters)


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


def load_data(flags: argparse.Namespace, model: models.Model, dataset: str) -> datasets.Dataset:
    """The data set, checked to be of the images that the model takes.

    Raises:
        InputError: the data is missing or wrong, or its images have another shape.
    """
    check_images(model, dataset)
    return datasets.load(dataset, flags.data_dir, mirror=flags.mirror, validation_count=model.validation_count)


def load_training_data(flags: argparse.Namespace, model: models.Model, dataset: str) -> datasets.Dataset:
    """The data set to train on, checked to have enough images for a batch.

    Raises:
        InputError: what `load_data` raises, or a batch has more images than there are.
    """
    loaded = load_data(flags, model, dataset)
    if model.batch_size > len(loaded.train):
        count = len(loaded.train)
        raise InputError(f"--batch-size {model.batch_size}: there are only {count} training images; give a smaller one")
    return loaded


def other_data(found: RunRecord, dataset: datasets.Dataset) -> str:
    """How a data set differs from that which a run began with, in words; "" where it does not, or nobody knows."""
    if found.data_checksum in ("", dataset.checksum):
        return ""
    both = f"checksum {dataset.checksum}, the run: {found.data_checksum}"
    return f"the images or labels are not those that the run began with ({both})"


def check_images(model: models.Model, dataset: str) -> None:
    """Refuses a data set whose images have another shape than the model takes.

    Raises:
        InputError: they have.
    """
    if datasets.image_shape(dataset) != model.image_shape:
        raise InputError(
            f"--dataset {dataset}: its images are {datasets.image_shape(dataset)}, and {model.name} takes "
            f"{model.image_shape}; choose another --model or --dataset"
        )


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
