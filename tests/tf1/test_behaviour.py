"""What TensorFlow 1.x did otherwise, in processes of their own: it is switched for a whole process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import Ended, Started, run
from helpers.tf1_scripts import write

# A program in the style of those years; it prints what it finds as JSON.
PROGRAM = """
import json
import sys

import numpy as np
import tensorflow as tf
import layers

tf.app.flags.DEFINE_integer("steps", 30, "how many")
tf.app.flags.DEFINE_string("log_dir", "logs", "which absl has, too")
FLAGS = tf.app.flags.FLAGS
FLAGS._parse_flags()
told = {"flags": FLAGS.steps}


def main(_):
    tf.logging.set_verbosity(tf.logging.INFO)
    tf.logging.info("begins")
    tf.logging.warn("careful")
    told["argv"] = sys.argv[1:]
    random = np.random.RandomState(1)
    images = random.normal(size=(64, 12)).astype(np.float32)
    labels = np.eye(2)[(images[:, 0] > 0).astype(np.int)]
    with tf.device("/gpu:0"):
        x = tf.placeholder("float", [None, 12])
        y_ = tf.placeholder(tf.float32, [None, 2])
        keep_prob = tf.placeholder(tf.float32)
        logits = layers.dense(tf.nn.dropout(x, keep_prob), 2)
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits, y_))
    tf.scalar_summary("loss", loss)
    merged = tf.merge_all_summaries()
    train_step = tf.train.AdamOptimizer(0.1).minimize(loss)
    correct = tf.equal(tf.argmax(logits, 1), tf.argmax(y_, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    size = x.shape[1]
    told["sizes"] = [
        int(size / 5), size.value / 2, 1 / size, 1.0 / size, int(24 / size), int(2.0 * size), int(size * 3), size / 2.5
    ]
    told["is_eager"] = tf.executing_eagerly()
    everything = {x: images, y_: labels, keep_prob: 1.0}
    with tf.Session(config=tf.ConfigProto(log_device_placement=False)) as sess:
        sess.run(tf.initialize_all_variables())
        writer = tf.train.SummaryWriter(FLAGS.log_dir, sess.graph)
        for step in range(FLAGS.steps):
            sess.run(train_step, {x: images, y_: labels, keep_prob: 0.9})
        told["accuracy"] = float(accuracy.eval(everything))
        writer.add_summary(sess.run(merged, everything), FLAGS.steps)
        writer.close()
    told["variables"] = [[v.name, v.dtype.name] for v in tf.all_variables() if "Adam" not in v.name][:1]
    told["shared"] = tf.InteractiveSession().run(tf.train.get_or_create_global_step().initializer)
    told["names"] = [hasattr(tf, "sub"), hasattr(tf, "no_such_name"), tf.VERSION, layers.ops.__name__]
    json.dump(told, open("told.json", "w"))
    sess.run(loss)


if __name__ == "__main__":
    tf.app.run()
"""
LAYERS = """
import tensorflow as tf
from tensorflow.python.framework import ops


def dense(x, count):
    weights = tf.get_variable("weights", [x.get_shape()[1], count], initializer=tf.zeros_initializer())
    return tf.matmul(x, weights)
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Path]:
    folder = tmp_path_factory.mktemp("program")
    write(folder / "code/train.py", PROGRAM)
    write(folder / "code/layers.py", LAYERS)
    return run("tf1", "code/train.py", "--steps=40", "--other=1", cwd=folder), folder


@pytest.fixture(scope="module")
def told(ended: tuple[Ended, Path]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ended[1] / "told.json").read_text())
    return found


def test_the_program_trains_and_leaves_its_event_file_in_the_working_directory(
    told: dict[str, Any], ended: tuple[Ended, Path]
) -> None:
    assert told["accuracy"] > 0.9 and not told["is_eager"]
    assert [each.name.split(".")[:3] for each in (ended[1] / "logs").iterdir()] == [["events", "out", "tfevents"]]


def test_flags_are_the_script_s_and_unknown_ones_are_passed_over(told: dict[str, Any]) -> None:
    assert told["argv"] == ["--steps=40", "--other=1"] and told["flags"] == 40


def test_sizes_of_dimensions_divide_and_multiply(told: dict[str, Any]) -> None:
    assert told["sizes"] == [2, 6, 1 / 12, 1 / 12, 2, 24, 36, 4.8]


def test_variables_are_reference_variables_of_tensorflow_1(told: dict[str, Any]) -> None:
    assert told["variables"] == [["weights:0", "float32_ref"]]


def test_names_are_there_or_not_as_tensorflow_1_has_them(told: dict[str, Any]) -> None:
    assert told["names"] == [True, False, "1.15.5", "tensorflow.python.framework.ops"]


def test_an_error_of_tensorflow_s_is_shown_without_our_frames_and_exits_with_1(ended: tuple[Ended, Path]) -> None:
    assert ended[0].code == 1
    assert ended[0].err[-1] == "RuntimeError: Attempted to use a closed Session."
    assert "Traceback (most recent call last):" in ended[0].err
    assert not [line for line in ended[0].err if "lowlevel_cnn" in line or "runpy" in line]


def test_what_the_script_logs_is_shown_once_and_tensorflow_s_chatter_is_not(ended: tuple[Ended, Path]) -> None:
    before = ended[0].err[: ended[0].err.index("Traceback (most recent call last):")]
    assert before == [
        "INFO:tensorflow:begins",
        "WARNING:tensorflow:careful",
        f"{Path('code/train.py')}, line 29: the arguments of softmax_cross_entropy_with_logits(a, b) are taken as "
        "(logits, labels), their order before TensorFlow 1.0",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("import lowlevel_cnn.tf1 as tf",),
        ("import lowlevel_cnn.tf1", "lowlevel_cnn.tf1.install()", "import tensorflow as tf"),
    ],
)
def test_a_program_of_one_s_own_has_tensorflow_1_by_an_import_or_by_install(
    lines: tuple[str, ...], tmp_path: Path
) -> None:
    rest = ("a = tf.sub(tf.placeholder(tf.float32), 1)", "print(tf.Session().run(a, {a.op.inputs[0]: 3}), tf.VERSION)")
    write(tmp_path / "own.py", *lines, *rest)
    started = Started(cwd=tmp_path, module="own", env={"TF_CPP_MIN_LOG_LEVEL": "2"})
    ended = started.ended()
    assert (ended.code, ended.out, ended.err) == (0, ["2.0 1.15.5"], [])


def test_importing_the_package_or_asking_for_what_is_no_name_imports_no_tensorflow(tmp_path: Path) -> None:
    write(
        tmp_path / "own.py",
        "import sys",
        "import lowlevel_cnn.tf1 as tf",
        "from lowlevel_cnn.tf1 import names, namespace, imports, install",
        "print(hasattr(tf, '__wrapped__'), 'tensorflow' in sys.modules)",
    )
    started = Started(cwd=tmp_path, module="own", fresh=True)
    assert started.ended() == Ended(0, ["False False"], [])
