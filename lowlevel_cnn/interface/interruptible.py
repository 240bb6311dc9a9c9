"""Train so that interrupting a notebook's kernel loses nothing, however often and wherever the interrupt arrives."""

from __future__ import annotations

import contextlib
import contextvars
import signal
import threading
from concurrent.futures import Future, wait

from lowlevel_cnn import mnist_train
from lowlevel_cnn.system.signals import DeferredInterrupt
from lowlevel_cnn.training.training_run import TrainingRun


def train_interruptibly(run: TrainingRun) -> None:
    """Train in a thread of its own, where no `KeyboardInterrupt` arrives, and wait for it.

    An interrupt of the waiting thread ends the training after the step that is running; it is raised once that step
    is saved.

    Raises:
        InputError, WorkError: as in `mnist_train.train`.
        KeyboardInterrupt: the waiting thread was interrupted.
    """
    interrupt = DeferredInterrupt()
    ended: Future[int] = Future()
    # The model, if it was given as an object.
    context = contextvars.copy_context()

    def work() -> None:
        if not ended.set_running_or_notify_cancel():
            return
        try:
            ended.set_result(context.run(mnist_train.train, run, interrupt))
        except BaseException as error:
            ended.set_exception(error)

    # A daemon: if the process exits, it does not wait for this thread.
    thread = threading.Thread(target=work, name="lowlevel_cnn training", daemon=True)
    try:
        thread.start()
        _wait_for(ended)
    finally:
        # After an interrupt, which may come again: the thread is never left alone with the run's lock.
        interrupt.signal_number = signal.SIGINT
        ended.cancel()
        while not ended.done() or thread.is_alive():
            with contextlib.suppress(KeyboardInterrupt):
                _wait_for(ended)
                thread.join()
    ended.result()


def _wait_for(future: Future[int]) -> None:
    while not future.done():
        # On Windows only a wait with a timeout can be interrupted.
        wait([future], timeout=1)
