"""Training by several processes: what they compute, how they end, and what a kill of each of them costs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from clusters import Cluster, Start, train_words
from processes import PATIENCE, Ended, Started, run, steps_in, tensors

LOSS = re.compile(r"After (\d+) training step\(s\), loss on training batch is (\S+)\.")
SMALL = {"seed": 3, "batch_size": 20, "save_every": 10}
# Later a rounding error may make another pixel the largest of a pool, and then it is one no more.
FEW = {"seed": 3, "batch_size": 20, "save_every": 1, "keep": 20}
STEPS = 8
ROLES = [("chief", 0), ("worker", 0), ("ps", 0)]


@pytest.fixture(scope="module")
def alone(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A run of a few steps in one process, and what it printed. Not to be changed."""
    directory = tmp_path_factory.mktemp("alone") / "run"
    ended = run(*train_words(data, directory, **FEW, steps=STEPS), cwd=directory.parent)
    assert ended.code == 0, ended
    return directory, ended


def losses(ended: Ended) -> dict[int, float]:
    return {int(match[1]): float(match[2]) for match in map(LOSS.fullmatch, ended.out) if match}


def assert_close(first: Path, second: Path) -> None:
    """Two checkpoints hold the same variables, to float32 rounding over a few steps."""
    one, other = tensors(first), tensors(second)
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-5, atol=1e-6, err_msg=name)


