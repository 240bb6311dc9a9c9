"""`docs/book.md`: what it says of the old calls happens, and its figures are those of `docs/results.md`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from helpers import documents

PAGES = [documents.ROOT / "docs/book.md", documents.ROOT / "docs/book.zh-CN.md"]
MODULES = ("tensorflow", "tensorflow.compat.v1")
# What the notebook printed that is published with Mastering TensorFlow 1.x: figures of nobody else.
FIGURES_OF_THE_NOTEBOOK = {"62.95", "71.26"}


def rows(page: Path) -> list[list[str]]:
    """Old call, what happens with TensorFlow 2, what with its 1.x interface, what stands here instead."""
    heads = [f"`import {module} as tf`" for module in MODULES]
    return [row for table in documents.tables(page) if table[0][1:3] == heads for row in table[1:]]


def in_code(cell: str) -> str:
    """What stands between a cell's backticks; "" for words."""
    found = re.fullmatch(r"(`+) ?(.*?) ?\1", cell)
    return found[2] if found else ""


# Reads calls and modules as JSON, and prints the error of each in a graph of its own; "" where there is none.
PROGRAM = """
import importlib, json, sys

def happens(call, module):
    with importlib.import_module("tensorflow").Graph().as_default():
        try:
            exec(call, {"tf": importlib.import_module(module)})
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return ""

print(json.dumps([happens(*each) for each in json.load(sys.stdin)]))
"""


@pytest.fixture(scope="module")
def happens() -> dict[tuple[str, str], str]:
    """What comes of each call with each module, in a process of its own: other tests have switched TensorFlow over."""
    calls = [(in_code(row[0]), module) for row in rows(PAGES[0]) for module in MODULES]
    command = [sys.executable, "-c", PROGRAM]
    ended = subprocess.run(command, input=json.dumps(calls), capture_output=True, text=True, check=True)
    return dict(zip(calls, json.loads(ended.stdout.splitlines()[-1]), strict=True))


def is_the_tensorflow_that_the_page_names() -> bool:
    versions = (f"{name} {metadata.version(name.lower())}" for name in ("TensorFlow", "Keras"))
    return all(version in PAGES[0].read_text(encoding="utf-8") for version in versions)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("row", rows(PAGES[0]), ids=lambda row: row[0])
def test_an_old_call_does_today_what_the_page_says(
    row: list[str], module: str, happens: dict[tuple[str, str], str]
) -> None:
    said, found = in_code(row[1 + MODULES.index(module)]), happens[in_code(row[0]), module]
    assert found.partition(":")[0] == said.partition(":")[0]
    if is_the_tensorflow_that_the_page_names():
        assert found == said


def test_both_languages_say_the_same_of_the_same_calls() -> None:
    english, chinese = ([[in_code(cell) for cell in row[:3]] for row in rows(page)] for page in PAGES)
    assert len(english) > 40
    assert chinese == english


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_figures_are_those_of_the_results(page: Path) -> None:
    figures = set(re.findall(r"\d\d\.\d\d(?= ?%)", page.read_text(encoding="utf-8")))
    results = (documents.ROOT / "docs/results.md").read_text(encoding="utf-8")
    known = set(re.findall(r"\d\d\.\d\d(?= ?%)", results)) | FIGURES_OF_THE_NOTEBOOK
    assert len(figures) >= 10
    assert figures <= known
