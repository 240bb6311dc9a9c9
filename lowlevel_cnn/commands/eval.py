"""The command `eval`: evaluate the checkpoints of a run as they appear."""

from __future__ import annotations

import argparse
from pathlib import Path

from lowlevel_cnn import mnist_eval
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import seconds, whole_number
from lowlevel_cnn.commands.own_model import with_own_model
from lowlevel_cnn.commands.shared_flags import add_run_flags, add_weights_flag
from lowlevel_cnn.datasets.printed_lines import print_files_read
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.evaluation.checkpoint_iterator import CheckpointIterator
from lowlevel_cnn.evaluation.printed_lines import EvaluationLines
from lowlevel_cnn.evaluation.scores import Scores
from lowlevel_cnn.runs import run_directory
from lowlevel_cnn.runs.options import EvalOptions
from lowlevel_cnn.runs.run_data import load_data, scored_split
from lowlevel_cnn.system.messages import note
from lowlevel_cnn.tensorflow_v1 import import_now


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    add_run_flags(parser)
    add_eval_flags(parser)


def add_eval_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say how to evaluate."""
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        help="the images to score (default: validation, if the model holds any out)",
    )
    add_weights_flag(parser)
    parser.add_argument(
        "--top",
        type=whole_number(1),
        metavar="K",
        help="also print top-K and top-1 accuracy: how often the label is among the K most probable classes "
        "(K: 1 to the number of classes)",
    )
    parser.add_argument("--loss", action="store_true", help="also print the loss in styles that do not include it")
    parser.add_argument("--once", action="store_true", help="evaluate the newest checkpoint and exit")
    parser.add_argument("--all", action="store_true", help="start with the oldest checkpoint instead of the newest")
    parser.add_argument(
        "--interval-secs",
        type=seconds,
        default=EvalOptions.interval_secs,
        metavar="S",
        help="seconds between checks for a new checkpoint (default: 10)",
    )
    parser.add_argument(
        "--timeout-secs",
        type=seconds,
        metavar="S",
        help="exit after this many seconds without a new checkpoint (default: never)",
    )
    # Set by `run`, which knows where the trainer starts and will end before run.json does.
    parser.add_argument("--from-steps", type=whole_number(0), help=argparse.SUPPRESS)
    parser.add_argument("--until-steps", type=whole_number(1), help=argparse.SUPPRESS)


def evaluate(options: EvalOptions) -> int:
    """Follow a run directory until the run ends, and return the exit code.

    Raises:
        InputError: an option, the data or the directory is wrong, or a checkpoint is of another network.
        WorkError: no checkpoint could be evaluated, or the training has diverged.
    """
    if options.data_dir is not None and not Path(options.data_dir).is_dir():
        raise InputError(f"--data-dir {options.data_dir}: no such directory; give one that contains the data set")
    directory, named = run_directory.directory_to_read(options.checkpoint_dir, options.model)
    checkpoints = CheckpointIterator(directory, options, named)
    if options.until_steps is not None:
        # The trainer that `run` has started imports TensorFlow too: until its first checkpoint a processor is idle.
        import_now()
    while True:
        _evaluate_run(checkpoints, directory, options)
        if not checkpoints.run_was_replaced:
            return 0
        note(f"A new run was started in {directory}")
        checkpoints = CheckpointIterator(directory, options, restarted=True)


def _evaluate_run(checkpoints: CheckpointIterator, directory: Path, options: EvalOptions) -> None:
    """Evaluate one run's checkpoints as they appear."""
    model, dataset_name = checkpoints.model_and_dataset()
    split_name = scored_split(options.split, model)
    if split_name != (options.split or "validation"):
        note(f"{model.name} holds out no validation images: scoring the test images")
    dataset = load_data(model, dataset_name, options.data_dir, options.mirror)
    if options.top and options.top > model.num_labels:
        raise InputError(f"--top {options.top}: there are only {model.num_labels} classes; give at most that many")
    style = options.lines or model.lines
    print_files_read(style, dataset)
    last_step = options.until_steps or model.training_steps
    lines = EvaluationLines(style, last_step, with_loss=options.loss, top=options.top)
    scores = Scores(directory, checkpoints, dataset, split_name, options.weights, lines)
    mnist_eval.evaluate(model, options, checkpoints, scores)
    if not scores.end() and not checkpoints.run_was_replaced:
        raise WorkError(f"--checkpoint-dir {directory}: no good checkpoint to evaluate; train first, or wait longer")


COMMAND = Command(add_flags, options_from_flags(EvalOptions), with_own_model(evaluate))
