"""The progress bar of a training: a widget or a line in a notebook, a line on a terminal, else nothing."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from lowlevel_cnn.training.training_run import ProgressBar


def progress_bar(shown: bool | None) -> ProgressBar:
    """Return what makes the bar.

    Args:
        shown: whether it is shown; None: in a notebook and on a terminal.
    """
    with warnings.catch_warnings():
        # That there are no widgets: a line will do.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm

    if shown is None and _in_a_notebook():
        shown = True

    def bar(**arguments: Any) -> Any:
        # disable=None: not shown unless standard error is a terminal.
        return tqdm(**arguments, disable=None if shown is None else not shown)

    return bar


def _in_a_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None
