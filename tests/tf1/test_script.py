"""Scripts run as `python SCRIPT` runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.commands_here import run_here
from helpers.processes import Started, run
from helpers.tf1_scripts import leave_tensorflow_as_it_is, write

from lowlevel_cnn.errors import InputError, WorkError

# Prints what a program can know of how it was started.
ABOUT = (
    '"""What it is."""',
    "import os, sys",
    "print(__name__, __file__, __doc__, __package__, __spec__, sys.argv, sys.path[0], os.getcwd())",
    "print(sys.modules['__main__'].__dict__ is globals(), sorted({*globals()} - {'__annotations__'}))",
    "import neighbour",
    "print(neighbour.__name__, neighbour.name, sys.stdin.readline())",
)


@pytest.mark.parametrize("words", [(), ("--steps=3", "-h", "--check", "--", "--data-dir", "x", "--once", "--all", "")])
def test_a_script_sees_what_it_sees_under_python(words: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path / "code/train.py", *ABOUT)
    write(tmp_path / "code/neighbour.py", "name = __name__")
    asked = [
        subprocess.run(
            [sys.executable, *program, "code/train.py", *words],
            cwd=tmp_path,
            input="typed\n",
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for program in ((), ("-m", "lowlevel_cnn", "tf1"))
    ]
    assert asked[0].returncode == asked[1].returncode == 0, asked
    assert asked[0].stdout == asked[1].stdout
    assert asked[0].stderr == asked[1].stderr == ""


def test_the_flags_of_the_command_stand_before_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = write(tmp_path / "data.py", "import os, sys", "print(os.environ['LOWLEVEL_CNN_DATA'], sys.argv[1:])")
    before = os.environ.get("LOWLEVEL_CNN_DATA")
    assert run_here("tf1", "--data-dir", tmp_path, script, "--data-dir", "its own") == 0
    assert capsys.readouterr().out == f"{tmp_path} ['--data-dir', 'its own']\n"
    assert os.environ.get("LOWLEVEL_CNN_DATA") == before


@pytest.mark.parametrize(("asked", "code"), [("3", 3), ("None", 0), ("", 0), ("'that is all'", 1), ("True", 1)])
def test_the_exit_code_is_the_script_s(
    asked: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here("tf1", write(tmp_path / "end.py", "import sys", f"sys.exit({asked})")) == code
    assert capsys.readouterr().err == ("that is all\n" if "that" in asked else "")


def test_a_traceback_is_python_s(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "helper_of_wrong.py", "def divide(x):", "    return 1 / x", "")
    script = write(
        tmp_path / "wrong.py",
        "from helper_of_wrong import divide",
        "try:",
        "    divide(0)",
        "except ZeroDivisionError as error:",
        "    raise ValueError('no batch') from error",
    )
    assert run_here("tf1", script) == 1
    ours = capfd.readouterr().err
    assert subprocess.run([sys.executable, script]).returncode == 1
    assert ours == capfd.readouterr().err


def test_the_script_s_own_hook_gets_its_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hook = "sys.excepthook = lambda kind, error, trace: print(kind.__name__, error, trace.tb_lineno)"
    script = write(tmp_path / "hook.py", "import sys", hook, "raise ValueError('x')")
    before = sys.excepthook
    try:
        assert run_here("tf1", script) == 1
    finally:
        sys.excepthook = before
    assert capsys.readouterr().out == "ValueError x 3\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_script_may_catch_ctrl_c_and_if_not_it_ends(tmp_path: Path) -> None:
    lines = ("import threading", "print('waits', flush=True)", "threading.Event().wait()")
    caught = ("try:", *(f"    {line}" for line in lines), "except KeyboardInterrupt:", "    print('saved')")
    for name, code in (("caught", 0), ("uncaught", 130)):
        script = write(tmp_path / f"{name}.py", *(caught if name == "caught" else lines))
        started = Started("tf1", script, cwd=tmp_path)
        started.wait_for("waits")
        started.signal(signal.SIGINT)
        ended = started.ended()
        assert ended.code == code, ended
        assert ended.out == (["waits", "saved"] if name == "caught" else ["waits"])
        assert (ended.err[-1:] == ["KeyboardInterrupt"]) == (name == "uncaught")
        assert not [line for line in ended.err if "lowlevel_cnn" in line]


def test_two_scripts_in_one_process_have_modules_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sys.argv, list(sys.path), sys.modules["__main__"]
    for name in ("first", "second"):
        script = write(tmp_path / name / "train.py", "import its_layers", "print(its_layers.name)")
        write(tmp_path / name / "its_layers.py", f"name = {name!r}")
        assert run_here("tf1", script) == 0
    assert capsys.readouterr().out == "first\nsecond\n"
    assert (sys.argv, list(sys.path), sys.modules["__main__"]) == before and "its_layers" not in sys.modules


def test_numpy_is_as_it_was_while_the_script_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = "np.int, np.float, np.object, np.infty, np.float_, np.product([2, 3])"
    script = write(
        tmp_path / "old.py", "import numpy as np", f"print({names})", "print([np.float32(0.5), np.int64(3)])"
    )
    assert run_here("tf1", script) == 0
    said = "<class 'int'> <class 'float'> <class 'object'> inf <class 'numpy.float64'> 6\n[0.5, 3]\n"
    assert capsys.readouterr().out == said
    assert not hasattr(np, "infty") and not hasattr(np, "int")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tf.contrib.crf.viterbi_decode()", "tf.contrib.crf is gone since TensorFlow 2.0; the package"),
        ("from tensorflow.contrib import crf", "tf.contrib.crf is gone since TensorFlow 2.0; the package"),
    ],
)
def test_a_gone_name_ends_the_script_with_one_line(
    line: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_tensorflow_as_it_is(monkeypatch)
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "train.py", "import tensorflow as tf", "def main():", f"    {line}", "main()")
    with pytest.raises(WorkError) as raised:
        run_here("tf1", "train.py")
    assert str(raised.value).startswith(f"train.py, line 3: {said}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("missing.py",), "missing.py: no such file; name a script or a notebook"),
        (("folder",), "folder: a folder; name the script in it"),
        (("--check", "missing.py"), "missing.py: no such file"),
        (("--json", "missing.py"), "--json: prints the list of --check, which is not given"),
        ((), "the following arguments are required: SCRIPT"),
        (("--no-such-flag", "missing.py"), "--no-such-flag"),
    ],
)
def test_a_wrong_call_is_said_in_one_line(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as raised:
        run_here("tf1", *words)
    assert said in str(raised.value)


def test_warnings_of_the_script_s_own_are_shown_and_advice_on_old_names_is_not(
    tmp_path: Path,
) -> None:
    script = write(
        tmp_path / "warns.py",
        "import warnings",
        "warnings.simplefilter('default', append=True)",
        "warnings.warn('mind the step')",
        "warnings.warn_explicit('use learning_rate', UserWarning, 'x.py', 1, module='tf_keras.src.optimizers')",
    )
    # Python shows warnings by its own means, which pytest replaces in this process.
    ended = run("tf1", script, cwd=tmp_path)
    assert (ended.code, ended.out) == (0, [])
    assert ended.err[0].endswith("warns.py:3: UserWarning: mind the step") and len(ended.err) == 2


def test_an_error_of_what_is_given_back_is_said_with_the_script_s_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_tensorflow_as_it_is(monkeypatch)
    script = write(
        tmp_path / "train.py",
        "from tensorflow.contrib.learn.python.learn.datasets import base",
        "import tensorflow as tf",
        "tf.contrib.learn.datasets.load_dataset('iris')",
    )
    with pytest.raises(InputError, match=r"train\.py, line 3: load_dataset\('iris'\): of these sets only 'mnist'"):
        run_here("tf1", script)
