"""The pages: their code runs and prints what stands there, their links lead somewhere, translations hold the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from helpers import documents
from helpers.book_checkpoints import write_as_the_book_does
from helpers.documents import ROOT, TRANSLATED

# `test_models_run.py` puts the blocks of this page where the page says.
RUN_ELSEWHERE = {"adding_a_model.md"}
# Finds a checkpoint in `old/`; its network is not the page's own, so its values are other ones.
OLD_CHECKPOINTS = "old_checkpoints.md"
# For those who work on the project, in the language of its code.
ENGLISH_ALONE = {"CHANGELOG.md", "CONTRIBUTING.md"}
MEASURED = {"cluster.md", "handwriting.md", "performance.md", "reliability.md", "results.md"}
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
LINK = re.compile(r"\[(?P<text>[^\[\]]*)\]\((?P<target>[^)]+)\)")


def in_english() -> list[Path]:
    return [page for page in documents.pages() if not page.name.endswith(TRANSLATED)]


def named(pages: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", pages, ids=[str(page.relative_to(ROOT)) for page in pages])


def with_code() -> list[Path]:
    return [
        page
        for page in in_english()
        if page.name not in RUN_ELSEWHERE
        and any(block.language in ("python", "console") for block in documents.blocks(page))
    ]


@named(with_code())
def test_what_a_page_s_code_prints_is_what_stands_there(
    page: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if page.name == OLD_CHECKPOINTS:
        write_as_the_book_does(tmp_path / "old", "model.ckpt", 1001)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOWLEVEL_CNN_DATA", str(data))
    documents.check(page, tmp_path, {"LOWLEVEL_CNN_DATA": str(data)})


def test_every_page_for_readers_is_there_in_chinese() -> None:
    missing = [page.name for page in in_english() if not documents.translation(page).exists()]
    assert sorted(missing) == sorted(ENGLISH_ALONE)


@named([page for page in in_english() if documents.translation(page).exists()])
def test_both_languages_have_the_same_sections_tables_code_and_commands_and_link_to_each_other(page: Path) -> None:
    translated = documents.translation(page)
    assert documents.sections(translated) == documents.sections(page)
    assert documents.blocks(translated) == documents.blocks(page)
    shapes = [[[len(row) for row in table] for table in documents.tables(each)] for each in (page, translated)]
    assert shapes[0] == shapes[1]
    for line, in_chinese in zip(documents.commands(page), documents.commands(translated), strict=True):
        assert in_chinese == line or not in_chinese.isascii(), in_chinese
    for each, other in ((page, translated), (translated, page)):
        assert f"]({other.name})" in each.read_text(encoding="utf-8").split("\n## ")[0]


@named([page for page in in_english() if page.name in MEASURED])
def test_measured_figures_are_the_same_in_both_languages_row_by_row(page: Path) -> None:
    english, chinese = (
        [[sorted(NUMBER.findall(" ".join(row))) for row in table] for table in documents.tables(each)]
        for each in (page, documents.translation(page))
    )
    assert chinese == english


@named(documents.pages())
def test_links_lead_to_files_headings_and_the_functions_they_name(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in LINK.finditer(re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)):
        if "://" in link["target"]:
            continue
        path, _, heading = link["target"].partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link[0]
        if heading:
            assert heading in headings(target), link[0]
        name = link["text"].strip("`")
        if target.suffix == ".py" and name.replace("_", "").isidentifier():
            assert name in definitions(target), link[0]


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in lines}


def definitions(file: Path) -> set[str]:
    """What a Python file defines at its top level."""
    found: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found
