"""`python -m lowlevel_cnn.datasets NAME [--data-dir D] [--mirror URL]` makes sure of a data set."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lowlevel_cnn import datasets, flag_pairs
from lowlevel_cnn.console import OneLineParser, as_process, exit_code_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Loads a data set, downloads what is missing, says in one line where it is; returns the exit code."""
    return exit_code_of(lambda: _fetch(sys.argv[1:] if arguments is None else arguments))


def _fetch(arguments: Sequence[str]) -> int:
    parser = OneLineParser(
        prog="python -m lowlevel_cnn.datasets",
        description="Make sure of a data set: download what is missing, check every file, say where it is.",
    )
    parser.add_argument("name", metavar="NAME", help=", ".join(datasets.NAMES))
    parser.add_argument("--data-dir", metavar="DIR", help="holds the files, or holds them in a folder NAME")
    parser.add_argument("--mirror", metavar="URL", help="where to download from")
    options = parser.parse_args(arguments)
    flag_pairs.check(arguments)
    data = datasets.load(options.name, options.data_dir, mirror=options.mirror)
    where = datasets.folder(options.name, options.data_dir)
    source = "drawn" if options.name == "drawn-digits" else f"in {where}"
    counts = f"{len(data.train):,} training, {len(data.validation):,} validation, {len(data.test):,} test images"
    print(f"{data.name}: {counts} {source}")
    return 0


if __name__ == "__main__":
    sys.exit(as_process(main))
