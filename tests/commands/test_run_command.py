"""`run`: trainer and evaluator side by side, stopped together, failing together."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest
from conftest import STEPS, Start
from helpers.processes import ENDLESS, files_in, run, steps_in

from lowlevel_cnn.cluster.task import VARIABLE
from lowlevel_cnn.runs import metrics

RUN = ("run", "--seed", 3, "--batch-size", 20, "--save-every", 10, "--keep", 20, "--all", "--interval-secs", "0.2")


def test_run_fresh_moves_the_old_run_aside_and_ends_with_0_after_the_lines_of_both_processes(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    before = files_in(finished)
    words = (*RUN, "--fresh", "--steps", 60, "--split", "test", "--data-dir", data, "--checkpoint-dir", finished)
    ended = run(*words, cwd=tmp_path)
    assert ended.code == 0, ended
    for what in (r"loss on training batch is [\d.]+\.", r"test accuracy = [\d.]+"):
        found = [re.fullmatch(rf"After (\d+) training step\(s\), {what}", line) for line in ended.out]
        assert [int(match[1]) for match in found if match] == STEPS
    assert "Traceback" not in "".join(ended.err)
    (aside,) = [path for path in tmp_path.iterdir() if path.name.startswith("run.")]
    assert {**files_in(aside), "trainer.lock": b""} == {**before, "trainer.lock": b""}
    assert steps_in(finished) == STEPS


@pytest.mark.parametrize("whole_group", [False, True], ids=["to run alone", "to all, as a terminal does"])
def test_one_ctrl_c_stops_both_processes_with_a_checkpoint_saved(
    whole_group: bool, start: Start, tmp_path: Path, data: Path
) -> None:
    directory = tmp_path / "run"
    words = (*RUN, "--steps", ENDLESS, "--data-dir", data, "--checkpoint-dir", directory)
    both = start(*words, fresh=whole_group)
    both.wait_for("validation accuracy")
    if whole_group:
        os.killpg(both.process.pid, signal.SIGINT)
    else:
        both.process.send_signal(signal.SIGINT)
    ended = both.ended()
    assert ended.code == 130, ended
    assert not both.group_lives()
    assert "Traceback" not in "".join(ended.err)
    (stopped,) = [re.match(r"Stopped after (\d+) training", line) for line in ended.out if "Stopped" in line]
    assert stopped and int(stopped[1]) == steps_in(directory)[-1]


def test_run_trains_alone_where_the_machine_sets_tf_config_for_every_process(tmp_path: Path, data: Path) -> None:
    cluster = {"chief": ["127.0.0.1:1"], "ps": ["127.0.0.1:2"]}
    tf_config = json.dumps({"cluster": cluster, "task": {"type": "ps", "index": 0}})
    words = (*RUN, "--steps", 2, "--data-dir", data, "--checkpoint-dir", tmp_path / "run")
    ended = run(*words, cwd=tmp_path, env={VARIABLE: tf_config})
    assert ended.code == 0, ended
    assert steps_in(tmp_path / "run") == [1, 2]


def test_the_exit_code_of_run_is_that_of_the_trainer_that_failed_and_no_process_is_left(
    start: Start, tmp_path: Path, data: Path
) -> None:
    words = (*RUN, "--steps", 60, "--learning-rate", "1e10", "--data-dir", data, "--checkpoint-dir", tmp_path / "run")
    both = start(*words)
    ended = both.ended()
    assert ended.code == 1, ended
    assert len([line for line in ended.err if line.startswith("error: training diverged")]) == 1
    assert "Traceback" not in "".join(ended.err)
    assert not both.group_lives()


def test_run_with_more_steps_evaluates_what_it_adds_to_a_finished_run_and_with_fewer_it_ends(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    words = ("run", "--data-dir", data, "--checkpoint-dir", finished, "--interval-secs", 0.2, "--save-every", 10)
    assert run(*words, "--steps", 62, cwd=tmp_path).code == 0
    assert [row.step for row in metrics.read(finished, "validation", "average")] == [60, 61, 62]
    fewer = run(*words, "--steps", 61, cwd=tmp_path)
    assert fewer.code == 0
    # Trainer and evaluator are two processes: which of them speaks first is open.
    assert len([line for line in fewer.out if "is already trained: 62 step(s) of 61" in line]) == 1
