"""What following a run costs, and when a checkpoint is handed out."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError
from lowlevel_cnn.checkpoints.restoring import NotFiniteError
from lowlevel_cnn.errors import WorkError
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


def touch(directory: Path, *steps: int) -> None:
    """Checkpoints of these steps, as far as their names go."""
    for step in steps:
        (directory / f"model.ckpt-{step}.index").touch()
    (directory / "checkpoint").write_text(f'model_checkpoint_path: "model.ckpt-{steps[-1]}"\n')


def steps_of(follower: CheckpointIterator, done: set[int]) -> list[int]:
    follower.model_and_dataset()
    return [each.step for each in follower.checkpoints(done)]


@pytest.mark.parametrize(
    "options, done, expected",
    [
        (EvalOptions(), set(), [9]),
        (EvalOptions(all=True), set(), [3, 6, 9]),
        (EvalOptions(all=True), {3, 9}, [6]),
        (EvalOptions(), {3}, [6, 9]),
        (EvalOptions(), {9}, []),
        # A row of a step that no run of nine steps can have.
        (EvalOptions(), {3, 1_000_000}, [6, 9]),
        (EvalOptions(from_steps=3), set(), [3, 6, 9]),
    ],
)
def test_a_finished_run_is_evaluated_from_the_newest_checkpoint_with_all_from_the_first_and_behind_its_rows(
    options: EvalOptions, done: set[int], expected: list[int], tmp_path: Path
) -> None:
    directory = tmp_path / "run"
    begin(directory, 9)
    touch(directory, 3, 6, 9)
    assert steps_of(CheckpointIterator(directory, options), done) == expected


def test_once_falls_back_to_the_next_older_checkpoint_when_the_newest_is_of_no_use(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    begin(directory, 9)
    touch(directory, 3, 6, 9)
    follower = CheckpointIterator(directory, EvalOptions(once=True))
    assert follower.once and steps_of(follower, set()) == [9, 6, 3]


def test_a_damaged_checkpoint_comes_again_only_when_it_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "run"
    begin(directory, 9)
    touch(directory, 3, 6)

    def pause(seconds: float) -> None:
        # Another file in its place: what was there has another inode and another time.
        (directory / "new").touch()
        (directory / "new").replace(directory / "model.ckpt-6.index")
        touch(directory, 9)

    monkeypatch.setattr("time.sleep", pause)
    follower = CheckpointIterator(directory, EvalOptions(all=True))
    follower.model_and_dataset()
    seen = []
    for each in follower.checkpoints(set()):
        if each.step == 6 and 6 not in seen:
            follower.skip(each, DamagedCheckpointError("model.ckpt-6: damaged"))
        seen.append(each.step)
    assert seen == [3, 6, 6, 9]
    assert "warning: model.ckpt-6: damaged" in capsys.readouterr().err


def test_weights_that_are_not_finite_in_the_last_checkpoint_are_an_error(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    begin(directory, 9)
    touch(directory, 6, 9)
    follower = CheckpointIterator(directory, EvalOptions())
    follower.skip(Checkpoint(6, directory / "model.ckpt-6"), NotFiniteError("diverged"))
    with pytest.raises(NotFiniteError, match="diverged"):
        follower.skip(Checkpoint(9, directory / "model.ckpt-9"), NotFiniteError("diverged"))


def test_the_time_out_ends_the_waiting_for_a_run_and_for_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]

    def pause(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(checkpoint_iterator, "time", SimpleNamespace(sleep=pause, monotonic=lambda: now[0]))
    with pytest.raises(WorkError, match="there is no checkpoint"):
        CheckpointIterator(tmp_path / "none", EvalOptions(timeout_secs=25.0)).model_and_dataset()
    assert now == [25.0]
    directory = tmp_path / "run"
    begin(directory, 9)
    touch(directory, 3)
    assert steps_of(CheckpointIterator(directory, EvalOptions(timeout_secs=15.0)), set()) == [3]
    assert now == [40.0]


def test_a_run_that_takes_the_name_of_another_ends_the_iterator_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "run"
    begin(directory, 9)
    touch(directory, 3)

    def pause(seconds: float) -> None:
        directory.rename(tmp_path / "aside")
        begin(directory, 9)

    monkeypatch.setattr("time.sleep", pause)
    follower = CheckpointIterator(directory, EvalOptions())
    assert steps_of(follower, set()) == [3]
    assert follower.run_was_replaced and not follower.takes_row_of(Checkpoint(3, directory / "model.ckpt-3"))


def test_a_checkpoint_that_is_named_is_the_only_one_and_a_foreign_one_gets_no_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "run"
    begin(directory, 9)
    touch(directory, 3, 6)
    (directory / "foreign-4.index").touch()
    for name, is_own in (("model.ckpt-3", True), ("foreign-4", False)):
        named = Checkpoint(int(name[-1]), directory / name)
        follower = CheckpointIterator(directory, EvalOptions(), named)
        assert follower.once and steps_of(follower, set()) == [named.step]
        assert follower.takes_row_of(named) == is_own
        assert ("its score is not recorded" in capsys.readouterr().err) != is_own
