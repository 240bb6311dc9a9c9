"""The best checkpoint by validation accuracy is kept apart."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lowlevel_cnn.checkpoints import listing, reading
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError
from lowlevel_cnn.evaluation import best_checkpoint
from lowlevel_cnn.runs.metrics import Row

ROW = Row(41, "validation", "average", 0.5, 1.0, 50, 0.1, "2026-01-01T00:00:00+00:00")


def test_the_checkpoint_with_the_highest_accuracy_is_the_one_in_best(finished: Path) -> None:
    for step, accuracy, kept in ((31, 0.5, 31), (41, 0.7, 41), (51, 0.7, 41), (60, 0.6, 41)):
        checkpoint = Checkpoint(step, finished / f"model.ckpt-{step}")
        assert best_checkpoint.keep(finished, checkpoint, replace(ROW, step=step, accuracy=accuracy)) == (step == kept)
        assert [each.step for each in listing.listed(finished / "best")] == [kept]
        reading.verify(finished / f"best/model.ckpt-{kept}")
    data = "model.ckpt-41.data-00000-of-00001"
    assert (finished / "best" / data).read_bytes() == (finished / data).read_bytes()
    assert sorted(path.name for path in (finished / "best").iterdir() if "41" not in path.name) == [
        "checkpoint",
        "metrics.json",
    ]


def test_the_best_one_stays_when_a_better_one_is_damaged(finished: Path) -> None:
    best_checkpoint.keep(finished, Checkpoint(41, finished / "model.ckpt-41"), ROW)
    with (finished / "model.ckpt-51.data-00000-of-00001").open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(DamagedCheckpointError):
        best_checkpoint.keep(finished, Checkpoint(51, finished / "model.ckpt-51"), replace(ROW, step=51, accuracy=0.9))
    assert '"model.ckpt-41"' in (finished / "best/checkpoint").read_text()
    assert [each.step for each in listing.listed(finished / "best")] == [41]


def test_a_moved_run_takes_its_best_checkpoint_along(finished: Path, tmp_path: Path) -> None:
    best_checkpoint.keep(finished, Checkpoint(41, finished / "model.ckpt-41"), ROW)
    moved = Path(shutil.move(finished, tmp_path / "moved"))
    assert listing.newest_good(moved / "best", lambda line: None) == Checkpoint(41, moved / "best/model.ckpt-41")
