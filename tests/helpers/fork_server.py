"""The process of `forks.py` that forks, as a program; its word is the descriptor of a socket that listens.

Each connection brings a new fork's descriptors: its standard output and standard error, from where it reads what it is
to do, and where its process id and, in the end, its exit code are written.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import shutil
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import NoReturn

import lowlevel_cnn
from helpers.forks import in_a_fork
from lowlevel_cnn.commands import console
from lowlevel_cnn.tensorflow_v1 import tf

_DESCRIPTORS = 4
_FAILED = 70  # before the module began
_NOT_ALL_WRITTEN = 120  # Python's exit code where the last of the output cannot be written
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _serve(listening: socket.socket) -> None:
    """Forks until standard input is closed; then the socket's folder is deleted."""
    _import_all()
    # So that the collector writes to no page that is shared with the forks.
    gc.freeze()
    # A fork lets them through once it is ready for them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    address = listening.getsockname()
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    news: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([sys.stdin, listening, woken], [], [])
        if sys.stdin in ready:
            shutil.rmtree(Path(address).parent)
            return
        if woken in ready:
            woken.recv(1024)
            _tell_of_the_ended(news)
        if listening in ready:
            with listening.accept()[0] as connection:
                _, descriptors, _, _ = socket.recv_fds(connection, 1, _DESCRIPTORS)
            process = os.fork()
            if not process:
                for each in (listening, woken, wake):
                    each.close()
                for other in news.values():
                    os.close(other)
                _run(address, *descriptors)
            news[process] = descriptors[-1]
            for each_descriptor in descriptors[:-1]:
                os.close(each_descriptor)


def _import_all() -> None:
    """Imports TensorFlow and the whole package."""
    console.quiet_libraries()
    for module in pkgutil.walk_packages(lowlevel_cnn.__path__, "lowlevel_cnn."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    # Nothing of it is used: the threads that work in TensorFlow would be missing in a fork.
    assert tf.Graph


def _tell_of_the_ended(news: dict[int, int]) -> None:
    """Writes the exit codes of the forks that have ended."""
    while news:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return
        descriptor = news.pop(process)
        # There may be nobody left who wants to know.
        with contextlib.suppress(BrokenPipeError):
            os.write(descriptor, b"exit code %d\n" % os.waitstatus_to_exitcode(status))
        os.close(descriptor)


def _run(address: str, output: int, errors: int, requests: int, news: int) -> NoReturn:
    """Becomes what the request says, runs it and ends this process."""
    code = _FAILED
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with os.fdopen(requests) as stream:
            module, words, directory, environment, group, blocked = json.load(stream)
        os.setpgid(0, group)
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(environment)
        _open_streams(output, errors)
        in_a_fork(address)
        sys.argv = [module, *words]
        sys.path[0] = directory
        os.write(news, b"process %d\n" % os.getpid())
        os.close(news)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        code = _exit_code_of(module)
    except BaseException:
        traceback.print_exc()
    finally:
        # Not a full exit: taking TensorFlow down takes as long as many a command.
        os._exit(code)


def _open_streams(output: int, errors: int) -> None:
    """Opens the standard streams as Python does where they are pipes."""
    for descriptor, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (errors, 2)):
        os.dup2(descriptor, target)
        os.close(descriptor)
    sys.stdin = open(0)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding=sys.stderr.encoding, errors=sys.stderr.errors, buffering=1)  # noqa: SIM115


def _exit_code_of(module: str) -> int:
    """Runs a module as the main one; what Python itself does at the end of a program is done here."""
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    try:
        sys.stdout.flush()
    except OSError:
        return _NOT_ALL_WRITTEN
    return code


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
