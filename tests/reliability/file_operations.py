"""Training in processes whose file operations are recorded and, at one of them, go wrong.

As a program: reads batches of cases, trains in a fork for each of them, two at a time, and prints the exit codes. The
forks come from a process that has imported TensorFlow and used nothing of it, which saves most of a start.
"""

from __future__ import annotations

import ctypes
import enum
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers.processes import PATIENCE, Ended

_SOURCE = Path(__file__).with_suffix(".c")
_AT_ONCE = 2


class Fault(enum.IntEnum):
    """What happens at one operation; the values are those in `file_operations.c`."""

    NONE = 0
    KILL = 1  # before it is done
    KILL_HALFWAY = 2  # after half of a write
    FAIL = 3
    DISK_FULL = 4  # half of a write is done; from then on all that needs room fails


@dataclass(frozen=True)
class Operation:
    """An operation that changes files: what is written, or what happens to a name.

    Attributes:
        name: create, empty, open, write, truncate, flush, rename, link, unlink, mkdir or rmdir.
        path: of the file or directory.
        second: the new name of a rename; where a write begins; the size that is left.
        content: the bytes of a write.
    """

    name: str
    path: Path
    second: str
    content: bytes


@dataclass(frozen=True)
class Case:
    """One training: its command line, the directory whose operations count, and what happens at which of them.

    Attributes:
        folder: takes what the process prints, in `out` and `err`, and its `record`.
    """

    folder: Path
    words: tuple[object, ...]
    tree: Path
    at: int = -1
    fault: Fault = Fault.NONE
    errno: int = 0


@dataclass(frozen=True)
class Trained:
    """What a training left behind: how it ended, and its operations, of which the last may not have been done."""

    case: Case
    ended: Ended
    operations: list[Operation]


class Trainers:
    """Trains one case after the other, or two at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def train(self, cases: Iterable[Case]) -> list[Trained]:
        """Trains in all cases, whose trees are to be different ones."""
        cases = list(cases)
        fields = [[[str(word) for word in each.words], str(each.tree), str(each.folder)] for each in cases]
        faults = [[each.at, each.fault, each.errno] for each in cases]
        assert self._process.stdin and self._process.stdout
        print(json.dumps(list(zip(fields, faults, strict=True))), file=self._process.stdin, flush=True)
        codes = json.loads(self._process.stdout.readline())
        return [_trained(*each) for each in zip(cases, codes, strict=True)]


@contextmanager
def trainers(folder: Path) -> Iterator[Trainers]:
    """Builds the library into a folder and starts the process that forks; skips the test where neither can be."""
    compiler = shutil.which("cc")
    if not sys.platform.startswith("linux") or not compiler:
        pytest.skip("file operations are intercepted by a library that Linux preloads and a C compiler builds")
    library = folder / "file_operations.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"], check=True)
    environment = {"LD_PRELOAD": str(library), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, __file__],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Trainers(process)
        assert process.stdin
        process.stdin.close()


def spread(items: Sequence[Case], count: int) -> list[Case]:
    """So many of them, from the first to the last."""
    return [items[round(place * (len(items) - 1) / (count - 1))] for place in range(count)]


def _trained(case: Case, code: int) -> Trained:
    out, err = ((case.folder / name).read_text().splitlines() for name in ("out", "err"))
    return Trained(case, Ended(code, out, err), list(_operations((case.folder / "record").read_bytes())))


def _operations(record: bytes) -> Iterator[Operation]:
    while record:
        line, _, record = record.partition(b"\n")
        name, path, second, size = line.decode().split("\t")
        yield Operation(name, Path(path), second, record[: int(size)])
        record = record[int(size) :]


def _serve() -> None:
    """Forks for every case of every batch, of which each is a line."""
    from lowlevel_cnn import mnist_train
    from lowlevel_cnn.commands import console
    from lowlevel_cnn.tensorflow_v1 import tf

    console.quiet_libraries()
    assert mnist_train and tf.Graph
    for batch in sys.stdin:
        codes: dict[int, int] = {}
        numbers: dict[int, int] = {}
        for number, case in enumerate(json.loads(batch)):
            if len(numbers) == _AT_ONCE:
                _wait_for_one(numbers, codes)
            process = os.fork()
            if not process:
                _train(*itertools.chain(*case))
            numbers[process] = number
        while numbers:
            _wait_for_one(numbers, codes)
        print(json.dumps([codes[number] for number in sorted(codes)]), flush=True)


def _wait_for_one(numbers: dict[int, int], codes: dict[int, int]) -> None:
    process, status = os.wait()
    codes[numbers.pop(process)] = os.waitstatus_to_exitcode(status)


def _train(words: list[str], tree: str, folder: str, *fault: int) -> None:
    """Trains in this fork and ends it."""
    from lowlevel_cnn.__main__ import main

    signal.alarm(int(PATIENCE))
    for descriptor, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{folder}/{name}", os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), descriptor)
    arm = ctypes.CDLL(None).file_operations_arm
    arm(os.fsencode(tree), os.fsencode(f"{folder}/record"), *fault)
    code = 70
    try:
        code = main(words)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        # Not a full exit: taking TensorFlow down takes as long as the training.
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
