"""Training by several processes: what they compute, and how they end."""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path

import pytest
from helpers.clusters import (
    FEW,
    ROLES,
    SMALL,
    STEPS,
    Cluster,
    Start,
    assert_close,
    assert_no_process_in,
    assert_none_left,
    errors,
    losses,
    train_words,
    wait_for_step,
)
from helpers.processes import ENDLESS, Ended, run, steps_in


def test_synchronous_tasks_come_to_the_losses_and_weights_of_one_process(
    start: Start, tmp_path: Path, data: Path, few_steps_alone: tuple[Path, Ended]
) -> None:
    cluster = Cluster(start, *train_words(data, tmp_path / "run", **FEW, steps=STEPS, sync=True))
    cluster.start_all()
    ended = cluster.ended()
    assert {name: each.code for name, each in ended.items()} == dict.fromkeys(ROLES, 0), ended
    assert_none_left(cluster.process_ids())
    assert losses(ended["chief", 0]) == pytest.approx(losses(few_steps_alone[1]), rel=1e-5)
    for step in range(1, STEPS + 1):
        assert_close(tmp_path / f"run/model.ckpt-{step}", few_steps_alone[0] / f"model.ckpt-{step}")
    # And one process goes on with it.
    for directory in (tmp_path / "run", Path(shutil.copytree(few_steps_alone[0], tmp_path / "alone"))):
        went_on = run(*train_words(data, directory, **FEW, steps=STEPS + 1), cwd=tmp_path)
        assert went_on.code == 0 and f"from step {STEPS} to {STEPS + 1}" in went_on.out[0]
    assert_close(tmp_path / f"run/model.ckpt-{STEPS + 1}", tmp_path / f"alone/model.ckpt-{STEPS + 1}")


def test_shifts_and_adam_are_the_same_too_with_two_parameter_servers(start: Start, tmp_path: Path, data: Path) -> None:
    flags = {"model": "lenet-5", "batch_size": 20, "steps": 5, "save_every": 1}
    cluster = Cluster(start, *train_words(data, tmp_path / "run", **flags, sync=True), parameter_servers=2)
    cluster.start_all()
    ended = cluster.ended()
    assert all(each.code == 0 for each in ended.values()), ended
    in_one = run(*train_words(data, tmp_path / "alone", **flags), cwd=tmp_path)
    assert losses(ended["chief", 0]) == pytest.approx(losses(in_one), rel=1e-4)


def test_asynchronous_tasks_share_the_steps_and_an_evaluator_outside_follows(
    start: Start, tmp_path: Path, data: Path
) -> None:
    directory = tmp_path / "run"
    cluster = Cluster(start, *train_words(data, directory, **SMALL, steps=200))
    evaluator = start("eval", "--interval-secs", 0.2, "--data-dir", data, "--checkpoint-dir", directory)
    cluster.start_all()
    chief, worker = cluster.tasks["chief", 0], cluster.tasks["worker", 0]
    # A worker that is late would find nothing left to do.
    chief.wait_for("After 1 training step(s)")
    chief.process.send_signal(signal.SIGSTOP)
    worker.wait_for("training from step")
    chief.process.send_signal(signal.SIGCONT)
    ended = cluster.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert_none_left(cluster.process_ids())
    assert steps_in(directory)[-1] == 200
    done_by_the_worker = int(re.search(r"(\d+) step\(s\) were run here", ended["worker", 0].out[-1])[1])  # type: ignore[index]
    assert 0 < done_by_the_worker < 200
    evaluated = evaluator.ended()
    assert evaluated.code == 0
    assert float(evaluated.out[-1].rpartition(" ")[2]) > 0.9


def test_a_worker_with_other_flags_than_the_chief_is_refused(start: Start, tmp_path: Path, data: Path) -> None:
    words = train_words(data, tmp_path / "run", **SMALL, steps=ENDLESS)
    cluster = Cluster(start, *words)
    cluster.start("ps")
    cluster.start("chief")
    refused = cluster.start("worker", words=(*words, "--learning-rate", 0.02)).ended()
    assert refused.code == 2
    assert errors(refused) == [
        "error: worker 0: its run differs from the chief's: learning_rate_base 0.02 (the chief has 0.01); "
        "give all tasks the same flags and data"
    ]
    # The chief goes on without it.
    wait_for_step(tmp_path / "run", max(steps_in(tmp_path / "run"), default=0) + 20)


def test_all_tasks_end_when_training_diverges(start: Start, tmp_path: Path, data: Path) -> None:
    cluster = Cluster(start, *train_words(data, tmp_path / "run", **SMALL, steps=500, learning_rate=1e6))
    cluster.start_all()
    ended = cluster.ended()
    assert ended["chief", 0].code == 1
    assert re.match(r"error: training diverged at step \d+: ", errors(ended["chief", 0])[0])
    assert ended["ps", 0].code == 0
    assert ended["worker", 0].code in (0, 1)
    assert_none_left(cluster.process_ids())


def test_a_finished_run_is_over_for_all_tasks_at_once(start: Start, tmp_path: Path, data: Path, finished: Path) -> None:
    shutil.copytree(finished, tmp_path / "again")
    cluster = Cluster(start, *train_words(data, tmp_path / "again"))
    cluster.start_all()
    ended = cluster.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert "is already trained: 60 step(s) of 60" in ended["chief", 0].out[0]
    # A worker that comes when all others have gone.
    late = cluster.start("worker").ended()
    assert late.code == 0, late


def test_run_starts_a_cluster_on_this_machine_and_leaves_no_process_behind(
    start: Start, tmp_path: Path, data: Path
) -> None:
    words = train_words(data, tmp_path / "run", **SMALL, steps=60, workers=2, parameter_servers=1, interval_secs=0.2)
    ended = start("run", *words[1:]).ended()
    assert ended.code == 0, ended
    assert any(line.startswith("After 60 training step(s), loss") for line in ended.out)
    assert any(line.startswith("After 60 training step(s), validation accuracy") for line in ended.out)
    assert_no_process_in(tmp_path)


@pytest.mark.parametrize("words", [("--workers", 2), ("--parameter-servers", 1), ("--sync",)])
def test_half_a_cluster_is_refused(words: tuple[object, ...], tmp_path: Path, data: Path) -> None:
    ended = run("run", "--data-dir", data, "--checkpoint-dir", tmp_path / "run", *words, cwd=tmp_path)
    assert (ended.code, len(errors(ended))) == (2, 1)
    assert not (tmp_path / "run").exists()
