"""Plan a run: check its settings, load its data, and only then take its directory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lowlevel_cnn.checkpoints import listing, saving
from lowlevel_cnn.datasets import Dataset
from lowlevel_cnn.datasets.printed_lines import print_files_read
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs import run_directory, run_record
from lowlevel_cnn.runs.agreement import agreed_record, own_model
from lowlevel_cnn.runs.locking import locked
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.runs.run_data import flag_of_data, load_training_data, other_data
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.messages import note, warn
from lowlevel_cnn.training.printed_lines import check_log_every
from lowlevel_cnn.training.training_run import ProgressBar, TrainingRun, bar_on_a_terminal


@dataclass(frozen=True)
class PlannedRun:
    """A run whose options and data are good; nothing on disk has changed yet.

    Attributes:
        options: how to train it.
        directory: the run directory.
        record: the record of the run found there, or of a new run.
        dataset: the data set to train on.
    """

    options: TrainOptions
    directory: Path
    record: RunRecord
    dataset: Dataset


def planned(options: TrainOptions, dataset: Dataset | None = None) -> PlannedRun:
    """Plan a run.

    Args:
        options: how to train it.
        dataset: the data set to train on, if it is in memory already; None: load the one that the options name.

    Raises:
        InputError: an option, the data or the existing run is wrong.
    """
    directory = run_directory.directory_to_train_in(options)
    record = agreed_record(options, None if options.fresh else run_record.read(directory))
    style = options.lines or record.restored_model(own_model(options.model)).lines
    check_log_every(style, options.log_every)
    record, _, loaded = load_training_data(record, options, dataset)
    if dataset is None:
        print_files_read(style, loaded)
        for each in loaded.remarks:
            note(each)
    return PlannedRun(options, directory, record, loaded)


@contextlib.contextmanager
def begun(plan: PlannedRun, progress_bar: ProgressBar = bar_on_a_terminal) -> Iterator[TrainingRun]:
    """Take the run's directory, and hold its lock.

    Args:
        plan: the run.
        progress_bar: makes the bar that shows its progress.

    Raises:
        InputError: the directory cannot be used, is in use, or has got another run since.
    """
    options, directory, dataset = plan.options, plan.directory, plan.dataset
    if options.fresh:
        directory = run_directory.move_aside(directory)
    run_directory.make(directory)
    with locked(directory) as lock:
        # Read again: another trainer may have started a run here since.
        found = run_record.read(directory)
        record = agreed_record(options, found)
        if record.dataset != plan.record.dataset:
            raise InputError(f"--checkpoint-dir {directory}: a run on {record.dataset} has just been started there")
        if found is None:
            # Checkpoints that other programs wrote before are never deleted.
            there = listing.listed(directory)
            record = replace(record, first_step=there[-1].step if there else 0)
        else:
            _check_same_data(found, dataset)
            saving.delete_unfinished(directory)
        # An old record may not have these.
        of_data = {name: getattr(plan.record, name) for name in ("data_checksum", "image_shape", "class_names")}
        record = replace(record, **of_data)
        model = record.restored_model(own_model(options.model))
        yield TrainingRun(directory, options, record, model, dataset.train, lock, found is None, progress_bar)


def _check_same_data(found: RunRecord, dataset: Dataset) -> None:
    """Refuse other data than the run was started with; warn if the last bits can differ.

    Raises:
        InputError: the data is different.
    """
    if differs := other_data(found, dataset):
        flag = flag_of_data(found.dataset)
        raise InputError(f"{flag}: {differs}; use the same data, or start a new run with --fresh")
    here = run_record.speed_switches()
    if any(here.get(name) != value for name, value in found.speed.items()):
        warn(f"the run was started with {found.speed}, this process has {here}: the last bits can differ")
