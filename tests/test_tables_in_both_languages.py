"""What writes a table into a page writes the same figures into the page in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import torture

from benchmarks import tables
from benchmarks.tables_in_chinese import in_chinese


def test_reliability_figures_go_into_both_pages_and_the_rows_of_tests_that_did_not_run_stay(tmp_path: Path) -> None:
    page, translated = tmp_path / "reliability.md", tmp_path / "reliability.zh-CN.md"
    for each in (page, translated):
        each.write_text("Above\n", encoding="utf-8")
    torture.write_table(page, {"kills": "1 of 1", "signals": "0 of 5"})
    torture.write_table(page, {"kills": "2 of 2"})
    assert page.read_text(encoding="utf-8").endswith(
        "| shown | figure |\n| --- | --- |\n| kills | 2 of 2 |\n| signals | 0 of 5 |\n"
    )
    english, chinese = (each.read_text(encoding="utf-8").splitlines() for each in (page, translated))
    assert [line for line in chinese if line.isascii()] == [line for line in english if line != "| shown | figure |"]


@pytest.mark.parametrize(
    ("line", "translated"),
    [
        ("| network | AVX2: ours, ms a step |", "| 网络 | AVX2：本项目，每步毫秒 |"),
        ("| | AVX2: Keras fit, oneDNN off, times ours |", "| | AVX2：Keras fit, oneDNN off，本项目的倍数 |"),
        ("| lowlevel_cnn | 37.8 [37.7, 39.6] | 1.09 = |", "| lowlevel_cnn | 37.8 [37.7, 39.6] | 1.09 = |"),
        ("| reading and checking MNIST | 1 s | 0.28 s |", "| 读取并检查 MNIST | 1 s | 0.28 s |"),
        ("| --- | ---: |", "| --- | ---: |"),
    ],
)
def test_a_measured_row_in_chinese_has_the_same_figures(line: str, translated: str) -> None:
    assert in_chinese(line) == translated


def test_measured_tables_go_between_their_markers_and_what_was_not_measured_stays(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    begin, end = "<!-- benchmarks.tables: {} -->\n\n", "\n\n<!-- end -->\n"
    page.write_text("".join(f"{begin.format(name)}nothing yet{end}" for name in ("step", "start")), encoding="utf-8")
    tables.write(page, {"step": ["| a |", "| b |"], "start": []})
    assert page.read_text(encoding="utf-8") == (
        f"{begin.format('step')}| a |\n| b |{end}{begin.format('start')}nothing yet{end}"
    )
