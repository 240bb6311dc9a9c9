"""Made-up data, and runs on it that several tests look at. A test that changes a run copies it first."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from helpers import clusters, processes
from helpers.commands_here import run_here
from helpers.digit_run import digit_data, digit_run
from helpers.made_data import write_mnist
from helpers.processes import Ended, Started
from helpers.tf1_scripts import leave_tensorflow_as_it_is
from helpers.torture import full, pytest_terminal_summary, report
from hypothesis import HealthCheck, settings

from lowlevel_cnn.commands import console
from lowlevel_cnn.plots import PICTURES

__all__ = ["digit_data", "digit_run", "full", "pytest_terminal_summary", "report"]

TRAIN = ("train", "--seed", "3", "--batch-size", "20", "--save-every", "10")
STEPS = [1, 11, 21, 31, 41, 51, 60]

# Before TensorFlow is first used: what the commands' own processes do not say is not said here.
console.quiet_libraries()
# A shell lets what it starts in the background ignore Ctrl-C, which the tests send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# How long the examples of a property take depends on what else the machine does.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

Start = Callable[..., Started]


@pytest.fixture(autouse=True)
def environment_as_before(request: pytest.FixtureRequest) -> Iterator[None]:
    """The environment and TensorFlow are for the next test what they were for this one; `tf.keras` stays Keras 3."""
    if request.path.parent.name == "tf1":
        request.getfixturevalue("keras_3")
        leave_tensorflow_as_it_is(request.getfixturevalue("monkeypatch"))
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
    if tensorflow := sys.modules.get("tensorflow"):
        assert tensorflow.compat.v1.executing_eagerly_outside_functions(), "eager execution was switched off"


@pytest.fixture(scope="session")
def keras_3() -> object:
    """`tf.keras`, which TensorFlow chooses once: after tf_keras was asked for, it would be that one."""
    return importlib.import_module("tensorflow").keras.layers.Layer


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """550 training, 50 validation and 620 test images; an evaluator's batch has 500."""
    return write_mnist(tmp_path_factory.mktemp("data"), count_train=600, count_test=620)


@pytest.fixture(scope="session")
def uninterrupted(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A run of 60 steps in one process, which kept all of its checkpoints, and what it printed. Not to be changed."""
    directory = tmp_path_factory.mktemp("uninterrupted") / "run"
    words = (*TRAIN, "--steps", 60, "--keep", 20, "--data-dir", data, "--checkpoint-dir", directory)
    # The others are to have the bits of a real process.
    ended = processes.run(*words, cwd=directory.parent, fresh=True)
    assert ended.code == 0, ended
    return directory, ended


@pytest.fixture
def finished(uninterrupted: tuple[Path, Ended], tmp_path: Path) -> Path:
    """A copy of the finished run."""
    return Path(shutil.copytree(uninterrupted[0], tmp_path / "run"))


@pytest.fixture(scope="session")
def drawn(uninterrupted: tuple[Path, Ended], data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A copy of the finished run, evaluated with both kinds of weights, and the folder of its pictures."""
    folder = tmp_path_factory.mktemp("drawn")
    directory = folder / "run"
    shutil.copytree(uninterrupted[0], directory)
    both = [("eval", "--all", "--timeout-secs", "1", "--weights", each) for each in ("average", "raw")]
    given = ("--checkpoint-dir", directory, "--data-dir", data)
    assert all(ended.code == 0 for ended in processes.run_two_at_a_time([(*words, *given) for words in both], folder))
    words = ("plot", *given, "--output", folder / "pictures")
    ended = processes.run(*words, cwd=folder, env={"MPLBACKEND": "no such backend"}, fresh=True)
    assert ended.code == 0, ended
    assert ended.out == [str(folder / f"pictures/{name}.png") for name in PICTURES]
    assert [line for line in ended.err if "not the published" not in line] == []
    return directory, folder / "pictures"


@pytest.fixture
def full_disk() -> Callable[[], AbstractContextManager[None]]:
    """Within it this process can write files of 50 kB at most, as if there were no more room."""
    resource = pytest.importorskip("resource", reason="Windows has no such limit")

    @contextmanager
    def limited() -> Iterator[None]:
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    return limited


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts processes; whatever still runs at the end of the test is ended."""
    started: list[Started] = []

    def start_one(*words: object, env: Mapping[str, str] = {}, fresh: bool = False) -> Started:
        started.append(Started(*words, cwd=tmp_path, env=env, fresh=fresh))
        return started[-1]

    yield start_one
    for each in started:
        each.kill_all()


@pytest.fixture(scope="session")
def trained_here(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of `lenet-5` with checkpoints after 1, 2 and 3 steps, trained in this process. Not to be changed."""
    directory = tmp_path_factory.mktemp("here") / "run"
    words = ("--model", "lenet-5", "--batch-size", 20, "--steps", 3, "--save-every", 1, "--summary-every", 0)
    assert run_here("train", *words, "--data-dir", data, "--checkpoint-dir", directory) == 0
    return directory


@pytest.fixture(scope="session")
def few_steps_alone(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A run of a few steps in one process, and what it printed. Not to be changed."""
    directory = tmp_path_factory.mktemp("alone") / "run"
    ended = processes.run(
        *clusters.train_words(data, directory, **clusters.FEW, steps=clusters.STEPS), cwd=directory.parent
    )
    assert ended.code == 0, ended
    return directory, ended
