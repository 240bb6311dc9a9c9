"""The package as a library and in a notebook: `main` returns an exit code and changes nothing of the process."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.small_training import small_words, train_small

from lowlevel_cnn.__main__ import main
from lowlevel_cnn.commands import models, run, train
from lowlevel_cnn.runs import metrics
from lowlevel_cnn.system.signals import DeferredInterrupt

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def words_of(*words: object) -> list[str]:
    return [str(word) for word in words]


@pytest.fixture(autouse=True)
def python_s_own_answer_to_ctrl_c() -> Iterator[None]:
    """A program in the background of a shell, as these tests may be, is started with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def trained(data: Path, tmp_path: Path) -> Path:
    """A run of two steps."""
    return train_small(data, tmp_path / "run")


def of_the_process() -> dict[str, Any]:
    """What a called function has no business with."""
    return {
        "handlers": [signal.getsignal(number) for number in SIGNALS],
        "blocked": signal.pthread_sigmask(signal.SIG_BLOCK, ()) if hasattr(signal, "pthread_sigmask") else None,
        "streams": [(stream, getattr(stream, "errors", None)) for stream in (sys.stdout, sys.stderr)],
        "environment": {**os.environ, "PYTEST_CURRENT_TEST": ""},
        "levels": {name: logging.getLogger(name).level for name in ("tensorflow", "matplotlib")},
        "directory": Path.cwd(),
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [(["models"], 0), (["--version"], 0), (["eval", "--help"], 0), (["eval", "--no-such-flag"], 2), ([], 2)],
    ids=["models", "version", "help", "wrong flag", "nothing"],
)
def test_main_called_from_python_returns_the_exit_code_and_leaves_the_process_as_it_was(
    words: list[str], code: int
) -> None:
    before = of_the_process()
    assert main(words) == code
    assert of_the_process() == before


def test_training_evaluating_and_drawing_leave_the_process_as_it_was(
    trained: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.setattr(logging.getLogger("matplotlib"), "level", logging.INFO)
    before = of_the_process()
    given = ("--data-dir", data, "--checkpoint-dir", trained)
    assert main(small_words(data, trained, steps=3)) == 0
    assert main(words_of("eval", *given)) == 0
    assert main(words_of("plot", "--output", tmp_path, "--only", "curves", *given[2:])) == 0
    assert of_the_process() == before


def test_pyplot_shows_figures_after_plot_as_before(trained: Path, tmp_path: Path) -> None:
    import matplotlib

    matplotlib.rcParams["backend"] = "svg"
    try:
        assert main(words_of("plot", "--checkpoint-dir", trained, "--output", tmp_path, "--only", "curves")) == 0
        assert matplotlib.rcParams["backend"] == "svg"
    finally:
        matplotlib.rcParams["backend"] = "agg"
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_ctrl_c_while_training_in_a_notebook_saves_and_then_raises_keyboard_interrupt(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(directory: Path, step: int, loss: float) -> None:
        if step == 21:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(metrics, "append_training", interrupted)
    before = of_the_process()
    with pytest.raises(KeyboardInterrupt):
        main(small_words(data, tmp_path / "run", steps=1000, save_every=10))
    assert of_the_process() == before
    assert "Stopped after 21 training step(s)" in capsys.readouterr().out
    assert (tmp_path / "run/model.ckpt-21.index").exists()


def test_ctrl_c_while_an_evaluator_waits_in_a_notebook_raises_keyboard_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        main(words_of("eval", "--checkpoint-dir", tmp_path / "run"))


def test_what_a_program_ignores_its_training_ignores_too() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with DeferredInterrupt() as interrupt:
        signal.raise_signal(signal.SIGINT)
    assert interrupt.signal_number is None
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_the_commands_work_in_a_thread(data: Path, tmp_path: Path) -> None:
    codes: list[int] = []

    def work() -> None:
        codes.append(main(small_words(data, tmp_path / "run")))
        codes.append(main(words_of("eval", "--once", "--data-dir", data, "--checkpoint-dir", tmp_path / "run")))

    before = of_the_process()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert codes == [0, 0]
    assert of_the_process() == before


def test_ctrl_c_on_run_in_a_notebook_goes_to_both_processes_and_then_raises_keyboard_interrupt(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(command: str, arguments: list[str], **settings: Any) -> subprocess.Popen[bytes]:
        waits = "import time; from lowlevel_cnn.system import signals; signals.exit_on_signals(); time.sleep(100)"
        started.append(subprocess.Popen([sys.executable, "-c", waits], **settings))
        return started[-1]

    def interrupted(seconds: float) -> None:
        if all(each.poll() is None for each in started):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(run, "_start", start)
    monkeypatch.setattr("time.sleep", interrupted)
    before = of_the_process()
    with pytest.raises(KeyboardInterrupt):
        main(small_words(data, tmp_path / "run", command="run"))
    assert of_the_process() == before
    assert [each.returncode for each in started] == [130, 130]


def test_a_remembered_signal_does_afterwards_what_the_program_around_us_does_with_it() -> None:
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        with DeferredInterrupt() as interrupt:
            signal.raise_signal(signal.SIGTERM)
            assert (interrupt.signal_number, received) == (signal.SIGTERM, [])
        assert received == [signal.SIGTERM]
        assert interrupt.exit_code == 128 + signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)


def test_an_error_in_the_protected_work_goes_before_the_signal() -> None:
    with pytest.raises(ValueError, match="diverged"), DeferredInterrupt():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("diverged")


def out_of_memory(parsed: object) -> int:
    raise MemoryError


@pytest.mark.parametrize(
    ("command", "module", "said"),
    [
        ("train", train, "error: not enough memory; try a smaller --batch-size"),
        ("models", models, "error: not enough memory; close other programs"),
    ],
)
def test_too_little_memory_is_one_line_that_names_batch_size_only_where_the_command_has_it(
    command: str,
    module: Any,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(module, "COMMAND", replace(module.COMMAND, function=out_of_memory))
    assert main([command]) == 1
    assert capsys.readouterr().err == f"{said}\n"


def test_a_message_is_one_line_also_with_a_line_break_in_a_flag(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--no-such\nflag"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: unrecognized arguments: --no-such\\nflag; see `lowlevel-cnn --help`"
    ]
