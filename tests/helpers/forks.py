"""Commands in forks of a process that has imported TensorFlow, which saves the seconds that importing it takes.

A fork does what `python -m MODULE WORDS...` does, from the module's first line on, in a process group, a current
directory and an environment of its own. Where the package starts itself, as `run` does, it gets forks, too.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from helpers.torture import TABLE_VARIABLE
from lowlevel_cnn.tensorflow_v1 import ONEDNN, ONEDNN_DEFAULT

# Libraries of macOS do not bear it, and Windows has no fork. At full settings every command is a new interpreter, as a
# user's is.
POSSIBLE = sys.platform.startswith("linux") and TABLE_VARIABLE not in os.environ
# What Python, the C library, TensorFlow or matplotlib read when they start, and never again.
_READ_AT_THE_START = ("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "TF_", "CUDA_", "MPL")
_READ_BY_A_COMMAND = "TF_CONFIG"
_ENVIRONMENT: dict[str, str] = {}  # in which the server was started
_ADDRESS: list[str] = []  # where it listens, once it was started
_STARTING = threading.Lock()
_INHERITED = {"stdout": None, "stderr": None}


class Fork:
    """A module that runs in a fork, to be used like `subprocess.Popen`.

    Args:
        module: what runs.
        words: its command line.
        cwd: its current directory.
        env: its environment.
        group: of processes, in which it is; by default one of its own.
        stdout: the descriptor that it writes to; by default a pipe.
        stderr: likewise.

    Attributes:
        pid: the fork's.
        returncode: None while it runs; negative, the number of the signal that ended it.
        stdout: the pipe's other end, if there is one.
        stderr: likewise.
    """

    returncode: int | None = None

    def __init__(
        self,
        module: str,
        words: list[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        group: int = 0,
        stdout: int | None = subprocess.PIPE,
        stderr: int | None = subprocess.PIPE,
    ) -> None:
        blocked = [int(each) for each in signal.pthread_sigmask(signal.SIG_BLOCK, [])]
        self.stdout, output = _stream(stdout, 1)
        self.stderr, errors = _stream(stderr, 2)
        (read, request), (news, write) = os.pipe(), os.pipe()
        _hand_over(_address(), output, errors, read, write)
        with os.fdopen(request, "w") as stream:
            json.dump([module, words, str(cwd), dict(env), group, blocked], stream)
        self._news = os.fdopen(news, "rb", buffering=0)
        self.pid = self._number(b"process ")

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

    def terminate(self) -> None:
        """Sends SIGTERM, unless it has ended."""
        self.send_signal(signal.SIGTERM)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._news], [], [], timeout)[0]:
            self.returncode = self._number(b"exit code ")
            self._news.close()
        return self.returncode

    def _number(self, what: bytes) -> int:
        line = self._news.readline()
        assert line.startswith(what), f"instead of the {what.decode()} there is {line!r}"
        return int(line.removeprefix(what))


def _stream(given: int | None, inherited: int) -> tuple[IO[bytes] | None, int]:
    """This process's end of a pipe, if one is asked for, and the descriptor for the other process."""
    if given == subprocess.PIPE:
        read, write = os.pipe()
        return os.fdopen(read, "rb"), write
    return None, os.dup(inherited if given is None else given)


def _hand_over(address: str, *descriptors: int) -> None:
    """Has the server fork, and gives the fork descriptors."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        socket.send_fds(connection, [b"."], descriptors)
    for each in descriptors:
        os.close(each)


def start(module: str, words: list[str], *, cwd: Path, env: Mapping[str, str]) -> Fork:
    """Starts a module in a fork, in a group of its own, with pipes; in this environment it must be able to."""
    _address()
    for name in {*env, *_ENVIRONMENT}:
        # What is set meanwhile where the tests import TensorFlow is the server's, too.
        same = _value(name, env) == _value(name, _ENVIRONMENT) or name == _READ_BY_A_COMMAND
        assert same or not name.startswith(_READ_AT_THE_START), f"{name} has changed: this needs a new interpreter"
    return Fork(module, words, cwd=cwd, env=env)


def _value(name: str, env: Mapping[str, str]) -> str | None:
    return env.get(name, ONEDNN_DEFAULT if name == ONEDNN else None)


def _address() -> str:
    """Where the server listens, which is started if need be."""
    with _STARTING:
        if not _ADDRESS:
            _ADDRESS.append(_start_server())
    return _ADDRESS[0]


def _start_server() -> str:
    """Starts the server, which ends with this process, and returns where it listens."""
    _ENVIRONMENT.update(os.environ)
    folder = tempfile.mkdtemp()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/socket")
        listening.listen(64)
        process = subprocess.Popen(
            [sys.executable, "-m", "helpers.fork_server", str(listening.fileno())],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            # Its end is the server's, too.
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[listening.fileno()],
            start_new_session=True,
        )
    atexit.register(process.communicate)
    return f"{folder}/socket"


def in_a_fork(address: str) -> None:
    """Lets this process, a fork, have forks where the package starts itself."""
    _ADDRESS.append(address)
    popen = subprocess.Popen
    package = [sys.executable, "-m", "lowlevel_cnn"]

    def started(words: Any, **settings: Any) -> Any:
        if list(words[:3]) != package:
            return popen(words, **settings)
        env = settings.pop("env", None) or os.environ
        group = 0 if settings.pop("start_new_session", False) else os.getpgrp()
        return Fork(package[2], words[3:], cwd=Path.cwd(), env=env, group=group, **{**_INHERITED, **settings})

    subprocess.Popen = started  # type: ignore[assignment, misc]
