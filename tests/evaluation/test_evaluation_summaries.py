"""The evaluator's event files: the curves in TensorBoard are the rows of `metrics.jsonl`."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import STEPS
from helpers.event_reading import event_files, events, shown
from helpers.processes import files_in, run, run_two_at_a_time

from lowlevel_cnn.evaluation.summaries import EvaluationSummaries
from lowlevel_cnn.runs import metrics
from lowlevel_cnn.tensorflow_v1 import tf


def test_the_curves_of_an_evaluator_are_the_rows_of_metrics_and_averages_and_weights_stand_apart(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    directory = ("--data-dir", data, "--checkpoint-dir", finished)
    # The newest checkpoint first, and the older ones by another process.
    once = run("eval", "--once", *directory, cwd=tmp_path)
    ends = run_two_at_a_time(
        [("eval", "--all", *directory), ("eval", "--all", "--weights", "raw", *directory)], cwd=tmp_path
    )
    assert [each.code for each in (once, *ends)] == [0, 0, 0], ends
    losses = []
    for weights in ("average", "raw"):
        rows = metrics.read(finished, "validation", weights)
        found = shown(finished / "eval" / "validation" / weights)
        assert len(rows) == len(STEPS)
        assert found.scalars("accuracy") == pytest.approx({row.step: row.accuracy for row in rows})
        losses.append(found.scalars("loss/cross_entropy"))
        assert losses[-1] == pytest.approx({row.step: row.loss for row in rows})
        assert set(found.values) == {"accuracy", "loss/cross_entropy"}
    assert losses[0] != losses[1]
    assert len(event_files(finished / "eval" / "validation" / "average")) == 2
    # An evaluator that finds all done writes nothing.
    before = files_in(finished)
    assert run("eval", "--all", *directory, cwd=tmp_path).code == 0
    assert files_in(finished) == before


def test_earlier_rows_are_shown_at_the_time_when_they_were_scored_and_impossible_ones_are_left_out(
    tmp_path: Path,
) -> None:
    def row(step: int, time: str = "2024-01-01T00:00:00+00:00") -> metrics.Row:
        return metrics.Row(step, "test", "raw", 0.5, 1.0, 10, 0.1, time)

    folder = tmp_path / "eval" / "test"
    folder.mkdir(parents=True)
    with tf.Graph().as_default():
        summaries = EvaluationSummaries(tmp_path, "test", "raw", [row(5), row(2**70), row(3, "noon"), row(4)])
        summaries.add(row(6))
        summaries.add(row(2))
    found = shown(folder / "raw")
    assert list(found.scalars("accuracy")) == [2, 4, 5, 6]
    assert {event.wall_time for event in events(folder / "raw") if event.summary.value} == {1704067200.0}


def test_where_the_event_file_of_an_evaluator_cannot_be_written_the_score_and_its_row_are_there(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    (finished / "eval" / "validation").mkdir(parents=True)
    (finished / "eval" / "validation" / "average").write_text("mine")
    ended = run("eval", "--all", "--data-dir", data, "--checkpoint-dir", finished, cwd=tmp_path)
    assert ended.code == 0 and len(ended.out) == len(STEPS)
    assert len(ended.warnings) == 1 and "TensorBoard summaries cannot be written" in ended.warnings[0]
    assert len(metrics.read(finished, "validation", "average")) == len(STEPS)
