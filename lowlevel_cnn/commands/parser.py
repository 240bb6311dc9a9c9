"""What users type: the commands and their flags. Parsing needs neither TensorFlow nor NumPy."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from lowlevel_cnn import __version__, datasets, models
from lowlevel_cnn.commands import exclusive_flags
from lowlevel_cnn.commands.console import OneLineParser
from lowlevel_cnn.commands.data_flags import add_data_command_flags, add_data_flags
from lowlevel_cnn.commands.flag_types import path, positive, seconds, whole
from lowlevel_cnn.plots import PICTURES

AddFlags = Callable[[argparse.ArgumentParser], None]
_CLASSES = 10  # of every data set


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The flags of a command line; `function` names what runs it, as `module:function`.

    Raises:
        InputError: the command line is wrong.
        SystemExit: it asks for help, which has been printed.
    """
    parsed = _parser().parse_args(arguments)
    exclusive_flags.check(arguments)
    if parsed.command == "run":
        given = vars(parsed)
        parsed.train_arguments = _command_line(given, _add_run_flags, _add_train_flags, leave_out={"fresh"})
        parsed.eval_arguments = _command_line(given, _add_run_flags, _add_eval_flags, leave_out=set())
    return parsed


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="lowlevel-cnn",
        description="Convolutional networks of the TensorFlow 1.x textbooks, low-level, on today's TensorFlow.",
    )
    parser.add_argument("--version", action="version", version=f"lowlevel-cnn {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, function, text, additions in (
        (
            "train",
            "train:train",
            "train a network, or go on with the training found",
            (_add_run_flags, _add_train_flags),
        ),
        (
            "eval",
            "eval:evaluate",
            "evaluate the checkpoints of a run as they come",
            (_add_run_flags, _add_eval_flags),
        ),
        (
            "run",
            "run:run_both",
            "train and evaluate side by side",
            (_add_run_flags, _add_train_flags, _add_eval_flags, _add_cluster_flags),
        ),
        (
            "reproduce",
            "reproduce:reproduce",
            "train models in full and make the results table",
            (_add_reproduce_flags,),
        ),
        (
            "inspect",
            "inspect:inspect",
            "show what is in a checkpoint",
            (_add_inspect_flags,),
        ),
        (
            "predict",
            "predict:predict",
            "say what is on images",
            (_add_trained_flags, add_data_flags, _add_predict_flags),
        ),
        (
            "export",
            "export:export",
            "write a trained network for TensorFlow 2, or its weights for NumPy",
            (_add_trained_flags, _add_export_flags),
        ),
        (
            "plot",
            "plot:plot",
            "draw pictures of a run: learning curves, filters, mistakes",
            (_add_plot_flags, _add_network_flags, add_data_flags, _add_polarity_flag),
        ),
        (
            "data",
            "data:data",
            "make sure of a data set: download what is missing, check it, say where it is",
            (add_data_command_flags,),
        ),
        (
            "models",
            "models:list_models",
            "list the networks, or the layers of one",
            (_add_models_flags,),
        ),
    ):
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False)
        command.set_defaults(function=function)
        for add in additions:
            add(command)
    return parser


def _add_run_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", choices=models.all_names(), help=f"the network (default: the run's, else {models.names()[0]})"
    )
    parser.add_argument(
        "--dataset", choices=datasets.NAMES, help="the data set (default: the run's, else the network's)"
    )
    add_data_flags(parser)
    parser.add_argument(
        "--checkpoint-dir", type=path, metavar="DIR", help="the run directory (default: checkpoints/<model>)"
    )
    parser.add_argument(
        "--lines", choices=models.LINES, help="whose printed lines: the style of a source (default: the network's)"
    )


def _add_train_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--steps", type=whole(1), metavar="N", help="steps to reach (default: the run's, else the model's)"
    )
    parser.add_argument("--batch-size", type=whole(1), metavar="N", help="images a step (default: the model's)")
    parser.add_argument(
        "--learning-rate",
        type=positive,
        metavar="RATE",
        help="the learning rate at the start (default: the model's)",
    )
    parser.add_argument(
        "--seed",
        type=whole(0),
        metavar="N",
        help="of the first weights, the order of images and the dropout (default: 0)",
    )
    parser.add_argument(
        "--save-every",
        type=whole(1),
        default=1000,
        metavar="N",
        help="steps between two checkpoints (default: 1000)",
    )
    parser.add_argument("--keep", type=whole(1), default=5, metavar="N", help="how many checkpoints stay (default: 5)")
    parser.add_argument(
        "--log-every",
        type=whole(1),
        metavar="N",
        help="steps between two lines with the loss (default: the book's where it saves, the estimator's every 100)",
    )
    parser.add_argument(
        "--log-probabilities-every",
        type=whole(1),
        metavar="N",
        help="print the batch's probabilities, from step 1 on every N steps",
    )
    parser.add_argument(
        "--summary-every",
        type=whole(0),
        default=100,
        metavar="N",
        help="steps between two summaries for TensorBoard; of weights, every 10 N steps (default: 100; 0: none)",
    )
    parser.add_argument(
        "--profile",
        type=whole(1),
        default=0,
        metavar="N",
        help="write a timeline of N steps, after the first ten, and print the ten dearest operations",
    )
    parser.add_argument(
        "--sync",
        action="store_true",
        help="in a cluster (TF_CONFIG): all tasks share each batch and take its step together (default: each its own)",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="move the run found there aside, to a name with a time stamp, and begin anew",
    )


