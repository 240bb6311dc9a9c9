"""Work in a thread of its own is waited for to its end, however many interrupts come."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.interface.interruptible import outlast_interrupts

# Another process interrupts twice, a few microseconds apart, again and again: the second interrupt meets Python where
# it handles the first. Only while work is waited for are they let through.
HAMMERED = """
import collections, os, signal, subprocess, sys, time
from lowlevel_cnn.interface.interruptible import outlast_interrupts

HAMMER = '''
import os, random, signal, sys, time
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
while os.getppid() == int(sys.argv[1]):
    os.kill(int(sys.argv[1]), signal.SIGINT)
    for _ in range(random.randrange(300)):
        pass
    os.kill(int(sys.argv[1]), signal.SIGINT)
    time.sleep(0.005)
'''
running = []

def work():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    running.append(True)
    time.sleep(0.003)
    running.clear()

def once(ends):
    try:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
            outlast_interrupts(work, lambda: None)
            ends["uninterrupted"] += 1
        except BaseException as error:
            ends["left while it runs" if running else type(error).__name__] += 1
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    except KeyboardInterrupt:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
hammer = subprocess.Popen([sys.executable, "-c", HAMMER, str(os.getpid())])
ends, began = collections.Counter(), time.monotonic()
while ends["KeyboardInterrupt"] < 500 and time.monotonic() - began < 60:
    try:
        once(ends)
    except KeyboardInterrupt:
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
hammer.kill()
print(sorted(set(ends) - {"uninterrupted"}), ends["KeyboardInterrupt"] >= 500)
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be held back here")
def test_two_interrupts_in_quick_succession_end_as_one_after_the_work_and_nothing_hangs() -> None:
    done = subprocess.run([sys.executable, "-c", HAMMERED], capture_output=True, encoding="utf-8", timeout=120)
    assert done.stdout == "['KeyboardInterrupt'] True\n", done.stderr


def test_an_error_of_the_work_is_raised_to_who_waits() -> None:
    def work() -> None:
        raise WorkError("the disk is full")

    with pytest.raises(WorkError, match="the disk is full"):
        outlast_interrupts(work, lambda: None)


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError()])
def test_a_thread_that_cannot_be_started_is_an_error_and_nothing_is_waited_for(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise error

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(type(error)):
        outlast_interrupts(lambda: None, lambda: None)
