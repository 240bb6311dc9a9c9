"""The command `run`: a trainer and an evaluator side by side, a process each; the trainer may be a cluster."""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import threading
import time
from typing import IO, Any

from lowlevel_cnn import datasets, mnist_eval
from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.cluster import local, task
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs import run_directory, run_record
from lowlevel_cnn.system.signals import DeferredInterrupt, signals_blocked
from lowlevel_cnn.training.printed_lines import check_every


def run_both(flags: argparse.Namespace) -> int:
    """Starts both, passes Ctrl-C and SIGTERM on to both, and returns the exit code of the first that failed, or 0.

    Args:
        flags: of the command `run`; `train_arguments` and `eval_arguments` are the command lines of the two.

    Raises:
        InputError: what either would refuse, said once, before either is started.
    """
    directory = run_directory.path(flags)
    if bool(flags.workers) != bool(flags.parameter_servers):
        raise InputError("--workers and --parameter-servers: a cluster needs both; give the other too")
    if flags.sync and not flags.workers:
        raise InputError("--sync: is for several tasks; give --workers and --parameter-servers too")
    if flags.once:
        raise InputError("--once: `run` follows the training to its end; leave the flag out")
    record = run_directory.agreed_record(flags, None if flags.fresh else run_record.read(directory))
    model = record.restored_model()
    run_directory.check_images(model, record.dataset)
    check_every(flags.lines or model.lines, flags.log_every)
    mnist_eval.split_name_of(flags, model)
    # Downloads what is missing once, before two processes want it.
    datasets.fetch(record.dataset, flags.data_dir, mirror=flags.mirror)
    if flags.fresh:
        # Before the evaluator could see the old run.
        directory = run_directory.move_aside(directory)
        for arguments in (flags.train_arguments, flags.eval_arguments):
            arguments.append(f"--checkpoint-dir={directory}")

    there = listing.listed(directory)
    with DeferredInterrupt() as interrupt:
        with signals_blocked():
            trainer, others = _start_training(flags)
            evaluator = _start_evaluation(flags, record, there[-1].step if there else 0)
            interrupt.pass_on_to(trainer, evaluator)
        relays = [_relay(evaluator.stdout, sys.stdout), _relay(evaluator.stderr, sys.stderr)]
        failure = _wait(trainer, evaluator, others, interrupt)
        for relay in relays:
            relay.join()
        return interrupt.exit_code or failure


def _start_training(flags: argparse.Namespace) -> tuple[subprocess.Popen[bytes], list[subprocess.Popen[bytes]]]:
    """The trainer, or a cluster's chief, and the other tasks of that cluster."""
    if not flags.workers:
        return _start("train", flags.train_arguments, env=task.environment_of_a_process_alone()), []
    configurations = local.configurations(flags.workers, flags.parameter_servers)

    def start(configuration: str, **settings: Any) -> subprocess.Popen[bytes]:
        return _start("train", flags.train_arguments, env={**os.environ, task.VARIABLE: configuration}, **settings)

    others = configurations.get(task.WORKER, []) + configurations[task.PARAMETER_SERVER]
    # In a session of their own: a terminal's Ctrl-C would end them before the chief could save.
    return start(*configurations[task.CHIEF]), [start(each, start_new_session=True) for each in others]


def _start_evaluation(flags: argparse.Namespace, record: run_record.RunRecord, start: int) -> subprocess.Popen[bytes]:
    """The evaluator of a training that begins after `start` steps."""
    # What the trainer writes into run.json only once it has read the checkpoints.
    agreed = [f"--model={record.model}", f"--dataset={record.dataset}", f"--until-steps={record.training_steps}"]
    agreed += [f"--from-steps={start}"]
    return _start("eval", [*flags.eval_arguments, *agreed], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _start(command: str, arguments: list[str], **settings: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "lowlevel_cnn", command, *arguments], **settings)


def _wait(
    trainer: subprocess.Popen[bytes],
    evaluator: subprocess.Popen[bytes],
    others: list[subprocess.Popen[bytes]],
    interrupt: DeferredInterrupt,
) -> int:
    """Waits for all; the exit code of the first that failed, or 0. A failed trainer leaves nothing to wait for."""
    failure = 0
    everyone = [trainer, evaluator, *others]
    while any(each.poll() is None for each in everyone):
        failure = failure or _first_failure(everyone)
        if any(each.returncode for each in others) and trainer.returncode is None:
            # Without the others the chief would wait for ever.
            trainer.terminate()
        if trainer.returncode:
            for each in [evaluator, *others] if interrupt.signal_number is None else others:
                if each.returncode is None:
                    each.terminate()
        time.sleep(0.1)
    return failure or _first_failure(everyone)


def _first_failure(processes: list[subprocess.Popen[bytes]]) -> int:
    """The first exit code that is not 0, of those that have ended; else 0."""
    return next((code for code in map(_shell_code, processes) if code), 0)


def _shell_code(process: subprocess.Popen[bytes]) -> int:
    """The exit code as shells have it: 128 plus the number of the signal that ended a process; 0 while it runs."""
    code = process.returncode or 0
    return code if code >= 0 else 128 - code


def _relay(source: IO[bytes] | None, target: IO[str]) -> threading.Thread:
    """Writes the evaluator's lines where the trainer's progress bar may stand, which draws itself again below.

    That it waits for the trainer, and reads the same files, goes without saying here.
    """
    clear_line = "\r\033[K" if target.isatty() else ""

    def copy() -> None:
        for line in source or ():
            if line.startswith((b"Waiting for ", b"Extracting ")):
                continue
            # Without a reader (`| head`) both go on to their end all the same.
            with contextlib.suppress(OSError):
                target.write(clear_line + line.decode(errors="replace"))
                target.flush()

    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    return thread
