"""The table of old names in the documents is the one that `tf1` goes by."""

from __future__ import annotations

from pathlib import Path

import pytest

from lowlevel_cnn.tf1 import names_table

DOCS = Path(__file__).parents[2] / "docs"
MARK = "<!-- made by `python -m lowlevel_cnn.tf1.names_table` -->\n\n"


@pytest.mark.parametrize(("page", "language"), [("your_old_code.md", "en"), ("your_old_code.zh-CN.md", "zh")])
def test_the_page_has_the_table_that_the_code_makes(page: str, language: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8").partition(MARK)[2] == names_table.markdown(language) + "\n"
