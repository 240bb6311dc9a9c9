"""Programs for Python 2 are told from programs with a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.commands_here import run_here
from helpers.tf1_scripts import write

from lowlevel_cnn.errors import InputError


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('print "step", 1', "a print statement"),
        ("print", None),
        ("for i in [1]: print i", "a print statement"),
        ("import sys; print >>sys.stderr, 'x'", "xrange"),
        ('raise ValueError, "x"', "a raise statement with a comma"),
        ("if 1 <> 2: pass", "the operator <>"),
        ("x = 100L", "a number that ends in L"),
        ("x = 0777", "a number that begins with 0"),
        ('exec "x = 1"', "an exec statement"),
        ("x = `1`", "backquotes"),
        ("for i in xrange(3): pass", "xrange"),
        ("import cPickle", "cPickle"),
        ("x = unicode('x')", "unicode"),
        ("if True:\n        x = 1\n\ty = 2", "a mixture of tabs and spaces"),
        ("try:\n    pass\nexcept ValueError, e:\n    pass", "an except clause with a comma"),
    ],
)
def test_python_2_is_said_in_one_line_that_names_2to3(
    line: str, what: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "old.py", line)
    if what is None:
        assert run_here("tf1", "old.py") == 0  # the name of a function, to Python 3
        return
    if what == "xrange" and "print" in line:
        # Python 3 takes it for a comparison of the function; only running it shows the mistake.
        assert run_here("tf1", "old.py") == 1
        return
    with pytest.raises(InputError) as raised:
        run_here("tf1", "old.py")
    said = str(raised.value)
    assert said.startswith("old.py, line ") and f": {what} is Python 2; convert the file first: 2to3 -w old.py" in said


def test_the_file_named_is_the_one_that_is_to_be_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "train.py", "import sibling_of_train")
    write(tmp_path / "sibling_of_train.py", "", "print 'x'")
    with pytest.raises(InputError, match=r"^sibling_of_train\.py, line 2: .* 2to3 -w sibling_of_train\.py"):
        run_here("tf1", "train.py")


@pytest.mark.parametrize("line", ["def f(:", "x = = 1", "undefined_name"])
def test_other_mistakes_are_shown_as_python_shows_them(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here("tf1", write(tmp_path / "wrong.py", line)) == 1
    said = capsys.readouterr().err
    assert f'File "{tmp_path / "wrong.py"}", line 1' in said and "lowlevel_cnn" not in said
