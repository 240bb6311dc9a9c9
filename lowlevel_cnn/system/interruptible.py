"""Run work that waits for other machines in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait

from lowlevel_cnn.system.signals import DeferredInterrupt

_SECONDS_TO_END = 10.0


def run_interruptibly(
    work: Callable[[], None],
    interrupt: DeferredInterrupt | None = None,
    has_ended: Callable[[], bool] = lambda: False,
) -> None:
    """Run work in a thread, because a thread in which TensorFlow waits for another machine handles no signals.

    Args:
        work: the function to call; its exceptions are raised here.
        interrupt: after a deferred signal the work has ten seconds to finish; then it is abandoned.
        has_ended: checked every second; once it returns True, the work has ten seconds too.
    """
    future: Future[None] = Future()

    def run() -> None:
        try:
            work()
            future.set_result(None)
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    deadline = float("inf")
    while not future.done() and time.monotonic() < deadline:
        wait([future], timeout=1)
        if deadline == float("inf") and (has_ended() or (interrupt and interrupt.signal_number)):
            deadline = time.monotonic() + _SECONDS_TO_END
    if future.done():
        future.result()
