"""The command `train`: which run, in which directory, with which data, alone or as a task of a cluster."""

from __future__ import annotations

import argparse
from dataclasses import replace

from lowlevel_cnn import datasets, mnist_train
from lowlevel_cnn.checkpoints import listing, saving
from lowlevel_cnn.cluster import chief, parameter_server, worker
from lowlevel_cnn.cluster.task import PARAMETER_SERVER, VARIABLE, task_of_this_process
from lowlevel_cnn.cluster.task_graph import check
from lowlevel_cnn.datasets.printed_lines import print_files_read
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs import run_directory, run_record
from lowlevel_cnn.runs.locking import locked
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.messages import warn
from lowlevel_cnn.training.loop import Run
from lowlevel_cnn.training.printed_lines import check_every


def train(flags: argparse.Namespace) -> int:
    """The command `train`: trains in a run directory, from what is found there, and returns the exit code.

    `TF_CONFIG` makes it one task of a cluster.

    Raises:
        InputError: a flag, `TF_CONFIG`, the data or the run found there is wrong.
        WorkError: training diverged, or no checkpoint could be saved or read.
    """
    task = task_of_this_process()
    if task is None and flags.sync:
        raise InputError(f"--sync: is for several tasks, and {VARIABLE} names none; leave it out")
    if task and task.job == PARAMETER_SERVER:
        return parameter_server.serve(task)
    if task and not task.is_chief:
        return worker.work(task, flags)
    directory = run_directory.path(flags)
    expected = run_directory.agreed_record(flags, None if flags.fresh else run_record.read(directory))
    model = expected.restored_model()
    style = flags.lines or model.lines
    check_every(style, flags.log_every)
    dataset = run_directory.load_training_data(flags, model, expected.dataset)
    print_files_read(style, dataset)
    if task:
        check(task, flags, expected)
    if flags.fresh:
        directory = run_directory.move_aside(directory)
    run_directory.make(directory)
    with locked(directory) as lock:
        # Read again: another trainer may have begun a run here since.
        found = run_record.read(directory)
        record = run_directory.agreed_record(flags, found)
        if record.dataset != expected.dataset:
            raise InputError(f"--checkpoint-dir {directory}: a run on {record.dataset} was begun there just now")
        if found is None:
            # What others wrote there before is never deleted.
            there = listing.listed(directory)
            record = replace(record, first_step=there[-1].step if there else 0, data_checksum=dataset.checksum)
        else:
            _check_same(found, dataset)
            # An old record may not have it.
            record = replace(record, data_checksum=dataset.checksum)
            saving.delete_unfinished(directory)
        run = Run(directory, flags, record, dataset.train, lock, is_new=found is None)
        return chief.lead(task, run) if task else mnist_train.train(run)


def _check_same(found: RunRecord, dataset: datasets.Dataset) -> None:
    """Refuses other data than the run began with, and says so where the last bits can differ.

    Raises:
        InputError: the data is another.
    """
    if differs := run_directory.other_data(found, dataset):
        raise InputError(f"--data-dir: {differs}; give the same data, or begin anew with --fresh")
    here = run_record.speed_switches()
    if any(here.get(name) != value for name, value in found.speed.items()):
        warn(f"the run began with {found.speed}, here it is {here}: the last bits can differ")
