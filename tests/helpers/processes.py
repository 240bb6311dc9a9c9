"""Real processes of the command line: start, wait for a line, signal, end; and what a checkpoint holds."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from helpers import forks
from lowlevel_cnn.tensorflow_v1 import tf

ENDLESS = 1_000_000  # steps of a training that only a signal ends
PATIENCE = 180.0  # seconds until a process counts as stuck, on a machine however loaded
# The variables of the book's network, as a checkpoint has them.
BOOK_SHAPES = {
    "layer1-conv1/weight": (5, 5, 1, 32),
    "layer1-conv1/bias": (32,),
    "layer3-conv2/weight": (5, 5, 32, 64),
    "layer3-conv2/bias": (64,),
    "layer5-fc1/weight": (3136, 512),
    "layer5-fc1/bias": (512,),
    "layer6-fc2/weight": (512, 10),
    "layer6-fc2/bias": (10,),
}
EXTRACTING = "Extracting "  # which data files a command has read
_USER_SETTINGS = ("LOWLEVEL_CNN_DATA", "LOWLEVEL_CNN_MIRROR")


def results(lines: Iterable[str]) -> list[str]:
    """The lines without those that say which data files were read."""
    return [line for line in lines if not line.startswith(EXTRACTING)]


@dataclass(frozen=True)
class Ended:
    """What a process left behind: its exit code, and the lines of both streams.

    Which files it says to have read, in lines of their own before all others, is not in `out` but in `extracted`.
    """

    code: int
    out: list[str]
    err: list[str]
    extracted: list[str] = field(default_factory=list)

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.err if line.startswith("warning: ") and "not the published" not in line]


class Started:
    """A running `python -m lowlevel_cnn ...`, or another module, in a process group of its own.

    Args:
        words: the command line.
        cwd: the current directory.
        module: what runs.
        env: stands before the environment of the tests.
        fresh: whether it has to be a new interpreter, which does not have TensorFlow yet: for what is about start-up,
            imports, or variables that are read then. Otherwise it is a fork that has it, see `forks.py`.
    """

    def __init__(
        self,
        *words: object,
        cwd: Path,
        module: str = "lowlevel_cnn",
        env: Mapping[str, str] = {},
        fresh: bool = False,
    ) -> None:
        inherited = {name: value for name, value in os.environ.items() if name not in _USER_SETTINGS}
        start = _start_fresh if fresh or not forks.POSSIBLE else forks.start
        self.process = start(module, [str(word) for word in words], cwd=cwd, env={**inherited, **env})
        self._out: list[str] = []
        self._err: list[str] = []
        streams = ((self.process.stdout, self._out), (self.process.stderr, self._err))
        self._readers = [threading.Thread(target=_read_lines, args=each, daemon=True) for each in streams]
        for reader in self._readers:
            reader.start()

    def wait_for(self, *texts: str) -> None:
        """Waits until a line of either stream holds one of the texts."""
        deadline = time.monotonic() + PATIENCE
        while not self._has_said(texts):
            if not any(reader.is_alive() for reader in self._readers):
                # Its last lines may have come since.
                assert self._has_said(texts), f"ended without {texts}: {self.ended()}"
                return
            assert time.monotonic() < deadline, f"no {texts}: {self._out} {self._err}"
            time.sleep(0.01)

    def _has_said(self, texts: Iterable[str]) -> bool:
        return any(text in line for line in [*self._out, *self._err] for text in texts)

    def last_lines(self) -> list[str]:
        """What it has said last, while it runs."""
        return [*self._out[-3:], *self._err[-5:]]

    def signal(self, *numbers: signal.Signals) -> float:
        """Sends signals; returns the seconds until the process has ended."""
        started = time.monotonic()
        for number in numbers:
            self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - started

    def kill_all(self) -> None:
        """Ends the process and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def group_lives(self) -> bool:
        """Whether the process, or one that it started, is still there."""
        self.process.poll()
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def ended(self) -> Ended:
        """Waits for the end."""
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        extracted = [line for line in self._out if line.startswith(EXTRACTING)]
        return Ended(code, results(self._out), self._err, extracted)


def _start_fresh(module: str, words: list[str], *, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _read_lines(stream: IO[bytes], lines: list[str]) -> None:
    for line in stream:
        lines.append(line.decode().rstrip("\n"))
    stream.close()


def run(
    *words: object, cwd: Path, module: str = "lowlevel_cnn", env: Mapping[str, str] = {}, fresh: bool = False
) -> Ended:
    """Runs a command to its end; see `Started`."""
    started = Started(*words, cwd=cwd, module=module, env=env, fresh=fresh)
    try:
        return started.ended()
    finally:
        started.kill_all()


def run_two_at_a_time(commands: Iterable[tuple[object, ...]], cwd: Path) -> list[Ended]:
    """Runs commands that do not disturb one another."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda words: run(*words, cwd=cwd), commands))


def tensors(prefix: Path) -> dict[str, np.ndarray]:
    """All variables of a checkpoint."""
    reader = tf.train.load_checkpoint(str(prefix))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def same_bits(first: Path, second: Path) -> bool:
    """Whether two checkpoints hold the same variables, bit for bit."""
    one, other = tensors(first), tensors(second)
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and one[name].tobytes() == other[name].tobytes() for name in one
    )


def steps_in(directory: Path) -> list[int]:
    """The steps of the checkpoints in a run directory, lowest first."""
    return sorted(int(path.stem.rpartition("-")[2]) for path in directory.glob("model.ckpt-*.index"))


def files_in(directory: Path) -> dict[str, bytes]:
    """Every file below a directory with its contents; a directory counts with none."""
    paths = sorted(directory.rglob("*"))
    return {str(path.relative_to(directory)): path.read_bytes() if path.is_file() else b"" for path in paths}


def truncate(prefix: Path) -> None:
    """Cuts a checkpoint's data in half."""
    path = prefix.with_name(f"{prefix.name}.data-00000-of-00001")
    os.truncate(path, path.stat().st_size // 2)


def copy_checkpoint(source: Path, target: Path) -> None:
    """Copies a checkpoint under another name as a trainer writes it: its index last, and no file half."""
    for ending in (".data-00000-of-00001", ".index"):
        whole = Path(shutil.copyfile(f"{source}{ending}", f"{target}{ending}.copied"))
        whole.replace(f"{target}{ending}")
