"""Train so that interrupting a notebook's kernel loses nothing, wherever the interrupt arrives, even a double one."""

from __future__ import annotations

import _thread
import contextvars
import signal
import threading
from collections.abc import Callable

from lowlevel_cnn import mnist_train
from lowlevel_cnn.system.signals import DeferredInterrupt
from lowlevel_cnn.training.planned_run import PlannedRun, begun
from lowlevel_cnn.training.training_run import ProgressBar


def train_interruptibly(plan: PlannedRun, progress_bar: ProgressBar) -> None:
    """Train in a thread of its own, where no `KeyboardInterrupt` arrives, and wait for it.

    An interrupt of the waiting thread ends the training after the step that is running; it is raised once that step
    is saved. No signal handler is needed for it.

    Raises:
        InputError, WorkError: as in `begun` and `mnist_train.train`.
        KeyboardInterrupt: the waiting thread was interrupted.
    """
    interrupt = DeferredInterrupt()

    def train() -> None:
        # The lock is this thread's, too: nobody can take it away before the last step is saved.
        with begun(plan, progress_bar) as run:
            mnist_train.train(run, interrupt)

    def stop() -> None:
        interrupt.signal_number = signal.SIGINT

    outlast_interrupts(train, stop)


def outlast_interrupts(work: Callable[[], None], stop: Callable[[], None]) -> None:
    """Do work in a thread of its own, and wait for its end, whatever interrupts come while it is waited for.

    Args:
        work: what to do; its exceptions are raised here.
        stop: lets the work end soon; called once it is over, too.

    Raises:
        KeyboardInterrupt: the waiting thread was interrupted; the work has ended, or never begins.
    """
    # In the context of the caller, which knows the model if it was given as an object.
    context = contextvars.copy_context()
    doing = _Work(lambda: context.run(work))
    try:
        _thread.start_new_thread(doing.begin, ())
        while not doing.ended:
            doing.wait()
    finally:
        # Twice: another interrupt may come just before or after the instructions that hold one back.
        try:
            stop()
            doing.outlast()
        finally:
            stop()
            doing.outlast()
    if doing.thread.ident is not None:
        doing.thread.join()
    if doing.error:
        raise doing.error


class _Work:
    """What another thread does, begun and waited for without the locks in `threading`, which interrupts can break.

    A `Condition`, in which `Future`, `Event` and `Thread.start()` wait, takes its lock again after an interrupt. If a
    second one arrives just then, it gives back a lock that it does not have, which is a RuntimeError.

    Attributes:
        thread: does it.
        ended: whether it is done.
        error: what it has raised.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._owner: dict[str, str] = {}
        self._running = _thread.allocate_lock()
        self._running.acquire()
        # A daemon: if the process exits, it does not wait for this thread.
        self.thread = threading.Thread(target=self._run, name="lowlevel_cnn training", daemon=True)
        self.ended = False
        self.error: BaseException | None = None

    def begin(self) -> None:
        """Start the thread that does it; to be called in one where no interrupt arrives."""
        try:
            self.thread.start()
        except BaseException as error:
            self._end(error)

    def wait(self) -> None:
        """Wait a second, or until it is done."""
        # On Windows only a wait with a timeout can be interrupted.
        self._running.acquire(timeout=1)

    def outlast(self) -> None:
        """Wait until it is done, whatever interrupts come; work that has not begun never will."""
        while True:
            # Not `suppress`, which is Python code itself, in which an interrupt is not held back yet.
            try:
                if self.ended or self._first("waiter") == "waiter":
                    return
                self.wait()
            except KeyboardInterrupt:
                pass

    def _run(self) -> None:
        """Do it, in the thread, unless it was withdrawn."""
        if self._first("worker") == "worker":
            try:
                self._work()
            except BaseException as error:
                self._end(error)
            else:
                self._end(None)

    def _end(self, error: BaseException | None) -> None:
        self.error, self.ended = error, True
        self._running.release()

    def _first(self, who: str) -> str:
        """Return who was the first to ask; however often an interrupted call is made again, it is the same."""
        return self._owner.setdefault("first", who)
