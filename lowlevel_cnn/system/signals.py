"""Handle Ctrl-C and SIGTERM: exit at once if nothing can be lost, after the next step if a checkpoint must be saved.

How a process handles signals is up to the program, so only a process of our own (`console.py`) exits at once. In a
surrounding program or notebook the handlers stay as they are, except while a signal is deferred.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def end(number: int, frame: FrameType | None = None) -> None:
    """Exit at once with 128 plus the signal's number."""
    for stream in (sys.stdout, sys.stderr):
        # A closed pipe, or a write interrupted by the signal.
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            stream.flush()
    os._exit(128 + number)


def exit_on_signals() -> None:
    """Make signals end the process with 128 plus their number, without a traceback."""
    for number in _SIGNALS:
        signal.signal(number, end)
    if hasattr(signal, "pthread_sigmask"):
        # Deliver what came while this process started, see `signals_blocked`.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


@contextlib.contextmanager
def signals_blocked() -> Iterator[None]:
    """Block signals in this context; processes started in it unblock them in `exit_on_signals`.

    Otherwise an early Ctrl-C would end Python's own start-up with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class DeferredInterrupt:
    """A context in which a signal is only remembered, however often it comes; at the end it takes its usual effect.

    It ends a process of our own. In a surrounding program or notebook Ctrl-C becomes a `KeyboardInterrupt`, raised
    after the work that the context protects. An error raised in the context takes precedence over the signal.

    Signals are delivered to the main thread. In another thread nothing can be deferred: Ctrl-C interrupts the main
    thread, and the work in this one continues, unless that thread sets `signal_number`.

    Attributes:
        signal_number: the first signal received, or None.
    """

    signal_number: int | None = None

    def __enter__(self) -> DeferredInterrupt:
        self._processes: list[subprocess.Popen[bytes]] = []
        is_main_thread = threading.current_thread() is threading.main_thread()
        # A handler of None was not set by Python and could not be restored; ignored signals stay ignored.
        left_alone = (None, signal.SIG_IGN)
        numbers = [each for each in _SIGNALS if signal.getsignal(each) not in left_alone] if is_main_thread else []
        self._handlers = {number: signal.signal(number, self._remember) for number in numbers}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self.signal_number in self._handlers and error is None:
            signal.raise_signal(self.signal_number)

    @property
    def exit_code(self) -> int:
        """128 plus the signal's number, as in shells; 0 without a signal."""
        return 128 + self.signal_number if self.signal_number else 0

    def pass_on_to(self, *processes: subprocess.Popen[bytes]) -> None:
        """Pass signals on to these processes too: those to come, and now the one already received, if any."""
        self._processes += processes
        if self.signal_number is not None:
            self._pass_on(self.signal_number, processes)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number is None:
            self.signal_number = number
        self._pass_on(number, self._processes)

    def _pass_on(self, number: int, processes: Iterable[subprocess.Popen[bytes]]) -> None:
        if sys.platform == "win32":
            return  # There all processes of a console receive its Ctrl-C, and no other signal is sent.
        for process in processes:
            process.send_signal(number)
