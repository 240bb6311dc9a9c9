"""Add flags that several commands share."""

from __future__ import annotations

import argparse

from lowlevel_cnn import datasets, models
from lowlevel_cnn.commands.flag_types import path_name


def add_run_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that select a run and its data: those of `RunOptions`."""
    parser.add_argument(
        "--model", choices=models.all_names(), help=f"the network (default: the run's, else {models.names()[0]})"
    )
    parser.add_argument(
        "--dataset", choices=datasets.NAMES, help="the data set (default: the run's, else the network's)"
    )
    add_data_flags(parser)
    parser.add_argument(
        "--checkpoint-dir", type=path_name, metavar="DIR", help="the run directory (default: checkpoints/<model>)"
    )
    parser.add_argument(
        "--lines", choices=models.LINES, help="the source whose output lines to print (default: the network's)"
    )


def add_data_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags for where a data set is, or where to download it from."""
    parser.add_argument(
        "--data-dir",
        type=path_name,
        metavar="DIR",
        help="a folder with the data set's files, directly or in a subfolder named after the data set "
        f"(default: ${datasets.DATA_VARIABLE}, else a cache folder to which they are downloaded)",
    )
    parser.add_argument(
        "--mirror",
        metavar="URL",
        help=f"where to download from (default: ${datasets.MIRROR_VARIABLE}, else known mirrors)",
    )


def add_restore_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that select a trained network: those of `RestoreOptions`, without its data."""
    parser.add_argument("--checkpoint-dir", type=path_name, metavar="DIR", required=True, help="the run directory")
    add_network_flags(parser)


def add_network_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags for the network of a run directory, and for which of its weights to use."""
    add_model_flag(parser)
    add_weights_flag(parser)


def add_model_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag for the network of a run directory."""
    parser.add_argument("--model", choices=models.all_names(), help="the network, for checkpoints without a run.json")


def add_weights_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag that chooses between averaged and raw weights."""
    parser.add_argument(
        "--weights",
        choices=("average", "raw"),
        default="average",
        help="the moving averages of the weights, or the weights themselves (default: average)",
    )


def add_polarity_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag for ink and background of image files."""
    parser.add_argument(
        "--polarity",
        choices=("auto", "dark-on-light", "light-on-dark"),
        default="auto",
        help="ink and background of the image files (default: judged by each image's edges)",
    )
