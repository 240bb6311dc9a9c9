"""The processes that `run` starts: wait until all have ended, and pass on what they print."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from typing import IO

from lowlevel_cnn.system.signals import DeferredInterrupt


def wait_for_all(
    trainer: subprocess.Popen[bytes],
    evaluator: subprocess.Popen[bytes],
    others: list[subprocess.Popen[bytes]],
    interrupt: DeferredInterrupt,
) -> int:
    """Waits for all; the exit code of the first that failed, or 0. A failed trainer leaves nothing to wait for."""
    failure = 0
    everyone = [trainer, evaluator, *others]
    while any(each.poll() is None for each in everyone):
        failure = failure or _first_failure(everyone)
        if any(each.returncode for each in others) and trainer.returncode is None:
            # Without the others the chief would wait for ever.
            trainer.terminate()
        if trainer.returncode:
            for each in [evaluator, *others] if interrupt.signal_number is None else others:
                if each.returncode is None:
                    each.terminate()
        time.sleep(0.1)
    return failure or _first_failure(everyone)


def _first_failure(processes: list[subprocess.Popen[bytes]]) -> int:
    """The first exit code that is not 0, of those that have ended; else 0."""
    return next((code for code in map(_shell_code, processes) if code), 0)


def _shell_code(process: subprocess.Popen[bytes]) -> int:
    """The exit code as shells have it: 128 plus the number of the signal that ended a process; 0 while it runs."""
    code = process.returncode or 0
    return code if code >= 0 else 128 - code


def relay(source: IO[bytes] | None, target: IO[str]) -> threading.Thread:
    """Writes the evaluator's lines where the trainer's progress bar may stand, which draws itself again below.

    That it waits for the trainer, and reads the same files, goes without saying here.
    """
    clear_line = "\r\033[K" if target.isatty() else ""

    def copy() -> None:
        for line in source or ():
            if line.startswith((b"Waiting for ", b"Extracting ")):
                continue
            # Without a reader (`| head`) both go on to their end all the same.
            with contextlib.suppress(OSError):
                target.write(clear_line + line.decode(errors="replace"))
                target.flush()

    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    return thread
