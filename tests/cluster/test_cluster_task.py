"""`TF_CONFIG`: the task that it makes of this process, or one line on what is wrong with it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import run
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn.cluster.task import VARIABLE, Task, task_of_this_process
from lowlevel_cnn.errors import InputError

CLUSTER = {"chief": ["a:1"], "worker": ["b:2", "c:2"], "ps": ["d:3", "[::1]:4"]}


def read(text: str) -> Task | None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, text)
        return task_of_this_process()


def config(cluster: Any = CLUSTER, job: Any = "worker", index: Any = 0) -> str:
    return json.dumps({"cluster": cluster, "task": {"type": job, "index": index}})


@pytest.mark.parametrize("text", ["", " ", "{}", '{"environment": "cloud"}', '{"cluster": {}, "task": {}}'])
def test_without_a_cluster_a_process_is_alone(text: str) -> None:
    assert read(text) is None


def test_a_chief_without_others_trains_alone() -> None:
    assert read(config({"chief": ["a:1"]}, "chief")) is None
    assert read(config({"chief": ["a:1"], "worker": [], "ps": []}, "chief")) is None


def test_a_machine_that_sets_the_variable_for_every_process_is_told_how_to_train_alone() -> None:
    cluster_of_one = {"worker": ["a:1"]}
    for text in (config(cluster_of_one), config({"master": ["a:1"]}, "master"), '{"task": {"type": "worker"}}'):
        with pytest.raises(InputError, match=r"comes from the environment: .*`env -u TF_CONFIG`"):
            read(text)


def test_each_task_knows_its_place() -> None:
    chief, second, server = read(config(job="chief")), read(config(index=1)), read(config(job="ps", index=1))
    assert chief and second and server
    assert (chief.is_chief, chief.replica, chief.name) == (True, 0, "chief")
    assert (second.is_chief, second.replica, second.name) == (False, 2, "worker 1")
    assert second.device == "/job:worker/task:1"
    assert chief.replicas == second.replicas == 3
    assert server.parameter_servers == ["/job:ps/task:0", "/job:ps/task:1"]
    assert server.addresses == CLUSTER


def test_extra_fields_of_operators_are_ignored_and_an_index_may_be_a_string() -> None:
    text = json.dumps(
        {"cluster": CLUSTER, "task": {"type": "ps", "index": "1"}, "environment": "cloud", "rpc_layer": ""}
    )
    task = read(text)
    assert task is not None
    assert (task.job, task.index) == ("ps", 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is nested too deeply"),
        ("[]", "is not a JSON object"),
        ("3", "is not a JSON object"),
        (json.dumps({"cluster": CLUSTER}), 'has no "task"'),
        (json.dumps({"cluster": CLUSTER, "task": "chief"}), 'has no "task"'),
        (json.dumps({"task": {"type": "chief", "index": 0}}), 'has no "cluster"'),
        (config(job="master"), "makes this task a 'master', but its cluster has only chief, worker, ps"),
        (config(job="evaluator"), "run `lowlevel-cnn eval`"),
        (config({**CLUSTER, "evaluator": ["e:5"]}), "has an evaluator in its cluster"),
        (config({**CLUSTER, "tpu": ["e:5"]}), "has a job 'tpu'"),
        (config(index=2), "gives this task the index 2"),
        (config(index=-1), "gives this task the index -1"),
        (config(index=True), "gives this task the index True"),
        (config(index=None), "gives this task the index None"),
        (config(index="1" * 5_000), "gives this task the index 111111111"),
        (config({"worker": ["b:2"], "ps": ["d:3"]}), "has 0 chiefs"),
        (config({**CLUSTER, "chief": ["a:1", "a:2"]}, "chief"), "has 2 chiefs"),
        (config({"chief": ["a:1"], "worker": ["b:2"]}), "has no parameter server"),
        (config({**CLUSTER, "worker": "b:2"}), '"host:port" under "worker"'),
        (config({**CLUSTER, "worker": ["b"]}), '"host:port" under "worker"'),
        (config({**CLUSTER, "worker": ["b:0"]}), '"host:port" under "worker"'),
        (config({**CLUSTER, "worker": ["b:65536"]}), '"host:port" under "worker"'),
        (config({**CLUSTER, "worker": ["a:1"]}), "gives the address 'a:1' to two tasks"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, says: str) -> None:
    with pytest.raises(InputError) as raised:
        read(text)
    message = str(raised.value)
    assert message.startswith(f"{VARIABLE} ")
    assert says in message
    assert "\n" not in message
    assert len(message) < 500


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ADDRESSES = st.lists(st.sampled_from(["a:1", "b:2", "c:3", "d", "", 5, None]), max_size=3)
CLUSTERS = st.dictionaries(st.sampled_from(["chief", "worker", "ps", "evaluator", "x"]), ADDRESSES | JSON_VALUES)
TASKS = st.fixed_dictionaries(
    {"type": st.sampled_from(["chief", "worker", "ps", "x"]) | JSON_VALUES, "index": JSON_VALUES}
)


@settings(deadline=None, max_examples=300)
@given(
    st.text()
    | JSON_VALUES.map(json.dumps)
    | st.fixed_dictionaries({"cluster": CLUSTERS | JSON_VALUES, "task": TASKS | JSON_VALUES}).map(json.dumps)
)
def test_any_value_of_the_variable_gives_a_valid_task_or_one_line(text: str) -> None:
    if "\0" in text or any(0xD800 <= ord(each) < 0xE000 for each in text):
        return  # No environment holds it.
    try:
        task = read(text)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert task is None or task.addresses[task.job][task.index].rpartition(":")[2].isdecimal()


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        ("{", (), "TF_CONFIG is not JSON"),
        (config(job="evaluator"), (), "TF_CONFIG makes this task an evaluator"),
        ("", ("--sync",), "--sync"),
        (
            config(job="chief"),
            ("--sync", "--batch-size", "20"),
            "--batch-size 20: --sync splits it evenly among 3 tasks",
        ),
        (config(index=0), ("--sync", "--batch-size", "20"), "--batch-size 20: --sync splits it evenly among 3 tasks"),
    ],
)
def test_the_command_refuses_it_with_exit_code_2_and_writes_nothing(
    text: str, words: tuple[str, ...], says: str, tmp_path: Path, data: Path
) -> None:
    ended = run(
        "train", "--data-dir", data, "--checkpoint-dir", tmp_path / "run", *words, cwd=tmp_path, env={VARIABLE: text}
    )
    assert ended.code == 2
    assert [line for line in ended.err if not line.startswith("warning: ")] == [
        line for line in ended.err if says in line
    ]
    assert len([line for line in ended.err if says in line]) == 1
    assert not (tmp_path / "run").exists()


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        text = config({"chief": ["127.0.0.1:1"], "ps": [address]}, job="ps")
        ended = run("train", cwd=tmp_path, env={VARIABLE: text})
    assert (ended.code, len(ended.err)) == (2, 1), ended
    assert ended.err[0].startswith(f"error: TF_CONFIG: ps 0 cannot listen on {address} (")
