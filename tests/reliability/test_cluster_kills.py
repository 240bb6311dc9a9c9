"""What a kill of a cluster's tasks costs, and that signals end them."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
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
    train_words,
    wait_for_new_checkpoints,
    wait_for_step,
)
from helpers.processes import ENDLESS, Ended, Started, steps_in
from helpers.torture import Report

RUNS = 25  # with kills at random moments, at full settings, of each kind
BUSY_PROCESSES = 8
JOBS = [job for job, _ in ROLES]
# A step of this network takes milliseconds, and a kill comes between two or in one all the same.
FAST = {**SMALL, "model": "lenet-5"}


def test_a_cluster_goes_on_with_the_run_of_one_process_and_comes_to_its_weights_through_a_kill_of_each_task(
    start: Start, tmp_path: Path, data: Path, few_steps_alone: tuple[Path, Ended]
) -> None:
    for attempt in itertools.count():
        directory = Path(shutil.copytree(few_steps_alone[0], tmp_path / f"run-{attempt}"))
        for step in range(2, STEPS + 1):
            (directory / f"model.ckpt-{step}.index").unlink()
        cluster = Cluster(start, *train_words(data, directory, **FEW, steps=STEPS, sync=True))
        cluster.start_all()
        if all(killed_after(step, role, cluster, directory) for role, step in (("worker", 2), ("chief", 3), ("ps", 4))):
            break
        for each in cluster.tasks.values():
            each.kill_all()
    ended = cluster.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert not any(errors(each) for each in ended.values())
    assert_none_left(cluster.process_ids())
    assert_close(directory / f"model.ckpt-{STEPS}", few_steps_alone[0] / f"model.ckpt-{STEPS}")


def killed_after(step: int, job: str, cluster: Cluster, directory: Path) -> bool:
    """Kills a task and starts it again; False where the run, of few steps, was over before."""
    wait_for_step(directory, step)
    cluster.tasks[job, 0].kill_all()
    cluster.start(job)
    return STEPS not in steps_in(directory)


def test_asynchronous_tasks_survive_a_kill_of_each_of_them_in_turn_and_come_to_the_end(
    start: Start, tmp_path: Path, data: Path
) -> None:
    directory = tmp_path / "run"
    cluster = Cluster(start, *train_words(data, directory, **FAST, steps=ENDLESS))
    cluster.start_all()
    wait_for_new_checkpoints(cluster, directory, 3)
    cluster.kill("worker")
    # The others go on meanwhile.
    wait_for_new_checkpoints(cluster, directory, 2)
    cluster.start("worker").wait_for("worker 0: training from step")
    for role in ("chief", "ps"):
        cluster.kill(role)
        cluster.start(role)
        wait_for_new_checkpoints(cluster, directory, 3)
    assert stop(cluster) == [143, 143, 143]
    last = steps_in(directory)[-1] + 100
    to_the_end = Cluster(start, *train_words(data, directory, **FAST, steps=last))
    to_the_end.start_all()
    ended = to_the_end.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert not any(errors(each) for each in ended.values())
    assert_none_left(to_the_end.process_ids())
    assert steps_in(directory)[-1] == last


def test_a_worker_that_did_the_last_batches_alone_takes_part_again_when_the_chief_is_back(
    start: Start, tmp_path: Path, data: Path
) -> None:
    directory = tmp_path / "run"
    cluster = Cluster(start, *train_words(data, directory, **SMALL, steps=100))
    cluster.start_all()
    cluster.tasks["worker", 0].wait_for("worker 0: training from step")
    wait_for_step(directory, 1)
    cluster.kill("chief")
    worker = cluster.tasks["worker", 0]
    worker.wait_for("worker 0: no batches left")
    assert steps_in(directory)[-1] < 100
    cluster.start("chief")
    ended = cluster.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert steps_in(directory)[-1] == 100
    assert sum("worker 0: training from step" in line for line in ended["worker", 0].out) == 2


@pytest.mark.parametrize("sync", [False, True], ids=["asynchronous", "sync"])
def test_a_cluster_goes_on_after_kills_at_random_moments(
    sync: bool, start: Start, tmp_path: Path, data: Path, full: bool, report: Report
) -> None:
    kills = 0
    for number in range(RUNS if full else 1):
        chance = random.Random(number)
        directory = tmp_path / f"run-{number}"
        cluster = Cluster(start, *train_words(data, directory, **FAST, steps=ENDLESS, sync=sync))
        with busy_processes(BUSY_PROCESSES if number % 2 else 0):
            cluster.start_all()
            wait_for_new_checkpoints(cluster, directory, 2)
            for _ in range(3 if full else 1):
                time.sleep(chance.random())
                killed = chance.sample(JOBS, chance.choice([1, 2]) if full else 2)
                kills += len(killed)
                kill_and_start_again(cluster, killed, chance)
                wait_for_new_checkpoints(cluster, directory, 2)
            assert stop(cluster) == [143, 143, 143]
        assert_none_left(cluster.process_ids())
        shutil.rmtree(directory)
    kind = "with `--sync`" if sync else "asynchronous"
    report(
        f"runs of a cluster, {kind}, that went on after each kill at a random moment, of one task or of two",
        f"{number + 1} of {number + 1} ({kills} kills; every second run beside {BUSY_PROCESSES} busy processes)",
    )


def kill_and_start_again(cluster: Cluster, jobs: Sequence[str], chance: random.Random) -> None:
    """Kills tasks at the same time, or nearly, and starts each again at once or a moment later."""
    for job in jobs:
        cluster.kill(job)
        time.sleep(chance.choice([0, 0.05 * chance.random()]))
    for job in jobs:
        time.sleep(chance.choice([0, 2 * chance.random()]))
        cluster.start(job)


def stop(cluster: Cluster) -> list[int]:
    """Ends all tasks, the chief first, so that it can save; their exit codes."""
    for job in JOBS:
        cluster.tasks[job, 0].signal(signal.SIGTERM)
    return [cluster.tasks[job, 0].ended().code for job in JOBS]


@contextlib.contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Keeps the processor busy while this context lasts."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in processes:
            each.kill()
            each.wait()


def test_signals_end_a_waiting_task_at_once_and_let_the_chief_save(start: Start, tmp_path: Path, data: Path) -> None:
    directory = tmp_path / "run"
    cluster = Cluster(start, *train_words(data, directory, **{**SMALL, "save_every": 1000}, steps=100_000))
    worker = cluster.start("worker")
    worker.wait_for("worker 0: waiting for the chief")
    worker.signal(signal.SIGTERM)
    assert worker.ended().code == 143
    cluster.start_all()
    cluster.tasks["worker", 0].wait_for("training from step")
    # Its line comes when the checkpoint is saved: the signal that follows is answered by another.
    cluster.tasks["chief", 0].wait_for("After 1 training step(s)", "After 2 training step(s)")
    cluster.tasks["chief", 0].signal(signal.SIGTERM)
    chief = cluster.tasks["chief", 0].ended()
    assert chief.code == 143
    stopped = re.match(r"Stopped after (\d+) training step", chief.out[-1])
    assert stopped and steps_in(directory)[-1] == int(stopped[1]) > 1
    for name in (("worker", 0), ("ps", 0)):
        cluster.tasks[name].signal(signal.SIGINT)
        assert cluster.tasks[name].ended().code == 130


def test_ctrl_c_ends_a_cluster_on_this_machine_after_a_save(start: Start, tmp_path: Path, data: Path) -> None:
    words = train_words(data, tmp_path / "run", **SMALL, steps=100_000, workers=2, parameter_servers=1, sync=True)
    running: Started = start("run", *words[1:])
    wait_for_step(tmp_path / "run", 11)
    os.killpg(running.process.pid, signal.SIGINT)
    ended = running.ended()
    assert ended.code == 130, ended
    assert any(line.startswith("Stopped after ") for line in ended.out)
    assert not errors(ended)
    assert_no_process_in(tmp_path)
