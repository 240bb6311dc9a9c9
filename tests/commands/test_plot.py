"""`plot`: which files it writes, replaces and leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.processes import Ended, files_in, run

from lowlevel_cnn.plots import PICTURES

pytest.importorskip("matplotlib", reason="the pictures are drawn by matplotlib, which the extra `plots` installs")

Drawn = tuple[Path, Path]


def test_pictures_are_replaced_only_with_force_and_only_those_asked_for(drawn: Drawn, tmp_path: Path) -> None:
    output = tmp_path / "pictures"
    output.mkdir()
    (output / "curves.png").write_bytes(b"mine")
    (output / "notes.txt").write_bytes(b"mine")
    words = ("plot", "--checkpoint-dir", drawn[0], "--output", output, "--only", "curves")
    ended = run(*words, cwd=tmp_path)
    assert (ended.code, ended.out, len(ended.err)) == (2, [], 1)
    assert "curves.png already exists; choose another folder, or replace with --force" in ended.err[0]
    assert files_in(output) == {"curves.png": b"mine", "notes.txt": b"mine"}
    assert run(*words, "--force", cwd=tmp_path) == Ended(0, [str(output / "curves.png")], [])
    assert files_in(output).keys() == {"curves.png", "notes.txt"}
    assert (output / "curves.png").read_bytes() == (drawn[1] / "curves.png").read_bytes()


def test_without_data_the_other_pictures_are_drawn_and_one_line_says_why_these_are_not(
    drawn: Drawn, tmp_path: Path
) -> None:
    nowhere = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "LOWLEVEL_CNN_MIRROR": "http://127.0.0.1:1/"}
    ended = run("plot", "--checkpoint-dir", drawn[0], "--output", "pictures", cwd=tmp_path, env=nowhere)
    assert (ended.code, ended.out) == (0, ["pictures/curves.png", "pictures/filters.png"]), ended
    [line] = ended.err
    left_out = ", ".join(name for name in PICTURES if name not in ("curves", "filters"))
    assert line.startswith(f"warning: {left_out}: not drawn: cannot download")
    words = ("--checkpoint-dir", drawn[0], "--output", "others", "--only", "filters", "mistakes")
    asked_for = run("plot", *words, cwd=tmp_path, env=nowhere)
    assert (asked_for.code, asked_for.out, len(asked_for.err)) == (2, ["others/filters.png"], 1), asked_for
    assert asked_for.err[0].startswith("error: cannot download")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--checkpoint-dir", "nowhere"), "nowhere: no such directory"),
        (("--checkpoint-dir", "empty"), "specify their network with --model"),
        (("--checkpoint-dir", "empty", "--only", "curves"), "has recorded anything"),
        (("--checkpoint-dir", "RUN", "--checkpoint-dir", "RUN"), "given twice"),
        (
            ("--checkpoint-dir", "RUN", "--checkpoint-dir", "empty", "--only", "filters"),
            "can only be drawn for one run",
        ),
        (
            ("--checkpoint-dir", "RUN", "--image", "7.png", "--only", "filters"),
            "--image: only applies to convolution, connections, network, activations",
        ),
        (("--checkpoint-dir", "RUN", "--polarity", "dark-on-light"), "--polarity: only applies to the file"),
        (("--checkpoint-dir", "RUN", "--only", "curves", "pie"), "'pie'"),
        (("--checkpoint-dir", "RUN", "--data-dir", "nowhere"), "nowhere: does not exist"),
        (("--checkpoint-dir", "RUN", "--output", "file"), "file: is a file"),
        (("--checkpoint-dir", "RUN", "--output", "no/folder"), "no directory no; create it first"),
        (("--checkpoint-dir", "RUN", "--image", "missing.png"), "missing.png: cannot be read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_call_is_one_line_and_writes_nothing(
    words: tuple[str, ...], said: str, drawn: Drawn, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("mine")
    before = files_in(tmp_path)
    given = [str(drawn[0]) if word == "RUN" else word for word in words]
    output = () if "--output" in words else ("--output", "pictures")
    ended = run("plot", *given, *output, cwd=tmp_path)
    assert (ended.code, ended.out, len(ended.err)) == (2, [], 1), ended
    assert ended.err[0].startswith("error: ") and said in ended.err[0]
    assert files_in(tmp_path) == before
