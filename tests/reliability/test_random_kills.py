"""`kill -9` at random moments: nothing acknowledged is lost, and the run ends with the bits of an uninterrupted one.

No run ends by itself, so that none has ended before its last kill, however long a kill is in coming.
"""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from helpers.processes import Started, same_bits
from helpers.torture import Report
from small_runs import (
    BEGINS,
    acknowledged,
    endless_words,
    half_saved,
    newest,
    uninterrupted_until,
    wait_for_a_save,
)

SAVE_EVERY = 2
MOST_STEPS = 15  # from a start to the checkpoint after which a kill comes
START_UP = 4.0  # seconds within which the early kills come


@dataclass(frozen=True)
class Kill:
    """When to kill: a share of the start-up's time; or so many steps after it, between two saves or in one."""

    moment: str
    share: float
    steps: int


@dataclass(frozen=True)
class Attempt:
    """One process of a run: whether it was killed, went on from the newest checkpoint, and what its end left there."""

    killed: bool
    went_on: bool
    lost_something: bool
    left_half_a_save: bool


def drawn_kills(seed: int, count: int) -> list[Kill]:
    draw = random.Random(seed)
    moments = draw.choices(("start-up", "a step", "a save"), weights=(1, 2, 2), k=count)
    return [Kill(moment, draw.random(), draw.randint(1, MOST_STEPS)) for moment in moments]


def wait_until(kill: Kill, trainer: Started, directory: Path, begin: int) -> None:
    if kill.moment == "start-up":
        time.sleep(kill.share * START_UP)
        return
    # Checkpoints are those of odd steps.
    trainer.wait_for(f"After {(begin + kill.steps) | 1} training step(s)")
    if kill.moment == "a save":
        wait_for_a_save(directory)
    else:
        time.sleep(kill.share * 0.1)


def attempt(words: Sequence[object], directory: Path, kill: Kill | None) -> Attempt:
    """Starts the trainer once, and kills it; without a kill it goes on for a step or two, and is then told to stop."""
    begin, half_before = newest(directory), half_saved(directory)
    trainer = Started(*words, cwd=directory.parent, fresh=kill is not None and kill.moment == "start-up")
    # A trainer that does not come so far has ended by itself, and did not go on.
    with contextlib.suppress(AssertionError):
        wait_until(kill or Kill("a step", 0.0, 1), trainer, directory, begin)
    if not kill:
        trainer.signal(signal.SIGTERM)
    trainer.kill_all()
    ended = trainer.ended()
    return Attempt(
        killed=ended.code == -signal.SIGKILL,
        went_on=ended.code == (-signal.SIGKILL if kill else 128 + signal.SIGTERM)
        and all(f"{BEGINS}{begin} to" in line for line in ended.out[:1]),
        lost_something=newest(directory) < acknowledged(ended),
        left_half_a_save=half_saved(directory) and not half_before,
    )


def test_after_kills_at_random_moments_a_run_loses_nothing_and_ends_with_the_bits_of_an_uninterrupted_one(
    data: Path, tmp_path: Path, full: bool, report: Report
) -> None:
    runs, kills = (20, 5) if full else (1, 2)

    def run(seed: int) -> tuple[Path, list[Attempt]]:
        directory = tmp_path / f"run-{seed}"
        words = endless_words(data, directory, save_every=SAVE_EVERY)
        attempts = [attempt(words, directory, kill) for kill in [*drawn_kills(seed, kills), None]]
        return directory / f"model.ckpt-{newest(directory)}", attempts

    with ThreadPoolExecutor(2) as pool:
        killed = list(pool.map(run, range(1, runs + 1)))
    most_steps = max(newest(last.parent) for last, _ in killed)
    uninterrupted = uninterrupted_until(most_steps, data, tmp_path / "uninterrupted")

    attempts = [each for _, run_attempts in killed for each in run_attempts]
    landed = [each for each in attempts if each.killed]
    resumes = sum(each.went_on for _, (_, *resumes) in killed for each in resumes)
    same = sum(same_bits(last, uninterrupted / last.name) for last, _ in killed)
    in_a_save = sum(each.left_half_a_save for each in landed)
    report("resumes after kill -9 at a random moment that work", f"{resumes} of {len(landed)} ({in_a_save} in a save)")
    report("final states of such runs with the bits of an uninterrupted run", f"{same} of {runs}")
    assert len(landed) == runs * kills
    assert not [each for each in attempts if each.lost_something]
    assert (resumes, same) == (runs * kills, runs)
