"""Notebooks: which lines are Python, and the cells run in order."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.commands_here import run_here
from helpers.tf1_scripts import write_notebook
from hypothesis import given
from hypothesis import strategies as st

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tf1 import notebook

MAGICS = ["%matplotlib inline", "!pip install x", "files = !ls", "tf.add?", "x = %pwd", "?tf.add"]
PYTHON = ["x = 1", "y = 7 % 2", "if True:\n    z = 'why?'", "text = '''\n%d of\n!\n'''", "a = (3\n% 2)", "# what?"]


@given(st.lists(st.sampled_from(MAGICS + PYTHON), max_size=6))
def test_magics_are_passed_over_and_all_else_is_kept_line_for_line(parts: list[str]) -> None:
    text = "\n".join(parts)
    cell = notebook._python("n.ipynb", 1, text)
    assert [line for _, line in cell.passed_over] == [each for each in parts if each in MAGICS]
    assert len(cell.source.splitlines()) == len(text.splitlines())
    compile(cell.source, "n.ipynb", "exec")


def test_a_magic_within_a_block_leaves_the_block_whole() -> None:
    cell = notebook._python("n.ipynb", 1, "for i in range(3):\n    !echo {i}\nx = 1")
    assert (cell.source, cell.passed_over) == ("for i in range(3):\n    pass\nx = 1", ((2, "    !echo {i}"),))


def test_cells_run_in_order_and_show_the_value_of_their_last_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_notebook(
        tmp_path / "n.ipynb",
        ["%matplotlib inline", "import sys", "x = 40", "sys.argv[1:]"],
        ["def f():", "    return x + 2", "f()"],
        ["%%bash", "rm -r /"],
        ["%time y = f()", "y;"],
        ["print(y)", "None"],
    )
    assert run_here("tf1", path, "--steps", 3) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == ["['--steps', '3']", "42", "42"]
    assert [line.partition("n.ipynb, ")[2] for line in said.err.splitlines()] == [
        "cell 1, line 1: passed over: %matplotlib inline",
        "cell 3, line 1: passed over: %%bash",
    ]


def test_an_error_in_a_cell_is_shown_with_the_cell_s_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_notebook(tmp_path / "n.ipynb", ["x = 1"], ["y = 2", "y / (x - 1)"], ["print('not reached')"])
    assert run_here("tf1", path) == 1
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[1] == f'  File "{path}, cell 2", line 2, in <module>' and lines[2].strip() == "y / (x - 1)"
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_a_notebook_of_the_format_before_version_4_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.ipynb"
    path.write_text('{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}')
    assert [each.source for each in notebook.cells(path)] == ["x = 1"]


@given(st.binary(max_size=40) | st.sampled_from([b"[]", b"3", b'{"cells": [1]}', b'{"cells": {}}', b'{"cells": [{}]}']))
def test_what_is_no_notebook_is_an_error_of_one_line_or_has_no_cells(content: bytes) -> None:
    class Bytes(Path().__class__):  # type: ignore[misc]
        def read_text(self, **ignored: object) -> str:
            return content.decode("utf-8")

    try:
        assert notebook.cells(Bytes("n.ipynb")) == []
    except InputError as error:
        assert str(error) == "n.ipynb: not a notebook; give a file that Jupyter has written"


def test_get_ipython_is_there_and_its_magics_are_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["get_ipython().run_line_magic('matplotlib', 'inline')", "get_ipython().system('ls')", "print('on')"]
    script = tmp_path / "exported.py"
    script.write_text("\n".join(lines))
    for path in (script, write_notebook(tmp_path / "n.ipynb", lines)):
        assert run_here("tf1", path) == 0
        said = capsys.readouterr()
        assert said.out == "on\n"
        assert [line.partition("line ")[2] for line in said.err.splitlines()] == [
            "1: passed over: % matplotlib inline",
            "2: passed over: ! ls",
        ]
