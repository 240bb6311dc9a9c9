"""The code cells of a notebook: read them, pass over what only IPython understands, and run them in order."""

from __future__ import annotations

import ast
import io
import json
import linecache
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.messages import note
from lowlevel_cnn.tf1 import reader

ENDING = ".ipynb"
# What the cell below it is for, so that it is no Python.
_OTHER_LANGUAGE = re.compile(
    r"\s*%%(?:bash|cmd|html|HTML|javascript|js|latex|markdown|perl|ruby|script|sh|svg|SVG|system|sx|writefile|file)\b"
)
_TIMED = re.compile(r"(\s*)%time\s+(?=\S)")
_MAGIC = re.compile(r"\s*(?:%|!|\?|[\w, ]+=\s*[!%])|.*\w\?{1,2}\s*$")


@dataclass(frozen=True)
class Cell:
    """A code cell: its place among the code cells, from 1, and its text, in which magics are replaced by nothing.

    Attributes:
        passed_over: those lines, with their numbers from 1.
    """

    file: str
    number: int
    source: str
    passed_over: tuple[tuple[int, str], ...] = ()

    @property
    def name(self) -> str:
        """What errors say of where it is."""
        return f"{self.file}, cell {self.number}"


def cells(path: Path) -> list[Cell]:
    """Return the code cells of a notebook.

    Raises:
        InputError: it is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        # Before version 4 of the format the cells were in worksheets, and their text was called input.
        sheets = found.get("worksheets", [found])
        code = [each for sheet in sheets for each in sheet["cells"] if each["cell_type"] == "code"]
        texts = ["".join(each.get("source", each.get("input", ""))) for each in code]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}: not a notebook; give a file that Jupyter has written") from None
    return [_python(str(path.absolute()), number, text) for number, text in enumerate(texts, 1)]


def run(path: Path, variables: dict[str, Any]) -> None:
    """Run the code cells in order; as in a notebook, the value of a cell's last expression is printed."""
    for cell in cells(path):
        lines = [f"{line}\n" for line in cell.source.splitlines()]
        # Where tracebacks look for the lines of a file.
        linecache.cache[cell.name] = (len(cell.source), None, lines, cell.name)
        for line, text in cell.passed_over:
            note(f"{reader.place(cell.name, line)}: passed over: {text.strip()}")
        _run(cell, variables)


class Shell:
    """What `get_ipython()` returns in notebooks, and in scripts made from them: whatever it is asked is passed over."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def pass_over(*words: Any, **named: Any) -> None:
            note(f"{reader.here()}: passed over: {' '.join(['%' if 'magic' in name else '!', *map(str, words)])}")

        return pass_over


def _run(cell: Cell, variables: dict[str, Any]) -> None:
    tree = ast.parse(cell.source, cell.name)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or cell.source.rstrip().endswith(";"):
        exec(compile(tree, cell.name, "exec", dont_inherit=True), variables)
        return
    tree.body.pop()
    exec(compile(tree, cell.name, "exec", dont_inherit=True), variables)
    value = eval(compile(ast.Expression(last.value), cell.name, "eval", dont_inherit=True), variables)
    if value is not None:
        print(repr(value))


def _python(file: str, number: int, text: str) -> Cell:
    """A cell without its magics; lines keep their numbers."""
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if _OTHER_LANGUAGE.match(first):
        return Cell(file, number, "", ((lines.index(first) + 1, first),))
    if _is_python(text):
        return Cell(file, number, text)
    python: list[str] = []
    passed: list[tuple[int, str]] = []
    for place, line in enumerate(lines, 1):
        line = _TIMED.sub(r"\1", line)
        if _MAGIC.match(line) and not _is_python(line.strip()) and not _goes_on(python):
            passed.append((place, line))
            line = line[: len(line) - len(line.lstrip())] + "pass"
        python.append(line)
    return Cell(file, number, "\n".join(python), tuple(passed))


def _goes_on(lines: list[str]) -> bool:
    """Whether these lines end within brackets or within a text of several lines."""
    try:
        list(tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline))
    except tokenize.TokenError:
        return True
    except SyntaxError:
        return False
    return False


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
