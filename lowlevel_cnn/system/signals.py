"""Ctrl-C and SIGTERM: end at once where nothing can be lost, at the next step where a checkpoint is to be saved.

What a process does at a signal is the program's to say, so only a process of our own (`console.py`) ends at once. In a
program or notebook around us the handlers stay as they are, but for the time in which a signal is remembered.
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
    """Ends the process at once, with 128 plus the signal's number."""
    for stream in (sys.stdout, sys.stderr):
        # A closed pipe, or a write that the signal interrupted.
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            stream.flush()
    os._exit(128 + number)


def exit_on_signals() -> None:
    """From here on a signal ends the process with 128 plus its number, without a traceback."""
    for number in _SIGNALS:
        signal.signal(number, end)
    if hasattr(signal, "pthread_sigmask"):
        # What came while this process started, see `signals_blocked`.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


@contextlib.contextmanager
def signals_blocked() -> Iterator[None]:
    """Signals wait while this context lasts; processes started in it let them through in `exit_on_signals`.

    Without it Python's own start-up would answer an early Ctrl-C with a traceback.
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
    """While this context lasts, a signal is only remembered, however often it comes; then it does what it would have.

    That ends a process of our own. In a program or notebook around us Ctrl-C becomes a `KeyboardInterrupt`, here after
    the work that the context protects. An error that is raised in the context goes before the signal.

    Signals come to the main thread. In another thread nothing can be remembered: Ctrl-C interrupts the main thread, and
    the work in this one goes on.

    Attributes:
        signal_number: the first signal that came, or None.
    """

    signal_number: int | None = None

    def __enter__(self) -> DeferredInterrupt:
        self._processes: list[subprocess.Popen[bytes]] = []
        is_main_thread = threading.current_thread() is threading.main_thread()
        # A handler of None was not set by Python, and could not be given back; what is ignored stays so.
        left_alone = (None, signal.SIG_IGN)
        numbers = [each for each in _SIGNALS if signal.getsignal(each) not in left_alone] if is_main_thread else []
        self._handlers = {number: signal.signal(number, self._remember) for number in numbers}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self.signal_number is not None and error is None:
            signal.raise_signal(self.signal_number)

    @property
    def exit_code(self) -> int:
        """128 plus the signal's number, as shells have it; 0 without a signal."""
        return 128 + self.signal_number if self.signal_number else 0

    def pass_on_to(self, *processes: subprocess.Popen[bytes]) -> None:
        """From here on signals go to these processes too; one that came before goes to them now."""
        self._processes += processes
        if self.signal_number is not None:
            self._pass_on(self.signal_number, processes)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number is None:
            self.signal_number = number
        self._pass_on(number, self._processes)

    def _pass_on(self, number: int, processes: Iterable[subprocess.Popen[bytes]]) -> None:
        if sys.platform == "win32":
            return  # There all processes of a console get its Ctrl-C, and no other signal is sent.
        for process in processes:
            process.send_signal(number)
