"""Ctrl-C and SIGTERM: end at once where nothing can be lost, at the next step where a checkpoint is to be saved."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def end(number: int, frame: FrameType | None = None) -> None:
    """Ends the process at once, with 128 plus the signal's number."""
    for stream in (sys.stdout, sys.stderr):
        # A closed pipe, or a write that the signal interrupted.
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            stream.flush()
    os._exit(128 + number)


def end_at_once() -> None:
    """From here on a signal ends the process with 128 plus its number, without a traceback."""
    for number in _SIGNALS:
        signal.signal(number, end)
    if hasattr(signal, "pthread_sigmask"):
        # What came while this process started, see `held_back`.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Signals wait while this context lasts; processes started in it let them through in `end_at_once`.

    Without it Python's own start-up would answer an early Ctrl-C with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def pass_on(children: Sequence[subprocess.Popen[bytes]]) -> list[int]:
    """From here on signals go to these processes, and into the list that is returned."""
    received: list[int] = []

    def hand_on(number: int, frame: FrameType | None) -> None:
        received.append(number)
        for child in children:
            child.send_signal(number)

    for number in _SIGNALS:
        signal.signal(number, hand_on)
    return received


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
