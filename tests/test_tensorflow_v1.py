"""TensorFlow comes when it is first used, quietly, and leaves eager TensorFlow 2 code beside it as it was."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

VARIABLES = ("TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL")

AS_A_COMMAND = """
from lowlevel_cnn.commands import console
console.quiet_libraries()
"""

IMPORT_ALL = """
import importlib, json, os, pkgutil, sys
import lowlevel_cnn
before = dict(os.environ)
names = [module.name for module in pkgutil.walk_packages(lowlevel_cnn.__path__, "lowlevel_cnn.")]
for name in names:
    importlib.import_module(name)
heavy = [name for name in ("tensorflow", "keras") if name in sys.modules]
print(json.dumps({"names": names, "heavy": heavy, "environment_is_kept": dict(os.environ) == before}))
"""

FIRST_USE = """
import json, logging, os
from lowlevel_cnn.tensorflow_v1 import session_config, tf
with tf.Graph().as_default(), tf.Session(config=session_config()) as session:
    total = float(session.run(tf.reduce_sum(tf.ones([2, 3]))))
import tensorflow as tf2
eager = tf2.constant([1.0, 2.0]) * 3
print(json.dumps({
    "total": total,
    "eager": eager.numpy().tolist(),
    "executing_eagerly": tf2.executing_eagerly(),
    "function": float(tf2.function(lambda x: x + 1)(tf2.constant(1.0))),
    "resource_variables": tf.resource_variables_enabled(),
    "control_flow_v2": tf.control_flow_v2_enabled(),
    "default_graph_operations": len(tf.get_default_graph().get_operations()),
    "gradient": float(gradient_of_a_square(tf2)),
    "onednn": os.environ["TF_ENABLE_ONEDNN_OPTS"],
    "log_levels": [os.environ.get("TF_CPP_MIN_LOG_LEVEL"), logging.getLogger("tensorflow").level],
}))
"""

GRADIENT = """
def gradient_of_a_square(tf2):
    x = tf2.Variable(3.0)
    with tf2.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)
"""

AFTER_TENSORFLOW_2 = """
import json, logging
import tensorflow as tf2
kept = tf2.Variable(2.0)
level = tf2.get_logger().level
from lowlevel_cnn.tensorflow_v1 import session_config, tf
with tf.Graph().as_default(), tf.Session(config=session_config()) as session:
    total = float(session.run(tf.reduce_sum(tf.ones([2, 3]))))
print(json.dumps({
    "total": total,
    "kept": float(kept.assign_add(1.0)),
    "executing_eagerly": tf2.executing_eagerly(),
    "log_level_is_kept": tf2.get_logger().level == level,
}))
"""


def run(program: str, environment: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """What a program prints as JSON in a process of its own, and what it writes to standard error."""
    inherited = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**inherited, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result, done.stderr


@pytest.fixture(scope="module")
def first_use() -> tuple[dict[str, Any], str]:
    return run(AS_A_COMMAND + GRADIENT + FIRST_USE, {})


def test_importing_every_module_imports_no_tensorflow_and_changes_no_environment() -> None:
    result, errors = run(IMPORT_ALL, {})
    assert {"lowlevel_cnn.mnist_train", "lowlevel_cnn.mnist_eval", "lowlevel_cnn.models.book_lenet"} <= set(
        result["names"]
    )
    assert result["heavy"] == []
    assert result["environment_is_kept"]
    assert errors == ""


def test_in_a_command_a_session_works_and_standard_error_stays_empty(first_use: tuple[dict[str, Any], str]) -> None:
    result, errors = first_use
    assert result["total"] == 6.0
    assert errors == ""


def test_eager_tensorflow_2_works_beside_and_afterwards(first_use: tuple[dict[str, Any], str]) -> None:
    result, _ = first_use
    assert result["executing_eagerly"]
    assert result["eager"] == [3.0, 6.0]
    assert result["function"] == 2.0
    assert result["gradient"] == 6.0
    assert result["resource_variables"]
    assert result["control_flow_v2"]
    assert result["default_graph_operations"] == 0


def test_onednn_is_switched_on_where_the_user_has_said_nothing(first_use: tuple[dict[str, Any], str]) -> None:
    assert first_use[0]["onednn"] == "1"


def test_the_user_s_own_onednn_switch_stands_and_in_a_program_of_others_the_log_levels_too() -> None:
    result, _ = run(GRADIENT + FIRST_USE, {"TF_ENABLE_ONEDNN_OPTS": "0"})
    assert result["onednn"] == "0"
    assert result["total"] == 6.0
    assert result["log_levels"] == [None, logging.NOTSET]


def test_a_program_that_has_imported_tensorflow_2_before_goes_on_as_it_was() -> None:
    result, _ = run(AFTER_TENSORFLOW_2, {})
    assert result == {"total": 6.0, "kept": 3.0, "executing_eagerly": True, "log_level_is_kept": True}
