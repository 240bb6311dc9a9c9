"""The project's pages: their fenced blocks, tables and links, and what happens when the blocks are run."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers import processes

ROOT = Path(__file__).parent.parent.parent
TRANSLATED = ".zh-CN.md"
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# What differs from one trained network to the next: times, measured values, and the classes of a prediction.
_UNSTABLE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*|-?\d+\.\d+(?:e[-+]?\d+)?|-?\d+e[-+]?\d+|\b\d(?= \d+\.\d+%)|"
    r"(?<=accuracy = )[01]$"
)


@dataclass(frozen=True)
class Block:
    """A fenced block: `python`, `text` (what the block before it prints), `console` (commands after `$`, output)."""

    language: str
    text: str


def pages() -> list[Path]:
    """Every page of the project in English, then those in Chinese."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "notebooks").glob("*.md")]
    return sorted(found, key=lambda page: (page.name.endswith(TRANSLATED), page.name))


def translation(page: Path) -> Path:
    return page.with_name(f"{page.stem}{TRANSLATED}")


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _FENCED.findall(page.read_text(encoding="utf-8"))]


def tables(page: Path) -> Iterator[list[list[str]]]:
    """The tables of a page, as rows of cells, the headings first."""
    rows: list[list[str]] = []
    for line in [*page.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if not all(set(cell) <= set("-:") for cell in cells):
                rows.append(cells)
        elif rows:
            yield rows
            rows = []


def commands(page: Path) -> list[str]:
    """The lines of a page's indented blocks, without the comments in them: those are in the reader's language."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    lines = re.findall(r"^    (\S.*)$", text, re.MULTILINE)
    return [line.partition(" # ")[0].rstrip() for line in lines]


def sections(page: Path) -> list[int]:
    """The levels of a page's headings, in order."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


def check(page: Path, folder: Path, env: Mapping[str, str]) -> None:
    """Runs a page's blocks in order, in the current directory `folder`, and compares what they print.

    Values that another network would have otherwise are not compared; a line `...` stands for any lines.
    """
    namespace: dict[str, object] = {}
    found = blocks(page)
    for block, after in zip(found, [*found[1:], None], strict=True):
        if block.language == "python":
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(block.text, namespace)
            _compare(block.text, after.text if after and after.language == "text" else "", said.getvalue())
        elif block.language == "console":
            for command, expected in _commands(block):
                program, *words = shlex.split(command)
                assert program == "lowlevel-cnn", command
                ended = processes.run(*words, cwd=folder, env=env)
                assert (ended.code != 0) == expected.startswith("error: "), ended
                shown = [line for line in ended.err if "not the published" not in line]
                _compare(command, expected, "\n".join([*shown, *ended.extracted, *ended.out]))


def _commands(block: Block) -> Iterator[tuple[str, str]]:
    for command in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, output = command.partition("\n")
        yield line, output


def _compare(what: str, expected: str, said: str) -> None:
    lines = [_stable(line) for line in expected.splitlines()]
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(line) + "\n" for line in lines)
    shown = "".join(_stable(line) + "\n" for line in said.splitlines())
    assert re.fullmatch(pattern, shown), f"{what}\nprints\n{said}\nand not\n{expected}"


def _stable(line: str) -> str:
    # How sure a network is differs too.
    return " ".join(_UNSTABLE.sub("#", line.replace("; not sure", "")).split())
