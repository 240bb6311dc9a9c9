"""What following a run costs, and when a checkpoint is handed out."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from lowlevel_cnn import models
from lowlevel_cnn.evaluation import checkpoint_iterator
from lowlevel_cnn.evaluation.checkpoint_iterator import CheckpointIterator
from lowlevel_cnn.runs import metrics, run_record
from lowlevel_cnn.runs.metrics import Row
from lowlevel_cnn.runs.options import EvalOptions
from lowlevel_cnn.runs.run_record import RunRecord


def begin(directory: Path, steps: int) -> CheckpointIterator:
    """A run that is to reach so many steps, and who follows it."""
    model = models.get("lenet-5")
    directory.mkdir()
    hyper_parameters = {**run_record.hyper_parameters(model), "training_steps": steps}
    RunRecord(model.name, model.dataset, 0, hyper_parameters).write(directory)
    return CheckpointIterator(directory, EvalOptions(checkpoint_dir=str(directory)))


def times_parsed(directory: Path, rows: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often `run.json` is parsed by an evaluator of a run with so many rows, which has nothing left to do."""
    follower = begin(directory, rows)
    path = metrics.path(directory, "validation")
    path.parent.mkdir(parents=True)
    written = [asdict(Row(step, "validation", "average", 0.9, 0.1, 10, 0.1, "now")) for step in range(1, rows + 1)]
    path.write_text("".join(json.dumps(row) + "\n" for row in written))
    parsed, read = [], run_record.read

    def counted(directory: Path) -> RunRecord | None:
        parsed.append(directory)
        return read(directory)

    with monkeypatch.context() as patch:
        patch.setattr(run_record, "read", counted)
        follower.model_and_dataset()
        done = {row.step for row in metrics.read(directory, "validation", "average")}
        assert len(done) == rows and list(follower.checkpoints(done)) == []
    return len(parsed)


def test_the_record_of_a_run_is_parsed_as_often_for_3000_rows_as_for_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = (times_parsed(tmp_path / str(rows), rows, monkeypatch) for rows in (3, 3_000))
    assert few == many <= 3


def test_a_checkpoint_that_comes_while_the_evaluator_waits_is_handed_out_at_its_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "run"
    follower = begin(directory, 6)
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        # The second comes later than the first, and each in a pause.
        (directory / f"model.ckpt-{3 * len(pauses)}.index").touch()

    monkeypatch.setattr(checkpoint_iterator, "time", SimpleNamespace(sleep=pause, monotonic=time.monotonic))
    follower.model_and_dataset()
    assert [(each.step, len(pauses)) for each in follower.checkpoints(set())] == [(3, 1), (6, 2)]
    assert pauses == [10.0, 10.0]
