"""Errors of the reader's code, printed as Python prints them: without the frames of this package."""

from __future__ import annotations

import re
import sys
import traceback
from pathlib import Path
from types import TracebackType

from lowlevel_cnn.tf1 import reader

# Where a graph's node was made, in the text of TensorFlow's errors: this package's frames and those that started it.
_PLACE = re.compile(r' {2,4}File "(.+)", line \d+, in ')
_STARTING = ("<frozen runpy>", "lowlevel-cnn")


def print_without_ours(error: BaseException) -> None:
    """Print a traceback on standard error, through `sys.excepthook` if the reader has set one."""
    sys.stdout.flush()
    each: BaseException | None = error
    while each is not None:
        each.__traceback__ = _without_ours(each.__traceback__)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    if sys.excepthook is not sys.__excepthook__:
        sys.excepthook(type(error), error, error.__traceback__)
        return
    for line in "".join(traceback.format_exception(error)).splitlines():
        found = _PLACE.match(line)
        if not found or not (reader.is_ours(found[1]) or Path(found[1]).stem in _STARTING):
            print(line, file=sys.stderr)


def place(error: BaseException) -> str:
    """The last line of the reader's code on the way to an error, such as `train.py, line 12`."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if reader.is_the_readers(each.filename)]
    return reader.place(frames[-1].filename, frames[-1].lineno) if frames else ""


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    frames = []
    while trace is not None:
        if not reader.is_ours(trace.tb_frame.f_code.co_filename):
            frames.append(trace)
        trace = trace.tb_next
    rest: TracebackType | None = None
    for each in reversed(frames):
        rest = TracebackType(rest, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return rest
