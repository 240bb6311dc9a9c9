"""`eval` as processes: beside a trainer, restarted, and on damaged checkpoints."""

from __future__ import annotations

import json
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import STEPS, TRAIN, Start
from helpers.commands_here import run_here
from helpers.evaluations import TEST_IMAGES, lines_for, offline_score
from helpers.processes import (
    Ended,
    copy_checkpoint,
    run,
    run_two_at_a_time,
    truncate,
)

from lowlevel_cnn.commands import eval as eval_command
from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.system.atomic_files import write_atomically

EVAL = ("eval", "--interval-secs", "0.2")


def rows_in(directory: Path, split: str = "validation", weights: str = "average") -> list[dict[str, Any]]:
    lines = (directory / "eval" / split / "metrics.jsonl").read_text().splitlines()
    return [row for row in map(json.loads, lines) if row["weights"] == weights]


def raise_steps(directory: Path, steps: int) -> None:
    """Makes a finished run one that has still to reach `steps`."""
    record = json.loads((directory / "run.json").read_text())
    record["hyper_parameters"]["training_steps"] = steps
    (directory / "run.json").write_text(json.dumps(record))


def test_an_evaluator_started_before_the_trainer_waits_and_scores_each_checkpoint_once_in_order(
    start: Start, tmp_path: Path, data: Path
) -> None:
    directory = tmp_path / "run"
    # It looks so seldom that the trainer is several checkpoints ahead.
    evaluator = start("eval", "--interval-secs", 4, "--data-dir", data, "--checkpoint-dir", directory)
    evaluator.wait_for(f"Waiting for a run in {directory}")
    trainer = run(*TRAIN, "--steps", 60, "--keep", 20, "--data-dir", data, "--checkpoint-dir", directory, cwd=tmp_path)
    evaluation = evaluator.ended()
    assert (trainer.code, evaluation.code) == (0, 0), evaluation
    assert lines_for(STEPS, evaluation), evaluation
    assert [row["step"] for row in rows_in(directory)] == STEPS


@dataclass(frozen=True)
class Evaluated:
    """A finished run that two evaluators, one for each kind of weights, went through at the same time."""

    directory: Path
    endings: list[Ended]