def wait_for_step(directory: Path, step: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while max(steps_in(directory), default=0) < step:
        assert time.monotonic() < deadline, f"no checkpoint of step {step}"
        time.sleep(0.02)


def assert_none_left(process_ids: list[int]) -> None:
    for each in process_ids:
        with pytest.raises(ProcessLookupError):
            os.kill(each, 0)


def errors(ended: Ended) -> list[str]:
    return [line for line in ended.err if line.startswith("error: ") or "Traceback" in line]


def test_synchronous_tasks_come_to_the_losses_and_weights_of_one_process(
    start: Start, tmp_path: Path, data: Path, alone: tuple[Path, Ended]
) -> None:
    cluster = Cluster(start, *train_words(data, tmp_path / "run", **FEW, steps=STEPS, sync=True))
    cluster.start_all()
    ended = cluster.ended()
    assert {name: each.code for name, each in ended.items()} == dict.fromkeys(ROLES, 0), ended
    assert_none_left(cluster.process_ids())
    assert losses(ended["chief", 0]) == pytest.approx(losses(alone[1]), rel=1e-5)
    for step in range(1, STEPS + 1):
        assert_close(tmp_path / f"run/model.ckpt-{step}", alone[0] / f"model.ckpt-{step}")
    # And one process goes on with it.
    for directory in (tmp_path / "run", Path(shutil.copytree(alone[0], tmp_path / "alone"))):
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
    ended = cluster.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert_none_left(cluster.process_ids())
    assert steps_in(directory)[-1] == 200
    done_by_the_worker = int(re.search(r"(\d+) step\(s\) were done here", ended["worker", 0].out[-1])[1])  # type: ignore[index]
    assert 0 < done_by_the_worker < 200
    evaluated = evaluator.ended()
    assert evaluated.code == 0
    assert float(evaluated.out[-1].rpartition(" ")[2]) > 0.9


def test_a_cluster_goes_on_with_the_run_of_one_process(
    start: Start, tmp_path: Path, data: Path, alone: tuple[Path, Ended]
) -> None:
    directory = tmp_path / "run"
    assert run(*train_words(data, directory, **FEW, steps=4), cwd=tmp_path).code == 0
    cluster = Cluster(start, *train_words(data, directory, **FEW, steps=STEPS, sync=True))
    cluster.start_all()
    assert [each.code for each in cluster.ended().values()] == [0, 0, 0], cluster.ended()
    assert_close(directory / f"model.ckpt-{STEPS}", alone[0] / f"model.ckpt-{STEPS}")


@pytest.mark.parametrize("role", ROLES)
def test_after_a_kill_of_any_task_of_a_synchronous_run_it_comes_to_the_same_weights(
    role: tuple[str, int], start: Start, tmp_path: Path, data: Path, alone: tuple[Path, Ended]
) -> None:
    cluster = Cluster(start, *train_words(data, tmp_path / "run", **FEW, steps=STEPS, sync=True))
    cluster.start_all()
    wait_for_step(tmp_path / "run", 3)
    killed = cluster.tasks[role]
    killed.signal(signal.SIGKILL)
    assert killed.ended().code == -signal.SIGKILL
    assert STEPS not in steps_in(tmp_path / "run"), "all was over before the kill"
    cluster.start(*role)
    ended = cluster.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert not any(errors(each) for each in ended.values())
    assert_none_left([*cluster.process_ids(), killed.process.pid])
    assert_close(tmp_path / f"run/model.ckpt-{STEPS}", alone[0] / f"model.ckpt-{STEPS}")


def test_asynchronous_tasks_survive_a_kill_of_each_of_them_in_turn(start: Start, tmp_path: Path, data: Path) -> None:
    directory = tmp_path / "run"
    cluster = Cluster(start, *train_words(data, directory, **SMALL, steps=500))
    cluster.start_all()
    wait_for_step(directory, 21)
    cluster.tasks["worker", 0].signal(signal.SIGKILL)
    # The others go on meanwhile.
    wait_for_step(directory, max(steps_in(directory)) + 20)
    cluster.start("worker").wait_for("worker 0: trains from step")
    for role in ("chief", "ps"):
        before = max(steps_in(directory))
        cluster.tasks[role, 0].signal(signal.SIGKILL)
        cluster.start(role)
        wait_for_step(directory, before + 30)
    assert steps_in(directory)[-1] < 500, "all was over before all were killed"
    ended = cluster.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert not any(errors(each) for each in ended.values())
    assert_none_left(cluster.process_ids())
    assert steps_in(directory)[-1] >= 500


def test_a_worker_with_other_flags_than_the_chief_is_refused(start: Start, tmp_path: Path, data: Path) -> None:
    words = train_words(data, tmp_path / "run", **SMALL, steps=100_000)
    cluster = Cluster(start, *words)
    cluster.start("ps")
    cluster.start("chief")
    refused = cluster.start("worker", words=(*words, "--learning-rate", 0.02)).ended()
    assert refused.code == 2
    assert errors(refused) == [
        "error: worker 0: was started for another run than the chief, with learning_rate_base 0.02 (the chief: 0.01); "
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


def test_signals_end_a_waiting_task_at_once_and_let_the_chief_save(start: Start, tmp_path: Path, data: Path) -> None:
    directory = tmp_path / "run"
    cluster = Cluster(start, *train_words(data, directory, **{**SMALL, "save_every": 1000}, steps=100_000))
    worker = cluster.start("worker")
    time.sleep(8)  # It waits for a chief, within TensorFlow.
    assert worker.signal(signal.SIGTERM) < 3
    assert worker.ended().code == 143
    cluster.start_all()
    cluster.tasks["worker", 0].wait_for("trains from step")
    time.sleep(1)
    cluster.tasks["chief", 0].signal(signal.SIGTERM)
    chief = cluster.tasks["chief", 0].ended()
    assert chief.code == 143
    stopped = re.match(r"Stopped after (\d+) training step", chief.out[-1])
    assert stopped and steps_in(directory)[-1] == int(stopped[1]) > 1
    for name in (("worker", 0), ("ps", 0)):
        assert cluster.tasks[name].signal(signal.SIGINT) < 3
        assert cluster.tasks[name].ended().code == 130


def test_a_finished_run_is_over_for_all_tasks_at_once(start: Start, tmp_path: Path, data: Path, finished: Path) -> None:
    shutil.copytree(finished, tmp_path / "again")
    cluster = Cluster(start, *train_words(data, tmp_path / "again"))
    cluster.start_all()
    ended = cluster.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert "is trained already: 60 step(s) of 60" in ended["chief", 0].out[0]
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
    assert_no_process_of(tmp_path / "run")


def test_ctrl_c_ends_a_cluster_on_this_machine_after_a_save(start: Start, tmp_path: Path, data: Path) -> None:
    words = train_words(data, tmp_path / "run", **SMALL, steps=100_000, workers=2, parameter_servers=1, sync=True)
    running: Started = start("run", *words[1:])
    wait_for_step(tmp_path / "run", 11)
    os.killpg(running.process.pid, signal.SIGINT)
    ended = running.ended()
    assert ended.code == 130, ended
    assert any(line.startswith("Stopped after ") for line in ended.out)
    assert not errors(ended)
    assert_no_process_of(tmp_path / "run")


def assert_no_process_of(directory: Path) -> None:
    """No process that was started with this run directory is there any more."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert str(directory).encode() not in entry.read_bytes(), entry
        except (FileNotFoundError, ProcessLookupError):
            continue


@pytest.mark.parametrize("words", [("--workers", 2), ("--parameter-servers", 1), ("--sync",)])
def test_half_a_cluster_is_refused(words: tuple[object, ...], tmp_path: Path, data: Path) -> None:
    ended = run("run", "--data-dir", data, "--checkpoint-dir", tmp_path / "run", *words, cwd=tmp_path)
    assert (ended.code, len(errors(ended))) == (2, 1)
    assert not (tmp_path / "run").exists()
