"""The flags that say where a data set is, and those of the command `data`."""

from __future__ import annotations

import argparse

from lowlevel_cnn import datasets
from lowlevel_cnn.commands.flag_types import path


def add_data_flags(parser: argparse.ArgumentParser) -> None:
    """Where a data set is, or is downloaded from."""
    parser.add_argument(
        "--data-dir",
        type=path,
        metavar="DIR",
        help="a folder that holds the data set's files, or holds them in a folder named after the data set "
        f"(default: ${datasets.DATA_VARIABLE}, else a cache folder into which they are downloaded)",
    )
    parser.add_argument(
        "--mirror",
        metavar="URL",
        help=f"where to download from (default: ${datasets.MIRROR_VARIABLE}, else known mirrors)",
    )


def add_data_command_flags(parser: argparse.ArgumentParser) -> None:
    """Those of the command `data`."""
    parser.add_argument("name", choices=datasets.NAMES, metavar="NAME", help=f"one of {', '.join(datasets.NAMES)}")
    add_data_flags(parser)
    parser.add_argument(
        "--plot", type=path, metavar="FILE.png", help="draw the first 20 training images with their class names"
    )
    parser.add_argument("--force", action="store_true", help="replace a picture that is there already")