@pytest.fixture(scope="module")
def evaluated(uninterrupted: tuple[Path, Ended], data: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    directory = tmp_path_factory.mktemp("evaluated") / "run"
    shutil.copytree(uninterrupted[0], directory)
    words = (*EVAL, "--all", "--split", "test", "--data-dir", data, "--checkpoint-dir", directory)
    both = [(*words, "--weights", "average"), (*words, "--weights", "raw")]
    return Evaluated(directory, run_two_at_a_time(both, directory.parent))


def test_all_scores_the_checkpoints_already_there_in_the_order_of_steps(evaluated: Evaluated) -> None:
    for ended in evaluated.endings:
        assert ended.code == 0, ended
        assert lines_for(STEPS, ended, "test")


@pytest.mark.parametrize("weights", ["average", "raw"])
def test_a_row_equals_what_is_computed_from_the_checkpoint_offline(weights: str, evaluated: Evaluated) -> None:
    rows = rows_in(evaluated.directory, "test", weights)
    assert [row["step"] for row in rows] == STEPS
    for row in rows:
        accuracy, loss = offline_score(evaluated.directory / f"model.ckpt-{row['step']}", weights)
        assert row["accuracy"] == pytest.approx(accuracy, abs=1e-12)
        assert row["loss"] == pytest.approx(loss, rel=1e-5)
        assert row["images"] == TEST_IMAGES
        assert row["split"] == "test"


def test_a_restarted_evaluator_scores_only_what_has_no_row_yet(
    evaluated: Evaluated, tmp_path: Path, data: Path
) -> None:
    complete = Path(shutil.copytree(evaluated.directory, tmp_path / "complete"))
    stopped = Path(shutil.copytree(evaluated.directory, tmp_path / "stopped"))
    rows = [json.dumps(row) for row in rows_in(complete, "test")]
    (complete / "eval/test/metrics.jsonl").write_text("\n".join(rows) + "\n")
    (stopped / "eval/test/metrics.jsonl").write_text("\n".join(rows[:-2]) + "\n" + rows[-2][:40])
    words = (*EVAL, "--split", "test", "--data-dir", data, "--checkpoint-dir")
    again, went_on = run_two_at_a_time([(*words, complete, "--all"), (*words, stopped)], tmp_path)
    assert (again.code, went_on.code) == (0, 0)
    assert (complete / "eval/test/metrics.jsonl").read_text().splitlines() == rows
    assert lines_for(STEPS[-2:], went_on, "test"), went_on
    written = (stopped / "eval/test/metrics.jsonl").read_text().splitlines()
    assert written[: len(rows) - 2] == rows[:-2]
    assert [json.loads(line)["step"] for line in written[len(rows) - 1 :]] == STEPS[-2:]


def test_once_scores_the_newest_good_checkpoint_or_ends_with_1_where_there_is_none(
    evaluated: Evaluated, tmp_path: Path, data: Path
) -> None:
    some = Path(shutil.copytree(evaluated.directory, tmp_path / "some"))
    none = Path(shutil.copytree(evaluated.directory, tmp_path / "none"))
    truncate(some / "model.ckpt-60")
    for step in STEPS:
        truncate(none / f"model.ckpt-{step}")
    words = ("eval", "--once", "--split", "test", "--data-dir", data, "--checkpoint-dir")
    fell_back, failed = run_two_at_a_time([(*words, some), (*words, none)], tmp_path)
    assert fell_back.code == 0
    assert lines_for([51], fell_back, "test")
    assert len(fell_back.warnings) == 1 and "model.ckpt-60" in fell_back.warnings[0]
    assert failed.code == 1
    assert failed.out == []
    assert len(failed.warnings) == len(STEPS)
    assert failed.err[-1].startswith("error: ")


def test_without_a_new_checkpoint_the_evaluator_ends_after_timeout_secs(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    raise_steps(finished, 90)
    words = (*EVAL, "--timeout-secs", "0.5", "--data-dir", data, "--checkpoint-dir")
    nothing = run(*words, tmp_path / "nothing", cwd=tmp_path)
    assert nothing.code == 1
    assert nothing.err[-1].startswith("error: ") and str(tmp_path / "nothing") in nothing.err[-1]
    assert not (tmp_path / "nothing").exists()
    ended = run(*words, finished, cwd=tmp_path)
    assert ended.code == 0
    assert lines_for([60], ended)
    assert ended.err[-1] == f"Waiting for a checkpoint after step 60 in {finished}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_waiting_evaluator_at_once(
    number: signal.Signals, start: Start, tmp_path: Path, data: Path
) -> None:
    # Its next look would be in an hour.
    evaluator = start("eval", "--interval-secs", 3600, "--data-dir", data, "--checkpoint-dir", tmp_path / "run")
    evaluator.wait_for("Waiting for a run")
    evaluator.signal(number, number)
    ended = evaluator.ended()
    assert (ended.code, len(ended.err)) == (128 + number, 1)


def test_a_damaged_checkpoint_costs_the_evaluator_one_warning_and_it_goes_on_to_the_next(
    start: Start, finished: Path, tmp_path: Path, data: Path
) -> None:
    raise_steps(finished, 100)
    good = Path(shutil.copytree(finished, tmp_path / "good"))
    (finished / "model.ckpt-1.data-00000-of-00001").unlink()
    truncate(finished / "model.ckpt-11")
    (finished / "model.ckpt-21.index").write_bytes(b"garbage" * 100)
    (finished / "model.ckpt-31.index").write_bytes(b"")
    evaluator = start(*EVAL, "--all", "--data-dir", data, "--checkpoint-dir", finished)
    evaluator.wait_for("Waiting for a checkpoint after step 60")
    write_atomically(finished / "model.ckpt-70.index", (good / "model.ckpt-60.index").read_bytes())
    evaluator.wait_for("model.ckpt-70: ")
    for path in finished.glob("model.ckpt-70.*"):
        path.unlink()
    (finished / "checkpoint").write_bytes(b"\xff\x00 garbage")
    copy_checkpoint(good / "model.ckpt-60", finished / "model.ckpt-80")
    evaluator.wait_for("Waiting for a checkpoint after step 80")
    copy_checkpoint(good / "model.ckpt-60", finished / "model.ckpt-100")
    ended = evaluator.ended()
    assert ended.code == 0, ended
    assert lines_for([41, 51, 60, 80, 100], ended), ended
    assert "Traceback" not in "".join(ended.err)
    assert [line for line in ended.err if "Waiting" not in line] == [ended.err[0], *ended.warnings]
    for step, warning in zip([1, 11, 21, 31, 70], ended.warnings, strict=True):
        assert f"model.ckpt-{step}:" in warning


def test_a_damaged_checkpoint_that_is_written_again_is_scored_after_all(
    start: Start, finished: Path, tmp_path: Path, data: Path
) -> None:
    raise_steps(finished, 90)
    good = Path(shutil.copytree(finished, tmp_path / "good"))
    truncate(finished / "model.ckpt-60")
    evaluator = start(*EVAL, "--data-dir", data, "--checkpoint-dir", finished)
    evaluator.wait_for("model.ckpt-60: damaged")
    # As a trainer does that has gone on from the checkpoint before it.
    copy_checkpoint(good / "model.ckpt-60", finished / "model.ckpt-60")
    evaluator.wait_for("Waiting for a checkpoint after step 60")
    copy_checkpoint(good / "model.ckpt-60", finished / "model.ckpt-90")
    ended = evaluator.ended()
    assert ended.code == 0
    assert [row["step"] for row in rows_in(finished)][-2:] == [60, 90]


def test_a_run_is_scored_on_another_data_set_when_asked_to_and_its_rows_stand_apart(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    words = ("eval", "--once", "--split", "test", "--dataset", "drawn-digits", "--checkpoint-dir", finished)
    ended = run(*words, cwd=tmp_path, fresh=True)
    assert ended.code == 0, ended
    assert "Scoring drawn-digits, which the run was not trained on" in ended.err
    assert (finished / "eval/drawn-digits-test/metrics.jsonl").exists()
    assert not (finished / "eval/test").exists()


def test_the_evaluator_of_run_imports_tensorflow_while_the_trainer_does_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    imports: list[str] = []
    monkeypatch.setattr(eval_command, "import_now", lambda: imports.append("tensorflow"))
    words = ("eval", "--timeout-secs", "0.1", "--checkpoint-dir", tmp_path / "run")
    for more, expected in (((), []), (("--until-steps", 10), ["tensorflow"])):
        with pytest.raises(WorkError, match="train first"):
            run_here(*words, *more)
        assert imports == expected
