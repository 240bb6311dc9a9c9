"""Whatever is done to the text of a network's file, it is a network or one clear line that names the file."""

from __future__ import annotations

import random
import warnings
from pathlib import Path

import pytest
from helpers.own_networks import SMALL, VECTORS, run_in_this_process
from helpers.torture import Report
from mutations import mutated

from lowlevel_cnn import model_file
from lowlevel_cnn.errors import InputError

TEXTS = (SMALL.encode(), VECTORS.encode())


def changed(text: bytes, draw: random.Random) -> bytes:
    """The text with a line gone, doubled, moved or cut, or some bytes changed."""
    lines = text.splitlines(keepends=True)
    place, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    kind = draw.choice(("gone", "doubled", "moved", "cut", "bytes", "bytes"))
    if kind == "gone":
        del lines[place]
    elif kind == "doubled":
        lines.insert(other, lines[place])
    elif kind == "moved":
        lines[place], lines[other] = lines[other], lines[place]
    elif kind == "cut":
        lines[place] = lines[place][: draw.randrange(len(lines[place]))] + b"\n"
    else:
        return mutated(text, draw)
    return b"".join(lines)


def test_a_mutated_file_is_a_network_or_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool, report: Report
) -> None:
    run_in_this_process(monkeypatch)
    monkeypatch.chdir(tmp_path)
    count = 3000 if full else 50
    refused = 0
    for seed in range(count):
        draw = random.Random(seed)
        Path("net.py").write_bytes(changed(draw.choice(TEXTS), draw))
        with warnings.catch_warnings():
            # Python's own, of what a file's text looks like to it.
            warnings.simplefilter("ignore", SyntaxWarning)
            try:
                model = model_file.load("net.py")
            except InputError as error:
                refused += 1
                said = str(error)
                assert "net.py" in said and len(said.splitlines()) == 1 and len(said) < 600, said
            else:
                assert model.parameters and model.num_labels
    assert count / 3 < refused < count
    report("mutated files of networks", f"{count} files: {refused} refused with one line, the others are networks")
