"""The command that serves the page: what it refuses before it serves anything."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from helpers.commands_here import run_here

from lowlevel_cnn.errors import InputError


def refused(*words: object) -> str:
    with pytest.raises(InputError) as error:
        run_here("draw", *words)
    return str(error.value)


def test_a_port_in_use_is_named_in_one_line(digit_run: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("--checkpoint-dir", digit_run, "--port", port)
    assert said.startswith(f"--port {port}: cannot listen there (")
    assert said.endswith("choose another")
    assert "\n" not in said


def test_without_flask_a_line_names_what_to_install(digit_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flask", None)
    said = refused("--checkpoint-dir", digit_run)
    assert said == "draw needs Flask; install it with: pip install 'lowlevel_cnn[draw]'"


def test_what_is_wrong_is_said_before_anything_is_served(digit_run: Path, tmp_path: Path) -> None:
    a_file = tmp_path / "file"
    a_file.touch()
    run = ("--checkpoint-dir", digit_run)
    assert "no such directory" in refused("--checkpoint-dir", tmp_path / "missing")
    assert "no such directory" in refused(*run, "--compare", tmp_path / "missing")
    assert "--model" in refused("--checkpoint-dir", tmp_path)
    assert "uses book-lenet-fast" in refused(*run, "--model", "lenet-5")
    assert refused(*run, "--collect", a_file) == f"--collect {a_file}: is a file; give a folder"
    assert "--port 70000" in refused(*run, "--port", 70000)
    assert refused(*run, "--host", "no.such.host.invalid").startswith(
        "--host no.such.host.invalid: cannot listen there"
    )
