"""The command `train`: train a network in a run directory, in a single process or as a task of a cluster."""

from __future__ import annotations

import argparse

from lowlevel_cnn import mnist_train, models
from lowlevel_cnn.cluster import chief, parameter_server, worker
from lowlevel_cnn.cluster.task import PARAMETER_SERVER, VARIABLE, task_of_this_process
from lowlevel_cnn.cluster.task_graph import check_batch_size
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import image_size, number, positive_number, whole_number
from lowlevel_cnn.commands.own_model import warn_of_random_operations, with_own_model
from lowlevel_cnn.commands.shared_flags import add_run_flags
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.tensorflow_v1 import same_bits_on_gpu
from lowlevel_cnn.training.planned_run import begun, planned


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
    parser.add_argument("--optimizer", choices=models.OPTIMIZERS, help="the optimizer (default: the model's)")
    parser.add_argument(
        "--moving-average-decay",
        type=number(0, below=1),
        metavar="DECAY",
        help="the share of each moving average that a step keeps (default: the model's)",
    )
    parser.add_argument(
        "--regularization-rate",
        type=number(0),
        metavar="RATE",
        help="the scale of the L2 regularization (default: the model's)",
    )
    parser.add_argument(
        "--image-size",
        type=image_size,
        metavar="N|HxW",
        help="height and width to which pictures of your own are scaled (default: the model's)",
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0),
        metavar="N",
        help="seed for the initial weights, the order of images and the dropout (default: 0)",
    )
    parser.add_argument(
        "--save-every",
        type=whole_number(1),
        default=TrainOptions.save_every,
        metavar="N",
        help="steps between checkpoints (default: %(default)s)",
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
        help="steps between lines with the loss (default: at each checkpoint in the book's style, every 100 steps in "
        "the estimator's)",
    )
    parser.add_argument(
        "--log-probabilities-every",
        type=whole_number(1),
        metavar="N",
        help="print the batch's probabilities every N steps, starting with step 1",
    )
    parser.add_argument(
        "--summary-every",
        type=whole_number(0),
        default=TrainOptions.summary_every,
        metavar="N",
        help="steps between TensorBoard summaries, 10 N for those of weights (default: %(default)s; 0: none)",
    )
    parser.add_argument(
        "--profile",
        type=whole_number(1),
        default=TrainOptions.profile,
        metavar="N",
        help="write a timeline of N steps after the first ten, and print the ten most expensive operations",
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
        help="start a new run; move the one in the directory aside, adding a time stamp to its name",
    )


def train(options: TrainOptions) -> int:
    """Train in a run directory, resuming from what is found there, and return the exit code.

    `TF_CONFIG` makes it one task of a cluster.

    Raises:
        InputError: an option, `TF_CONFIG`, the data or the existing run is wrong.
        WorkError: training diverged, or no checkpoint could be saved or read.
    """
    same_bits_on_gpu()
    task = task_of_this_process()
    if task is None and options.sync:
        raise InputError(f"--sync: needs several tasks, but {VARIABLE} defines none; leave it out")
    if task and task.job == PARAMETER_SERVER:
        return parameter_server.serve(task)
    if task and not task.is_chief:
        return worker.work(task, options)
    plan = planned(options)
    if task:
        check_batch_size(task, plan.record, sync=options.sync)
    with begun(plan) as run:
        warn_of_random_operations(run.model)
        return chief.lead(task, run) if task else mnist_train.train(run)


COMMAND = Command(add_flags, options_from_flags(TrainOptions), with_own_model(train))
