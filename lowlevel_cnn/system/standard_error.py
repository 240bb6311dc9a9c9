"""Filter standard error below Python: what C libraries write to it."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator

_ONE_AT_A_TIME = threading.RLock()


@contextlib.contextmanager
def filtered(chatter: re.Pattern[bytes]) -> Iterator[list[str]]:
    """Hold back what is written to file descriptor 2, then write all lines except chatter.

    The whole process shares the descriptor: what other threads write meanwhile appears when this context ends.

    Args:
        chatter: matches the beginning of the lines to drop.

    Yields:
        A list that contains the dropped lines once the context has ended.
    """
    kept: list[str] = []
    with _ONE_AT_A_TIME, contextlib.ExitStack() as stack:
        try:
            held = stack.enter_context(tempfile.TemporaryFile())
            terminal = os.dup(2)
        except OSError:
            # There is no disk space to hold anything, or standard error is closed.
            yield kept
            return
        _flush()
        os.dup2(held.fileno(), 2)
        try:
            yield kept
        finally:
            _flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            held.seek(0)
            for line in held:
                if chatter.match(line):
                    kept.append(line.decode(errors="replace").strip())
                else:
                    os.write(2, line)


def _flush() -> None:
    # None if the caller has closed it.
    if sys.stderr is not None:
        sys.stderr.flush()
