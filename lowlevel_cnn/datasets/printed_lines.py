"""Print the lines that follow the reading of a data set."""

from __future__ import annotations

from lowlevel_cnn.datasets import Dataset


def print_files_read(style: str, dataset: Dataset) -> None:
    """Print a line for each of the four IDX files, as the book's reader, `input_data.read_data_sets`, did.

    Args:
        style: one of `models.LINES`; only the book's prints lines here.
        dataset: the data set; nothing is printed if it was not read from those four files.
    """
    if style == "book":
        for path in dataset.idx_files:
            print(f"Extracting {path}", flush=True)
