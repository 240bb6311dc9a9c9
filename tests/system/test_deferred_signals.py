"""A signal that is deferred comes when the work that it would have interrupted is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from lowlevel_cnn.system.signals import DeferredInterrupt, signals_blocked

Caught = list[int]


@pytest.fixture
def caught() -> Iterator[Caught]:
    """The signals that reach the handlers of the program around."""
    numbers: Caught = []

    def handle(number: int, frame: FrameType | None) -> None:
        numbers.append(number)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_is_remembered_and_reaches_the_program_s_own_handler_at_the_end(caught: Caught) -> None:
    with DeferredInterrupt() as interrupt:
        assert interrupt.exit_code == 0
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            signal.raise_signal(number)
        assert (interrupt.signal_number, interrupt.exit_code) == (signal.SIGTERM, 143)
        assert caught == []
    assert caught == [signal.SIGTERM]
    signal.raise_signal(signal.SIGINT)
    assert caught == [signal.SIGTERM, signal.SIGINT]


def test_an_error_takes_precedence_over_the_signal(caught: Caught) -> None:
    with pytest.raises(ZeroDivisionError), DeferredInterrupt():
        signal.raise_signal(signal.SIGINT)
        raise ZeroDivisionError
    assert caught == []


def test_a_signal_that_the_program_ignores_stays_ignored(caught: Caught) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with DeferredInterrupt() as interrupt:
        signal.raise_signal(signal.SIGINT)
        assert interrupt.signal_number is None
        signal.raise_signal(signal.SIGTERM)
    assert caught == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_in_another_thread_the_handlers_stay_as_they_are(caught: Caught) -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def work() -> None:
        with DeferredInterrupt():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


class Process:
    """What a signal is passed on to."""

    def __init__(self) -> None:
        self.signals: list[int] = []

    def send_signal(self, number: int) -> None:
        self.signals.append(number)


def test_signals_are_passed_on_to_processes_also_one_that_came_before_they_were_started(caught: Caught) -> None:
    early, late = Process(), Process()
    with DeferredInterrupt() as interrupt:
        interrupt.pass_on_to(early)  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGINT)
        interrupt.pass_on_to(late)  # type: ignore[arg-type]
    assert early.signals == late.signals == caught == [signal.SIGINT]


def test_signals_wait_while_they_are_blocked(caught: Caught) -> None:
    if not hasattr(signal, "pthread_sigmask"):
        pytest.skip("Windows blocks no signals")
    with signals_blocked():
        signal.raise_signal(signal.SIGTERM)
        assert caught == []
    assert caught == [signal.SIGTERM]
