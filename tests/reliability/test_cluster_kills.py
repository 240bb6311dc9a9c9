"""What a kill of a cluster's tasks costs, and that signals end them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from pathlib import Path

from clusters import (
    FEW,
    SMALL,
    STEPS,
    Cluster,
    Start,
    assert_close,
    assert_no_process_of,
    assert_none_left,
    errors,
    train_words,
    wait_for_step,
)
from processes import Ended, Started, steps_in


def test_a_cluster_goes_on_with_the_run_of_one_process_and_comes_to_its_weights_through_a_kill_of_each_task(
    start: Start, tmp_path: Path, data: Path, few_steps_alone: tuple[Path, Ended]
) -> None:
    directory = Path(shutil.copytree(few_steps_alone[0], tmp_path / "run"))
    for step in range(2, STEPS + 1):
        (directory / f"model.ckpt-{step}.index").unlink()
    cluster = Cluster(start, *train_words(data, directory, **FEW, steps=STEPS, sync=True))
    cluster.start_all()
    for role, step in (("worker", 2), ("chief", 3), ("ps", 4)):
        wait_for_step(directory, step)
        killed = cluster.tasks[role, 0]
        killed.signal(signal.SIGKILL)
        assert killed.ended().code == -signal.SIGKILL
        assert STEPS not in steps_in(directory), "all was over before the kill"
        cluster.start(role)
    ended = cluster.ended()
    assert [each.code for each in ended.values()] == [0, 0, 0], ended
    assert not any(errors(each) for each in ended.values())
    assert_none_left(cluster.process_ids())
    assert_close(directory / f"model.ckpt-{STEPS}", few_steps_alone[0] / f"model.ckpt-{STEPS}")


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
