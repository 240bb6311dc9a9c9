"""SIGTERM and SIGINT at random moments: the process ends soon and quietly, and the same command goes on."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from helpers.processes import ENDLESS, Started
from helpers.torture import Report
from small_runs import BEGINS, endless_words, newest, set_steps, train_here, train_words, wait_for_a_save

from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.runs import metrics
from lowlevel_cnn.system.signals import signals_blocked

START_UP = 5.0  # seconds within which the early signals come
SAVE_EVERY = 20
MOMENTS = {
    "train": ("start-up", "a save", "a step"),
    "eval": ("start-up", "an evaluation"),
    "run": ("start-up", "a step", "a save", "an evaluation"),
}


@dataclass(frozen=True)
class Blow:
    """A signal, sent once or twice, and when: a share of the time that the moment lasts."""

    number: signal.Signals
    times: int
    moment: str
    share: float


@dataclass
class Chain:
    """A command that is stopped by one signal after another, and started again each time, in the same directory."""

    command: str
    blows: list[Blow]
    seconds: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def drawn_chain(command: str, count: int, draw: random.Random) -> Chain:
    """As many SIGTERM as SIGINT, every moment of the command, and every other signal doubled."""
    moments = [MOMENTS[command][number % len(MOMENTS[command])] for number in range(count)]
    numbers = [(signal.SIGTERM, signal.SIGINT)[number % 2] for number in range(count)]
    draw.shuffle(moments)
    draw.shuffle(numbers)
    return Chain(
        command, [Blow(*each, draw.random()) for each in zip(numbers, [1, 2] * (count // 2), moments, strict=True)]
    )


@pytest.fixture(scope="module")
def checkpoints_to_score(data: Path, full: bool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory with more checkpoints than an evaluator scores between all its signals."""
    directory = tmp_path_factory.mktemp("many") / "run"
    count = 300 if full else 60
    train_here(train_words(data, directory, steps=count, keep=count))
    set_steps(directory, ENDLESS)
    return directory


def words_of(command: str, data: Path, directory: Path) -> tuple[object, ...]:
    evaluation = ("--all", "--split", "test", "--interval-secs", 0.1)
    if command == "eval":
        return (command, *evaluation, "--data-dir", data, "--checkpoint-dir", directory)
    words = endless_words(data, directory, save_every=SAVE_EVERY, command=command)
    return (*words, *evaluation) if command == "run" else words


def wait_until(moment: str, share: float, started: Started, directory: Path, begin: int) -> None:
    if moment == "start-up":
        time.sleep(share * START_UP)
    elif moment == "an evaluation":
        # On a machine that is slow at sending signals all may be scored.
        started.wait_for("test accuracy", "Waiting for a checkpoint")
        time.sleep(share * 0.2)
    else:
        # Checkpoints are those of the steps 1, 21, 41 and so on.
        started.wait_for(f"After {(begin // SAVE_EVERY + 1) * SAVE_EVERY + 1} training step(s), loss")
        if moment == "a save":
            wait_for_a_save(directory)
        else:
            time.sleep(share * 0.2)


def complaints_about(blow: Blow, seconds: float, started: Started, directory: Path, begin: int) -> list[str]:
    """What went wrong at a signal, in words."""
    left_over = started.group_lives()
    started.kill_all()
    ended = started.ended()
    try:
        saved = newest(directory)
    except WorkError as error:
        return [f"{blow}: {error}"]
    stopped = re.search(r"^Stopped after (\d+) ", "\n".join(ended.out), re.MULTILINE)
    trains = blow.moment in ("a step", "a save")
    wrong = {
        "exit code": ended.code != 128 + blow.number,
        "traceback": "Traceback" in "".join(ended.err) or "KeyboardInterrupt" in "".join(ended.err),
        "a process is left": left_over,
        "no word of where it stopped": trains and not stopped,
        "the last step is not saved": stopped is not None and int(stopped[1]) != saved,
        "began elsewhere": any(BEGINS in line and f"{BEGINS}{begin} to" not in line for line in ended.out),
    }
    return [f"{what} after {seconds:.1f} s: {blow}, {ended}" for what, is_so in wrong.items() if is_so]


def send(blow: Blow, words: Sequence[object], directory: Path) -> tuple[float, list[str]]:
    """Starts the command, which goes on from where it was, and stops it with a signal."""
    begin = newest(directory)
    # Until the package's first lines have run, Python itself would answer a signal.
    with signals_blocked():
        started = Started(*words, cwd=directory.parent, fresh=blow.moment == "start-up")
    try:
        wait_until(blow.moment, blow.share, started, directory, begin)
        seconds = started.signal(*[blow.number] * blow.times)
        return seconds, complaints_about(blow, seconds, started, directory, begin)
    except AssertionError as error:
        return 0.0, [f"{blow}: did not get there: {error}"]
    finally:
        started.kill_all()


def go_through(chain: Chain, data: Path, directory: Path) -> None:
    words = words_of(chain.command, data, directory)
    # After the last one the command is stopped once more, which shows that it had gone on.
    last = Blow(signal.SIGTERM, 1, MOMENTS[chain.command][-1], 0.5)
    for blow in [*chain.blows, last]:
        seconds, complaints = send(blow, words, directory)
        chain.seconds.append(seconds)
        chain.complaints += complaints
    if chain.command != "train":
        steps = [row.step for row in metrics.read(directory, "test", "average")]
        if not steps or sorted(set(steps)) != steps:
            chain.complaints.append(f"{directory}: scored {steps}")


def drawn_chains(full: bool) -> list[Chain]:
    draw = random.Random(0)
    if full:
        return [drawn_chain(command, 10, draw) for command in ["run"] * 2 + ["train"] * 5 + ["eval"] * 3]
    return [
        Chain("train", [Blow(signal.SIGINT, 1, "start-up", draw.random())]),
        Chain("eval", [Blow(signal.SIGINT, 2, "an evaluation", draw.random())]),
    ]


def test_signals_at_random_moments_end_every_command_without_a_traceback_and_it_goes_on(
    data: Path, checkpoints_to_score: Path, tmp_path: Path, full: bool, report: Report
) -> None:
    chains = drawn_chains(full)

    def in_its_directory(numbered: tuple[int, Chain]) -> None:
        number, chain = numbered
        directory = tmp_path / str(number) / "run"
        directory.parent.mkdir()
        if chain.command == "eval":
            shutil.copytree(checkpoints_to_score, directory, copy_function=os.link)
        go_through(chain, data, directory)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(in_its_directory, enumerate(chains)))
    complaints = [complaint for chain in chains for complaint in chain.complaints]
    slowest = max(seconds for chain in chains for seconds in chain.seconds)
    count = sum(len(chain.blows) + 1 for chain in chains)
    report("SIGTERM and SIGINT at random moments after which something was wrong", f"{len(complaints)} of {count}")
    report("the longest from a signal to the end", f"{slowest:.1f} s")
    assert not complaints, "\n".join(complaints)
