"""The command `run`: train and evaluate side by side, in a process each; a cluster may do the training."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lowlevel_cnn import datasets
from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.cluster import local, task
from lowlevel_cnn.commands.child_processes import relay, wait_for_all
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.command_line import command_line
from lowlevel_cnn.commands.eval import add_eval_flags
from lowlevel_cnn.commands.flag_types import whole_number
from lowlevel_cnn.commands.own_model import loaded
from lowlevel_cnn.commands.shared_flags import add_run_flags
from lowlevel_cnn.commands.train import add_train_flags
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs import run_directory, run_record
from lowlevel_cnn.runs.agreement import agreed_record, own_model
from lowlevel_cnn.runs.options import EvalOptions, TrainOptions
from lowlevel_cnn.runs.run_data import check_image_shape, scored_split
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.signals import DeferredInterrupt, signals_blocked
from lowlevel_cnn.training.printed_lines import check_log_every


@dataclass(frozen=True)
class SideBySideOptions:
    """The options of `run`.

    Attributes:
        train: the trainer's options.
        eval: the evaluator's options.
        workers: number of training processes in a cluster on this machine; None: train in a single process.
        parameter_servers: number of parameter servers in that cluster.
    """

    train: TrainOptions
    eval: EvalOptions
    workers: int | None
    parameter_servers: int | None


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    add_run_flags(parser)
    add_train_flags(parser)
    add_eval_flags(parser)
    parser.add_argument(
        "--workers",
        type=whole_number(1),
        metavar="N",
        help="train in a cluster on this machine with N training processes",
    )
    parser.add_argument(
        "--parameter-servers",
        type=whole_number(1),
        metavar="N",
        help="number of parameter servers in that cluster, the processes that hold the variables",
    )


def _options(parsed: argparse.Namespace) -> SideBySideOptions:
    train, evaluation = options_from_flags(TrainOptions)(parsed), options_from_flags(EvalOptions)(parsed)
    return SideBySideOptions(train, evaluation, parsed.workers, parsed.parameter_servers)


def run(options: SideBySideOptions) -> int:
    """Start both, pass Ctrl-C and SIGTERM on to both, and return the exit code of the first that failed, or 0.

    Raises:
        InputError: either would refuse its options; reported once, before either is started.
    """
    model = loaded(options.train.model)
    options = replace(options, train=replace(options.train, model=model), eval=replace(options.eval, model=model))
    record = _checked(options)
    directory = run_directory.directory_to_train_in(options.train)
    # Download missing files once, before two processes need them.
    datasets.fetch(record.dataset, options.train.data_dir, mirror=options.train.mirror)
    if options.train.fresh:
        # Before the evaluator can see the old run.
        directory = run_directory.move_aside(directory)
    train = replace(options.train, fresh=False, checkpoint_dir=str(directory))
    there = listing.listed(directory)
    evaluation = _evaluation(options.eval, directory, record, there[-1].step if there else 0)
    with DeferredInterrupt() as interrupt:
        with signals_blocked():
            trainer, others = _start_training(replace(options, train=train))
            arguments = command_line(evaluation)
            evaluator = _start("eval", arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            interrupt.pass_on_to(trainer, evaluator)
        relays = [relay(evaluator.stdout, sys.stdout), relay(evaluator.stderr, sys.stderr)]
        failure = wait_for_all(trainer, evaluator, others, interrupt)
        for each in relays:
            each.join()
        return interrupt.exit_code or failure


def _checked(options: SideBySideOptions) -> RunRecord:
    """Return the record of the run to train.

    Raises:
        InputError: an option is wrong.
    """
    train, evaluation = options.train, options.eval
    directory = run_directory.directory_to_train_in(train)
    if bool(options.workers) != bool(options.parameter_servers):
        raise InputError("--workers and --parameter-servers: a cluster needs both; give both")
    if train.sync and not options.workers:
        raise InputError("--sync: needs several tasks; give --workers and --parameter-servers too")
    if evaluation.once:
        raise InputError("--once: `run` follows the training to its end; leave the flag out")
    record = agreed_record(train, None if train.fresh else run_record.read(directory))
    model = record.restored_model(own_model(train.model))
    check_image_shape(model, record.dataset)
    check_log_every(train.lines or model.lines, train.log_every)
    scored_split(evaluation.split, model)
    return record


def _evaluation(options: EvalOptions, directory: Path, record: RunRecord, start: int) -> EvalOptions:
    """Return the evaluator's options alongside training that starts after `start` steps.

    They include what the trainer writes to run.json only once it has read the checkpoints.
    """
    return replace(
        options,
        checkpoint_dir=str(directory),
        model=own_model(options.model) or record.model,
        dataset=record.dataset,
        from_steps=start,
        until_steps=record.training_steps,
    )


def _start_training(
    options: SideBySideOptions,
) -> tuple[subprocess.Popen[bytes], list[subprocess.Popen[bytes]]]:
    """Start the trainer, or a cluster's chief, and the other tasks of that cluster."""
    arguments = command_line(options.train)
    if not options.workers or not options.parameter_servers:
        return _start("train", arguments, env=task.environment_of_a_process_alone()), []
    configurations = local.configurations(options.workers, options.parameter_servers)

    def start(configuration: str, **settings: Any) -> subprocess.Popen[bytes]:
        return _start("train", arguments, env={**os.environ, task.VARIABLE: configuration}, **settings)

    others = configurations.get(task.WORKER, []) + configurations[task.PARAMETER_SERVER]
    # In a session of their own: a terminal's Ctrl-C would end them before the chief could save.
    return start(*configurations[task.CHIEF]), [start(each, start_new_session=True) for each in others]


def _start(command: str, arguments: list[str], **settings: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "lowlevel_cnn", command, *arguments], **settings)


COMMAND = Command(add_flags, _options, run)
