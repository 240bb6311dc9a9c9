"""The results in Chinese: every heading and every remark, with the figures of the English ones."""

from __future__ import annotations

import re

from lowlevel_cnn import models
from lowlevel_cnn.commands import results_table
from lowlevel_cnn.commands.results_in_chinese import in_chinese

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def test_headings_and_remarks_are_in_chinese_with_the_same_figures() -> None:
    english = results_table.markdown(results_table.shipped()).splitlines()
    chinese = in_chinese("\n".join(english)).splitlines()
    for line, translated in zip(english, chinese, strict=True):
        assert set(NUMBER.findall(line)) <= set(NUMBER.findall(translated))
        if line.startswith(("#", "- ", "| model", "| file")):
            assert not translated.isascii(), line


def test_every_remark_is_translated() -> None:
    remarks = [f"- `{name}`: {models.get(name).remark}" for name in models.all_names() if models.get(name).remark]
    assert len(remarks) >= 7
    assert not [line for line in remarks if in_chinese(line) == line]
