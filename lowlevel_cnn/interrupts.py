"""Ctrl-C and SIGTERM: end at once where nothing can be lost, at the next step where a checkpoint is to be saved."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType, TracebackType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _end(number: int, frame: FrameType | None) -> None:
    for stream in (sys.stdout, sys.stderr):
        # A closed pipe, or a write that the signal interrupted.
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            stream.flush()
    os._exit(128 + number)


def end_at_once() -> None:
    """From here on a signal ends the process with 128 plus its number, without a traceback."""
    for number in _SIGNALS:
        signal.signal(number, _end)


class RememberedInterrupt:
    """While this context lasts, a signal is only remembered, however often it comes.

    Attributes:
        signal_number: the first signal that came, or None.
    """

    signal_number: int | None = None

    def __enter__(self) -> RememberedInterrupt:
        self._handlers = {number: signal.signal(number, self._remember) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def exit_code(self) -> int:
        """128 plus the signal's number, as shells have it; 0 without a signal."""
        return 128 + self.signal_number if self.signal_number else 0

    def _remember(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number is None:
            self.signal_number = number
