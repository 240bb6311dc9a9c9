"""Commands in forks of a process that has imported TensorFlow, which saves the seconds that importing it takes.

A fork does what `python -m MODULE WORDS...` does from the module's first line on, in a session, a current directory and
an environment of its own.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from helpers.torture import TABLE_VARIABLE

# At full settings every command is a new interpreter, as a user's is.
POSSIBLE = hasattr(os, "fork") and TABLE_VARIABLE not in os.environ
# What Python, the C library, TensorFlow or matplotlib read when they start, and never again.
_READ_AT_THE_START = ("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "TF_", "CUDA_", "MPL")
_READ_BY_A_COMMAND = "TF_CONFIG"


class Fork:
    """A module that runs in a fork, to be used like `subprocess.Popen`.

    Attributes:
        pid: the fork's, the first process of a group of its own.
        returncode: None while it runs; negative, the number of the signal that ended it.
        stdout: what it writes there.
        stderr: likewise.
    """

    returncode: int | None = None

    def __init__(self, module: str, words: list[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        server = _server()
        unlike = sorted(name for name in {*env, *server.env} if env.get(name) != server.env.get(name))
        for name in unlike:
            assert name == _READ_BY_A_COMMAND or not name.startswith(_READ_AT_THE_START), f"{name}: needs fresh=True"
        blocked = [int(each) for each in signal.pthread_sigmask(signal.SIG_BLOCK, [])]
        (output, out), (errors, err), (read, request), (news, write) = (os.pipe() for _ in range(4))
        server.fork(out, err, read, write)
        with os.fdopen(request, "w") as stream:
            json.dump([module, words, str(cwd), dict(env), blocked], stream)
        self.stdout: IO[bytes] = os.fdopen(output, "rb")
        self.stderr: IO[bytes] = os.fdopen(errors, "rb")
        self._news = os.fdopen(news, "rb", buffering=0)
        self.pid = int(self._news.readline())

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not in time.
        """
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"the fork {self.pid}", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._news], [], [], timeout)[0]:
            self.returncode = int(self._news.readline())
            self._news.close()
        return self.returncode


class _Server:
    """The process that forks, see `fork_server.py`.

    Attributes:
        env: the environment that it was started in.
    """

    def __init__(self) -> None:
        self.env = dict(os.environ)
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "helpers.fork_server", str(theirs.fileno())],
                env={**self.env, "PYTHONPATH": os.pathsep.join(sys.path)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        atexit.register(self._end)

    def fork(self, *descriptors: int) -> None:
        """Has it fork, and hands over the fork's descriptors."""
        with self._lock:
            socket.send_fds(self._socket, [b"."], descriptors)
        for each in descriptors:
            os.close(each)

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()


@functools.cache
def _server() -> _Server:
    return _Server()
