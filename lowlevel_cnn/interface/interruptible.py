"""Train so that interrupting a notebook's kernel loses nothing, however often and wherever the interrupt arrives."""

from __future__ import annotations

import contextlib
import contextvars
import signal
import threading
from concurrent.futures import Future, wait

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
    ended: Future[None] = Future()

    def train() -> None:
        # The lock is this thread's, too: nobody can take it away before the last step is saved.
        with begun(plan, progress_bar) as run:
            mnist_train.train(run, interrupt)

    def work() -> None:
        if not ended.set_running_or_notify_cancel():
            return
        try:
            # In the context of the caller, which knows the model if it was given as an object.
            ended.set_result(context.run(train))
        except BaseException as error:
            ended.set_exception(error)

    context = contextvars.copy_context()
    # A daemon: if the process exits, it does not wait for this thread.
    thread = threading.Thread(target=work, name="lowlevel_cnn training", daemon=True)
    try:
        thread.start()
        _wait_for(ended)
    finally:
        interrupt.signal_number = signal.SIGINT
        # Twice: another interrupt may come just before the first of them can suppress it.
        try:
            _outlast(ended)
        finally:
            _outlast(ended)
    thread.join()
    ended.result()


def _wait_for(future: Future[None]) -> None:
    # Not for the thread: Python takes a thread for dead when waiting for it was interrupted.
    while not future.done():
        # On Windows only a wait with a timeout can be interrupted.
        wait([future], timeout=1)


def _outlast(future: Future[None]) -> None:
    """Wait, whatever interrupts come; work that has not begun never will."""
    while not future.done():
        with contextlib.suppress(KeyboardInterrupt):
            future.cancel()
            _wait_for(future)
