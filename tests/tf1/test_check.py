"""`tf1 --check` says of each name of a program what has become of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.commands_here import run_here
from helpers.tf1_scripts import leave_tensorflow_as_it_is, write, write_notebook

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tf1 import names
from lowlevel_cnn.tf1.check import GIVEN_BACK, GONE, WORKS, Name, check


@pytest.fixture(autouse=True)
def as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_tensorflow_as_it_is(monkeypatch)
    monkeypatch.setitem(names.AREAS, "contrib.slim", ("textwrap",))


def found(path: Path) -> dict[str, tuple[int, str]]:
    return {each.name: (each.line, each.status) for each in check(str(path))}


def test_names_are_followed_through_the_program_s_own_names_for_modules(tmp_path: Path) -> None:
    script = write(
        tmp_path / "train.py",
        "import tensorflow as tf, os",
        "import tensorflow.contrib.slim as slim",
        "from tensorflow.contrib import crf as fields, slim as same",
        "from tensorflow.python.framework import ops",
        "layers = tf.nn",
        "def model(x):",
        "    os.path.join('tf', x.nn.nothing)",
        "    y = tf.sub(tf.add(x, 1), slim.dedent(x)) + same.indent(x)",
        "    return layers.relu(y), fields.viterbi_decode(y), tf.app.flags.FLAGS.steps, ops.Graph",
        "tf.add(1, 2)",
    )
    assert found(script) == {
        "tf.contrib.slim": (2, GIVEN_BACK),
        "tf.contrib.crf": (3, GONE),
        "tf.python.framework.ops": (4, WORKS),
        "tf.nn": (5, WORKS),
        "tf.add": (8, WORKS),
        "tf.sub": (8, GIVEN_BACK),
        "tf.contrib.slim.dedent": (8, GIVEN_BACK),
        "tf.contrib.slim.indent": (8, GIVEN_BACK),
        "tf.nn.relu": (9, WORKS),
        "tf.app.flags.FLAGS": (9, WORKS),
        "tf.contrib.crf.viterbi_decode": (9, GONE),
        "tf.python.framework.ops.Graph": (9, WORKS),
    }


def test_the_replacement_is_what_one_writes_today(tmp_path: Path) -> None:
    script = write(
        tmp_path / "old.py", "import tensorflow as tf", "import numpy as np", "tf.mul, tf.contrib.crf.x, tf.add, np.int"
    )
    assert check(str(script)) == [
        Name(None, 3, "np.int", GIVEN_BACK, "int"),
        Name(None, 3, "tf.add", WORKS, ""),
        Name(None, 3, "tf.contrib.crf.x", GONE, "the package tensorflow-addons had it as tfa.text"),
        Name(None, 3, "tf.mul", GIVEN_BACK, "tf.multiply"),
    ]


def test_the_table_has_a_row_for_each_name_and_json_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = write_notebook(
        tmp_path / "n.ipynb", ["%matplotlib inline", "import tensorflow as tf"], ["!ls", "tf.neg(tf.contrib.crf.x)"]
    )
    assert run_here("tf1", "--check", script) == 0
    assert capsys.readouterr().out.splitlines() == [
        "line       name              today       replacement",
        "cell 2, 2  tf.contrib.crf.x  gone        the package tensorflow-addons had it as tfa.text",
        "cell 2, 2  tf.neg            given back  tf.negative",
        "0 works as is, 1 given back, 1 gone",
    ]
    assert run_here("tf1", "--check", "--json", script) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["script"] == str(script)
    assert told["names"][1] == {
        "cell": 2,
        "line": 2,
        "name": "tf.neg",
        "status": "given back",
        "replacement": "tf.negative",
    }


def test_nothing_of_the_script_is_run(tmp_path: Path) -> None:
    marker = tmp_path / "was_run"
    script = write(tmp_path / "train.py", "import tensorflow as tf", f"open({str(marker)!r}, 'w')", "tf.add")
    assert found(script) == {"tf.add": (3, WORKS)} and not marker.exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("print 'x'", "line 1: a print statement is Python 2; convert the file first"),
        ("def f(:", "line 1: invalid syntax; it cannot be checked before that is put right"),
    ],
)
def test_what_is_no_python_3_is_said_in_one_line(line: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        check(str(write(tmp_path / "wrong.py", line)))
