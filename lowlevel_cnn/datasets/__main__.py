"""`python -m lowlevel_cnn.datasets NAME [--data-dir D] [--mirror URL]` makes sure of a data set."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from lowlevel_cnn import datasets
from lowlevel_cnn.errors import LowlevelCnnError
from lowlevel_cnn.interrupts import end_at_once
from lowlevel_cnn.messages import note


def main(arguments: Sequence[str] | None = None) -> int:
    """Loads a data set, downloads what is missing, says in one line where it is; returns the exit code."""
    end_at_once()
    parser = argparse.ArgumentParser(prog="python -m lowlevel_cnn.datasets", description=main.__doc__)
    parser.add_argument("name", metavar="NAME", help=", ".join(datasets.NAMES))
    parser.add_argument("--data-dir", help="folder that holds the files, or holds them in a folder NAME")
    parser.add_argument("--mirror", help="base address to download from")
    options = parser.parse_args(arguments)
    try:
        data = datasets.load(options.name, options.data_dir, mirror=options.mirror)
        where = datasets.folder(options.name, options.data_dir)
    except LowlevelCnnError as error:
        note(f"error: {error}")
        return error.exit_code
    source = "drawn" if options.name == "drawn-digits" else f"in {where}"
    counts = f"{len(data.train):,} training, {len(data.validation):,} validation, {len(data.test):,} test images"
    print(f"{data.name}: {counts} {source}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
