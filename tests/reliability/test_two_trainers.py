"""Two trainers started together in one directory: one works, the other says who does, and the next is let in."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conftest import Start
from helpers.processes import PATIENCE, Ended, Started
from helpers.torture import Report
from small_runs import BEGINS, endless_words


@dataclass(frozen=True)
class Contest:
    """Two trainers that were started together, after one has ended."""

    winner: Started
    loser: Ended
    seconds: float

    def was_refused(self) -> bool:
        """Whether the one that ended did so in one line that names the other."""
        lines = [line for line in self.loser.err if "not the published" not in line]
        holder = f"process {self.winner.process.pid} on '{socket.gethostname()}'"
        return (
            self.loser.code == 2
            and not self.loser.out
            and len(lines) == 1
            and re.fullmatch(rf"error: .*: {re.escape(holder)} is training in it; .*", lines[0]) is not None
        )


def contest(start: Start, words: Sequence[object]) -> Contest:
    began = time.monotonic()
    pair = [start(*words), start(*words)]
    while all(each.process.poll() is None for each in pair):
        assert time.monotonic() - began < PATIENCE, "both work"
        time.sleep(0.005)
    seconds = time.monotonic() - began
    winner, loser = sorted(pair, key=lambda each: each.process.poll() is not None)
    return Contest(winner, loser.ended(), seconds)


def says(trainer: Started, text: str) -> bool:
    """Whether a trainer comes so far as to say this."""
    with contextlib.suppress(AssertionError):
        trainer.wait_for(text)
        return True
    return False


def test_of_two_trainers_started_together_one_works_and_one_is_refused_and_a_kill_lets_the_next_one_in(
    start: Start, data: Path, tmp_path: Path, full: bool, report: Report
) -> None:
    pairs, restarts = (50, 50) if full else (2, 1)
    let_in, seconds, wrong = 0, 0.0, []
    for number in range(pairs):
        # Every other pair finds what a killed trainer has left.
        words = endless_words(data, tmp_path / f"run-{number // 2}")
        ended = contest(start, words)
        # Mostly the lock is enough; a checkpoint takes longer than all the rest.
        works = says(ended.winner, "After 1 training step(s)" if number % 10 == 9 else BEGINS)
        if not (works and ended.was_refused()):
            wrong.append(ended)
        seconds = max(seconds, ended.seconds)
        ended.winner.kill_all()
        if number < restarts:
            again = start(*words)
            let_in += says(again, BEGINS)
            again.kill_all()
    report(
        "pairs of trainers in one directory of which one works and the other names it",
        f"{pairs - len(wrong)} of {pairs}",
    )
    report("the longest until the other has ended", f"{seconds:.1f} s")
    report("restarts right after kill -9 that the dead trainer does not hold back", f"{let_in} of {restarts}")
    assert not wrong
    assert let_in == restarts
