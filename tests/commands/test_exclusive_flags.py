"""Flags that cannot both hold are refused together, in every command that has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lowlevel_cnn.__main__ import main
from lowlevel_cnn.commands import parser


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("eval --once --all", ("--once", "--all")),
        ("eval --once --timeout-secs 5", ("--once", "--timeout-secs")),
        ("eval --interval-secs=10 --once", ("--once", "--interval-secs")),
        ("train --data-dir D --mirror http://m", ("--data-dir", "--mirror")),
        ("eval --data-dir D --mirror=http://m", ("--data-dir", "--mirror")),
        ("reproduce --data-dir D --mirror http://m", ("--data-dir", "--mirror")),
        ("data mnist --data-dir D --mirror http://m", ("--data-dir", "--mirror")),
        ("predict --checkpoint-dir R --split test --polarity auto", ("--split", "--polarity")),
        ("inspect R --tensor T --output F.npy --json", ("--output", "--json")),
        ("inspect R --tensor T --verify", ("--tensor", "--verify")),
        ("plot --checkpoint-dir R --output P --only curves --weights raw", ("--weights",)),
        ("run --sync", ("--sync", "--workers")),
        ("run --workers 2", ("--workers", "--parameter-servers")),
    ],
)
def test_two_flags_that_cannot_both_hold_are_one_line_that_names_both(
    words: str,
    named: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("R").mkdir()
    assert main(words.split()) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ") and all(each in line for each in named)
    assert [path.name for path in tmp_path.iterdir()] == ["R"]


def test_either_flag_of_a_pair_alone_is_accepted_and_words_after_two_dashes_are_not_flags() -> None:
    for words in (
        ["eval", "--once"],
        ["eval", "--all", "--timeout-secs", "5"],
        ["predict", "--checkpoint-dir", "R", "--split", "test", "--", "--polarity"],
    ):
        assert parser.parse(words).command == words[0]
