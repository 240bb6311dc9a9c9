"""The settings of the reliability tests, quick or full, and the figure that each of them reports.

Quick is what `make test` runs. `make torture` sets the variable below to the document whose table is to hold the
figures of the full settings.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

TABLE_VARIABLE = "LOWLEVEL_CNN_TORTURE"
_TABLE_BEGINS = "<!-- made by `make torture`; what is below this line is written anew -->"
_HEADS = {".md": "| shown | figure |", ".zh-CN.md": "| 试验 | 结果 |"}
_PROPERTY = "figure"

Report = Callable[[str, str], None]


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether the full settings are asked for."""
    return TABLE_VARIABLE in os.environ


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Report:
    """Takes what is shown and its figure, one line each: printed at the end and, at full settings, kept."""

    def take(shown: str, figure: str) -> None:
        assert "|" not in shown + figure and "\n" not in shown + figure
        record_property(_PROPERTY, (shown, figure))

    return take


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    figures = _figures(terminalreporter)
    if not figures:
        return
    terminalreporter.section("reliability")
    for shown, figure in figures.items():
        terminalreporter.write_line(f"{shown}: {figure}")
    if TABLE_VARIABLE in os.environ:
        write_table(Path(os.environ[TABLE_VARIABLE]), figures)


def _figures(terminalreporter: pytest.TerminalReporter) -> dict[str, str]:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    return dict(value for each in reports for name, value in each.user_properties if name == _PROPERTY)


def write_table(path: Path, figures: dict[str, str]) -> None:
    """Puts the figures into the table of a document and of its translation; the rows of tests that did not run stay."""
    below = path.read_text(encoding="utf-8").partition(_TABLE_BEGINS)[2]
    cells = [line.strip("| ").split(" | ") for line in below.splitlines() if line.startswith("| ")]
    rows: dict[str, str] = {**dict(cells[2:]), **figures}
    lines = ["| --- | --- |", *(f"| {shown} | {figure} |" for shown, figure in rows.items())]
    for ending, head in _HEADS.items():
        page = path.with_name(path.stem + ending)
        if page.exists():
            above = page.read_text(encoding="utf-8").partition(_TABLE_BEGINS)[0]
            page.write_text(f"{above}{_TABLE_BEGINS}\n\n" + "\n".join([head, *lines]) + "\n", encoding="utf-8")
