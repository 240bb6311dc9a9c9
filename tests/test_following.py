"""What following a run costs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from lowlevel_cnn import flags, metrics, models, run_record
from lowlevel_cnn.following import Follower
from lowlevel_cnn.metrics import Row
from lowlevel_cnn.run_record import RunRecord


def times_parsed(directory: Path, rows: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often `run.json` is parsed by an evaluator of a run with so many rows, which has nothing left to do."""
    model = models.get("lenet-5")
    RunRecord(model.name, model.dataset, 0, {**run_record.hyper_parameters(model), "training_steps": rows}).write(
        directory
    )
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
        follower = Follower(directory, flags.parse(["eval", "--checkpoint-dir", str(directory)]))
        follower.model_and_dataset()
        done = {row.step for row in metrics.read(directory, "validation", "average")}
        assert len(done) == rows and list(follower.checkpoints(done)) == []
    return len(parsed)


def test_the_record_of_a_run_is_parsed_as_often_for_3000_rows_as_for_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    few.mkdir()
    many.mkdir()
    assert times_parsed(many, 3_000, monkeypatch) == times_parsed(few, 3, monkeypatch) <= 3