def _add_eval_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        help="the images to score (default: validation, where the model holds it out)",
    )
    _add_weights_flag(parser)
    parser.add_argument(
        "--top",
        type=int,
        choices=range(1, _CLASSES + 1),
        metavar="K",
        help=f"print top-K and top-1 accuracy too: the label among the K likeliest classes (K: 1 to {_CLASSES})",
    )
    parser.add_argument("--loss", action="store_true", help="print the loss too, where the style's line lacks it")
    parser.add_argument("--once", action="store_true", help="evaluate the newest checkpoint and end")
    parser.add_argument(
        "--all", action="store_true", help="begin with the oldest checkpoint there, not with the newest"
    )
    parser.add_argument(
        "--interval-secs",
        type=seconds,
        default=10.0,
        metavar="S",
        help="seconds between two looks (default: 10)",
    )
    parser.add_argument(
        "--timeout-secs",
        type=seconds,
        metavar="S",
        help="end when no new checkpoint has come for so long (default: never)",
    )
    # Given by `run`, which knows where the trainer begins, and where it will end before run.json says so.
    parser.add_argument("--from-steps", type=whole(0), help=argparse.SUPPRESS)
    parser.add_argument("--until-steps", type=whole(1), help=argparse.SUPPRESS)


def _add_cluster_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=whole(1), metavar="N", help="train in a cluster on this machine: processes that train"
    )
    parser.add_argument(
        "--parameter-servers", type=whole(1), metavar="N", help="processes that hold the variables of that cluster"
    )


def _add_weights_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--weights",
        choices=("average", "raw"),
        default="average",
        help="moving averages, or the weights (default: average)",
    )


def _add_reproduce_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        action="append",
        choices=models.all_names(),
        help="may be given several times (default: all in `models`)",
    )
    parser.add_argument(
        "--seeds", type=whole(0), nargs="+", default=[0, 1, 2], metavar="N", help="a run each (default: 0 1 2)"
    )
    add_data_flags(parser)
    parser.add_argument(
        "--runs-dir",
        type=path,
        default="checkpoints/reproduce",
        metavar="DIR",
        help="run directories (default: checkpoints/reproduce)",
    )
    parser.add_argument(
        "--rows",
        type=path,
        default="results.jsonl",
        metavar="FILE",
        help="a row a run is added here (default: results.jsonl)",
    )
    parser.add_argument(
        "--table",
        type=path,
        default="results.md",
        metavar="FILE",
        help="the table is written here (default: results.md)",
    )


def _add_inspect_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=path, metavar="PATH", help="a run directory, a checkpoint, or a file of one")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--tensor", metavar="NAME", help="print a variable's values, all of them")
    what.add_argument("--diff", type=path, metavar="OTHER", help="show what differs in another checkpoint")
    what.add_argument(
        "--verify", action="store_true", help="read everything and say whether it is good (exit code 1: not)"
    )
    parser.add_argument("--output", type=path, metavar="FILE.npy", help="write the values of --tensor there")
    parser.add_argument("--json", action="store_true", help="for scripts")


def _add_trained_flags(parser: argparse.ArgumentParser) -> None:
    """Of the commands that use a trained network."""
    parser.add_argument("--checkpoint-dir", type=path, metavar="DIR", required=True, help="the run directory")
    _add_network_flags(parser)


def _add_network_flags(parser: argparse.ArgumentParser) -> None:
    """Which network of a run directory, and which of its weights."""
    parser.add_argument("--model", choices=models.all_names(), help="the network of checkpoints without a run.json")
    _add_weights_flag(parser)


def _add_predict_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="*", type=path, metavar="IMAGE", help="PNG or JPEG files, or folders of them")
    _add_polarity_flag(parser)
    parser.add_argument("--split", choices=("validation", "test"), help="the images of the run's data set instead")
    parser.add_argument("--wrong", action="store_true", help="only the mistakes in the split")
    parser.add_argument("--json", action="store_true", help="for scripts")


def _add_polarity_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--polarity",
        choices=("auto", "dark-on-light", "light-on-dark"),
        default="auto",
        help="how ink and ground of image files differ (default: seen from each image's edge)",
    )


def _add_plot_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint-dir",
        action="append",
        type=path,
        metavar="DIR",
        required=True,
        help="the run directory; given several times, the learning curves of these runs together",
    )
    parser.add_argument(
        "--output",
        type=path,
        metavar="FOLDER",
        required=True,
        help="the PNG files are written there; it is made where there is none",
    )
    parser.add_argument(
        "--only", nargs="+", action="extend", choices=PICTURES, help="which pictures (default: all that can be drawn)"
    )
    parser.add_argument(
        "--image",
        type=path,
        metavar="FILE",
        help="the PNG or JPEG file that the network is shown (default: the first test image)",
    )
    parser.add_argument("--force", action="store_true", help="replace pictures that are there already")


def _add_export_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=path, metavar="OUT", required=True, help="where to write it")
    parser.add_argument(
        "--format",
        choices=("saved-model", "npz"),
        default="saved-model",
        help="a SavedModel with graph and weights, or NumPy's .npz with the weights (default: saved-model)",
    )
    parser.add_argument("--force", action="store_true", help="replace an export that is there already")


def _add_models_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--layers",
        choices=models.all_names(),
        metavar="NAME",
        help="the layers of this network: output shape, parameters, connections",
    )
    parser.add_argument("--json", action="store_true", help="all of it, for scripts")


def _command_line(given: dict[str, object], *additions: AddFlags, leave_out: set[str]) -> list[str]:
    """The flags that these functions add, written as a command line again, with the values given."""
    parser = argparse.ArgumentParser(add_help=False)
    for add in additions:
        add(parser)
    words: list[str] = []
    for action in parser._actions:
        value = given[action.dest]
        if action.dest in leave_out or value == action.default:
            continue
        words += [action.option_strings[0]] if value is True else [f"{action.option_strings[0]}={value}"]
    return words
