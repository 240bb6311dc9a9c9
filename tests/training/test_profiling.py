"""`train --profile`: the timeline and the dearest operations."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from helpers.processes import run, same_bits


def test_a_profile_is_a_timeline_of_the_steps_after_the_first_ten_and_changes_nothing(
    tmp_path: Path, data: Path
) -> None:
    words = ("train", "--model", "lenet-5", "--steps", 14, "--batch-size", 20, "--data-dir", data, "--checkpoint-dir")
    profiled = run(*words, tmp_path / "profiled", "--profile", 2, cwd=tmp_path)
    plain = run(*words, tmp_path / "plain", cwd=tmp_path)
    assert (profiled.code, profiled.warnings) == (0, [])
    assert same_bits(tmp_path / "profiled/model.ckpt-14", tmp_path / "plain/model.ckpt-14")
    after = profiled.out[profiled.out.index(plain.out[-1]) + 1 :]
    assert after[0].endswith(f"{tmp_path / 'profiled/profile-11-12.json'}")
    assert len(after) == 1 + 10 + 1

    events = json.loads((tmp_path / "profiled/profile-11-12.json").read_text())["traceEvents"]
    assert sum("layer1-conv1" in event["args"]["name"] for event in events) >= 4
    for row in {event["tid"] for event in events}:
        in_row = sorted((event["ts"], event["ts"] + event["dur"]) for event in events if event["tid"] == row)
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(in_row))


def test_a_run_with_fewer_steps_than_the_warm_up_writes_no_timeline(tmp_path: Path, data: Path) -> None:
    words = ("train", "--model", "lenet-5", "--steps", 5, "--batch-size", 20, "--data-dir", data, "--profile", 3)
    ended = run(*words, "--checkpoint-dir", tmp_path / "run", cwd=tmp_path)
    assert ended.code == 0
    assert ended.out[-1] == "No timeline: --profile traces steps after the first 10 of a process, and this one ran 5"
