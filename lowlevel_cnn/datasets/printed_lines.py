"""The lines that are printed when a data set has been read."""

from __future__ import annotations

from lowlevel_cnn.datasets import Dataset


def print_files_read(style: str, dataset: Dataset) -> None:
    """Prints what the book's reader, `input_data.read_data_sets`, printed of the four files that it read.

    Args:
        style: one of `models.LINES`; only the book's has lines here.
        dataset: what was read; of other files than those four, nothing is printed.
    """
    if style == "book":
        for path in dataset.idx_files:
            print(f"Extracting {path}", flush=True)
