"""The command `train`: which run, in which directory, with which data, alone or as a task of a cluster."""

from __future__ import annotations

import argparse
from dataclasses import replace

from lowlevel_cnn import datasets, mnist_train
from lowlevel_cnn.checkpoints import listing, saving
from lowlevel_cnn.cluster import chief, parameter_server, worker
from lowlevel_cnn.cluster.task import PARAMETER_SERVER, VARIABLE, task_of_this_process
from lowlevel_cnn.cluster.task_graph import check_batch_size
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import positive_number, whole_number
from lowlevel_cnn.commands.shared_flags import add_run_flags
from lowlevel_cnn.datasets.printed_lines import print_files_read
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs import run_directory, run_record
from lowlevel_cnn.runs.locking import locked
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.runs.run_data import load_training_data, other_data
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.messages import warn
from lowlevel_cnn.training.printed_lines import check_log_every
from lowlevel_cnn.training.training_run import TrainingRun


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    add_run_flags(parser)
    add_train_flags(parser)


def add_train_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say how to train."""
    parser.add_argument(
        "--steps",
        type=whole_number(1),
        metavar="N",
        help="the global step to reach (default: the run's, else the model's)",
    )
    parser.add_argument(
        "--batch-size", type=whole_number(1), metavar="N", help="images per step (default: the model's)"
    )
    parser.add_argument(
        "--learning-rate", type=positive_number, metavar="RATE", help="the initial learning rate (default: the model's)"
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0),
        metavar="N",
        help="seed of the initial weights, the order of images and the dropout (default: 0)",
    )
    parser.add_argument(
        "--save-every",
        type=whole_number(1),
        default=TrainOptions.save_every,
        metavar="N",
        help="steps between two checkpoints (default: %(default)s)",
    )
    parser.add_argument(
        "--keep",
        type=whole_number(1),
        default=TrainOptions.keep,
        metavar="N",
        help="number of checkpoints to keep (default: %(default)s)",
    )
    parser.add_argument(
        "--log-every",
        type=whole_number(1),
        metavar="N",
        help="steps between two lines with the loss (default: in the book's style at each checkpoint, in the "
        "estimator's every 100)",
    )
    parser.add_argument(
        "--log-probabilities-every",
        type=whole_number(1),
        metavar="N",
        help="print the probabilities of a batch every N steps, beginning with step 1",
    )
    parser.add_argument(
        "--summary-every",
        type=whole_number(0),
        default=TrainOptions.summary_every,
        metavar="N",
        help="steps between summaries for TensorBoard; of weights, every 10 N steps (default: %(default)s; 0: none)",
    )
    parser.add_argument(
        "--profile",
        type=whole_number(1),
        default=TrainOptions.profile,
        metavar="N",
        help="write a timeline of N steps, after the first ten, and print the ten most expensive operations",
    )
    parser.add_argument(
        "--sync",
        action="store_true",
        help="in a cluster (TF_CONFIG): all tasks share each batch and take each step together (default: each takes "
        "its own)",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="start a new run; move the run in the directory aside, to a name with a time stamp",
    )


def train(options: TrainOptions) -> int:
    """Train in a run directory, from what is found there, and return the exit code.

    `TF_CONFIG` makes it one task of a cluster.

    Raises:
        InputError: an option, `TF_CONFIG`, the data or the run found there is wrong.
        WorkError: training diverged, or no checkpoint could be saved or read.
    """
    task = task_of_this_process()
    if task is None and options.sync:
        raise InputError(f"--sync: is for several tasks, and {VARIABLE} names none; leave it out")
    if task and task.job == PARAMETER_SERVER:
        return parameter_server.serve(task)
    if task and not task.is_chief:
        return worker.work(task, options)
    directory = run_directory.directory_to_train_in(options)
    expected = run_directory.agreed_record(options, None if options.fresh else run_record.read(directory))
    model = expected.restored_model()
    style = options.lines or model.lines
    check_log_every(style, options.log_every)
    dataset = load_training_data(model, expected.dataset, options.data_dir, options.mirror)
    print_files_read(style, dataset)
    if task:
        check_batch_size(task, expected, sync=options.sync)
    if options.fresh:
        directory = run_directory.move_aside(directory)
    run_directory.make(directory)
    with locked(directory) as lock:
        # Read again: another trainer may have begun a run here since.
        found = run_record.read(directory)
        record = run_directory.agreed_record(options, found)
        if record.dataset != expected.dataset:
            raise InputError(f"--checkpoint-dir {directory}: a run on {record.dataset} was begun there just now")
        if found is None:
            # What others wrote there before is never deleted.
            there = listing.listed(directory)
            record = replace(record, first_step=there[-1].step if there else 0)
        else:
            _check_same_data(found, dataset)
            saving.delete_unfinished(directory)
        # An old record may not have the checksum.
        record = replace(record, data_checksum=dataset.checksum)
        run = TrainingRun(directory, options, record, dataset.train, lock, is_new=found is None)
        return chief.lead(task, run) if task else mnist_train.train(run)


def _check_same_data(found: RunRecord, dataset: datasets.Dataset) -> None:
    """Refuse other data than the run began with; warn if the last bits can differ.

    Raises:
        InputError: the data is another.
    """
    if differs := other_data(found, dataset):
        raise InputError(f"--data-dir: {differs}; give the same data, or start a new run with --fresh")
    here = run_record.speed_switches()
    if any(here.get(name) != value for name, value in found.speed.items()):
        warn(f"the run began with {found.speed}, here it is {here}: the last bits can differ")


COMMAND = Command(add_flags, options_from_flags(TrainOptions), train)
