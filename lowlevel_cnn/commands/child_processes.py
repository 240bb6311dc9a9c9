"""Wait for the processes that `run` starts, and relay what they print."""

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
    """Wait for all; return the exit code of the first that failed, or 0. If the trainer fails, end the others."""
    failure = 0
    everyone = [trainer, evaluator, *others]
    while any(each.poll() is None for each in everyone):
        failure = failure or _first_failure(everyone)
        if any(each.returncode for each in others) and trainer.returncode is None:
            # Without the others the chief would wait forever.
            trainer.terminate()
        if trainer.returncode:
            for each in [evaluator, *others] if interrupt.signal_number is None else others:
                if each.returncode is None:
                    each.terminate()
        time.sleep(0.1)
    return failure or _first_failure(everyone)


def _first_failure(processes: list[subprocess.Popen[bytes]]) -> int:
    """Return the first nonzero exit code of the processes that have ended, or 0."""
    return next((code for code in map(_shell_code, processes) if code), 0)


def _shell_code(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code as in shells: 128 plus the number of the signal that ended a process; 0 while it runs."""
    code = process.returncode or 0
    return code if code >= 0 else 128 - code


def relay(source: IO[bytes] | None, target: IO[str]) -> threading.Thread:
    """Write the evaluator's lines over the trainer's progress bar, which redraws itself below.

    Leave out the lines that say that it waits for the trainer, or reads the same files.
    """
    clear_line = "\r\033[K" if target.isatty() else ""

    def copy() -> None:
        for line in source or ():
            if line.startswith((b"Waiting for ", b"Extracting ")):
                continue
            # Without a reader (`| head`) both processes still run to their end.
            with contextlib.suppress(OSError):
                target.write(clear_line + line.decode(errors="replace"))
                target.flush()

    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    return thread
