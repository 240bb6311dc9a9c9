"""A command in a fork (`helpers/forks.py`) is what it is in an interpreter of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from conftest import Start
from helpers import forks
from helpers.processes import run

pytestmark = pytest.mark.skipif(not forks.POSSIBLE, reason="every command is a new interpreter")


@pytest.mark.parametrize(
    "words",
    [
        ("models",),
        ("train", "--no-such-flag"),
        ("inspect", "nowhere"),
        ("eval", "--once", "--checkpoint-dir", "nowhere"),
    ],
    ids=" ".join,
)
def test_a_fork_ends_with_the_lines_and_the_exit_code_of_a_new_interpreter(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    assert run(*words, cwd=tmp_path) == run(*words, cwd=tmp_path, fresh=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_fork_ends_of_a_signal_as_a_new_interpreter_does(number: signal.Signals, start: Start, data: Path) -> None:
    words = ("eval", "--data-dir", data, "--checkpoint-dir", "run")
    both = [start(*words), start(*words, fresh=True)]
    for each in both:
        each.wait_for("Waiting for a run")
        each.signal(number)
    fork, interpreter = (each.ended() for each in both)
    assert fork == interpreter
    assert fork.code == (-number if number is signal.SIGKILL else 128 + number)
    assert not any(each.group_lives() for each in both)


@pytest.mark.parametrize("name", ["TF_ENABLE_ONEDNN_OPTS", "PYTHONIOENCODING", "LC_ALL", "MPLBACKEND"])
def test_what_is_read_at_the_start_of_an_interpreter_cannot_be_set_for_a_fork(name: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=f"{name} has changed"):
        run("models", cwd=tmp_path, env={name: "another"})
