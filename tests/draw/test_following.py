"""How the page learns of checkpoints."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from helpers.commands_here import copied
from helpers.processes import copy_checkpoint

from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.draw.following import FollowedRun, changed_state, state

NAME = "model.ckpt-31"


def test_who_waits_is_told_of_a_new_checkpoint_and_not_before(digit_run: Path, tmp_path: Path) -> None:
    directory = copied(digit_run, tmp_path / "run", 1)
    runs = [FollowedRun(directory)]
    seen, steps = state(runs)
    assert steps == [[1]]
    assert changed_state(runs, seen, 0.0) == (seen, [[1]])
    saving = threading.Timer(0.2, copy_checkpoint, (digit_run / NAME, directory / NAME))
    saving.start()
    now, steps = changed_state(runs, seen, 60.0)
    saving.join()
    assert steps == [[1, 31]]
    assert now != seen


def test_who_has_seen_something_else_is_told_at_once(digit_run: Path) -> None:
    started = time.monotonic()
    _, steps = changed_state([FollowedRun(digit_run)], "something else", 60.0)
    assert steps == [[1, 31, 61, 90]]
    assert time.monotonic() - started < 30


def test_a_checkpoint_written_anew_under_its_name_is_another(digit_run: Path, tmp_path: Path) -> None:
    directory = copied(digit_run, tmp_path / "run", 1, 31)
    seen, steps = state([FollowedRun(directory)])
    copy_checkpoint(directory / NAME, directory / NAME)
    assert state([FollowedRun(directory)])[0] != seen
    assert state([FollowedRun(directory)])[1] == steps


def test_a_run_that_has_nothing_yet_has_no_checkpoints(tmp_path: Path) -> None:
    assert state([FollowedRun(tmp_path / "not yet")])[1] == [[]]


def test_a_checkpoint_that_was_named_is_the_only_one(digit_run: Path) -> None:
    named = FollowedRun(digit_run, Checkpoint(31, digit_run / NAME))
    assert [each.step for each in named.kept()] == [31]
