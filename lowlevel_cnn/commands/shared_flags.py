"""The flags that several commands have."""

from __future__ import annotations

import argparse

from lowlevel_cnn import datasets, models
from lowlevel_cnn.commands.flag_types import path_name


def add_run_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say which run, and with which data: those of `RunOptions`."""
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
        "--lines", choices=models.LINES, help="whose output lines to print, by source (default: the network's)"
    )


def add_data_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say where a data set is, or is downloaded from."""
    parser.add_argument(
        "--data-dir",
        type=path_name,
        metavar="DIR",
        help="a folder that holds the data set's files, or holds them in a folder named after the data set "
        f"(default: ${datasets.DATA_VARIABLE}, else a cache folder into which they are downloaded)",
    )
    parser.add_argument(
        "--mirror",
        metavar="URL",
        help=f"where to download from (default: ${datasets.MIRROR_VARIABLE}, else known mirrors)",
    )


def add_restore_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say which trained network: those of `RestoreOptions`, without its data."""
    parser.add_argument("--checkpoint-dir", type=path_name, metavar="DIR", required=True, help="the run directory")
    add_network_flags(parser)


def add_network_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say which network a run directory holds, and which of its weights to use."""
    parser.add_argument("--model", choices=models.all_names(), help="the network of checkpoints without a run.json")
    add_weights_flag(parser)


def add_weights_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag that chooses between averaged and raw weights."""
    parser.add_argument(
        "--weights",
        choices=("average", "raw"),
        default="average",
        help="the moving averages of the weights, or the weights themselves (default: average)",
    )


def add_polarity_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag that says how ink and ground of image files differ."""
    parser.add_argument(
        "--polarity",
        choices=("auto", "dark-on-light", "light-on-dark"),
        default="auto",
        help="how ink and background of image files differ (default: judged by each image's edge)",
    )
