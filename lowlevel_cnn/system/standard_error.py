"""Standard error below Python: what libraries in C write there."""

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
    """Holds back what is written to file descriptor 2, then lets through all lines but chatter.

    The descriptor is the whole process's: what other threads write meanwhile comes when this context ends.

    Args:
        chatter: matches the beginning of the lines that are not let through.

    Yields:
        a list, which has those lines when the context has ended.
    """
    kept: list[str] = []
    with _ONE_AT_A_TIME, contextlib.ExitStack() as stack:
        try:
            held = stack.enter_context(tempfile.TemporaryFile())
            terminal = os.dup(2)
        except OSError:
            # There is no room to hold anything, or standard error is closed.
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
    # A stream that the caller has closed is None.
    if sys.stderr is not None:
        sys.stderr.flush()
