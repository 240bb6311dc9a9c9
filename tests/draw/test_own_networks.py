"""The page of a network from a reader's own file, trained on the reader's own pictures."""

from __future__ import annotations

import http.client
import json
from pathlib import Path

import pytest
from helpers.made_pictures import write_pictures
from helpers.own_networks import write_layers
from helpers.processes import Started, run

pytest.importorskip("flask", reason="the page is served by Flask, which the extra `draw` installs")

NAME = "my net.py"


def test_a_network_of_a_file_trained_on_a_folder_of_pictures_is_looked_into(tmp_path: Path) -> None:
    write_layers(tmp_path, NAME)
    write_pictures(tmp_path / "pictures/train", 80, prefix="sign ")
    test_images, _ = write_pictures(tmp_path / "pictures/test", 60, seed=1, prefix="sign ")
    words = ("--model", NAME, "--checkpoint-dir", "run")
    training = ("--dataset", "pictures", "--batch-size", 20, "--steps", 2)
    ended = run("train", *words, *training, cwd=tmp_path)
    assert ended.code == 0, ended
    before = len(list((tmp_path / "pictures/train/sign 7").iterdir()))
    serving = Started("draw", *words, "--port", 0, "--collect", "pictures", cwd=tmp_path)
    try:
        serving.wait_for("http://127.0.0.1:")
        connection = http.client.HTTPConnection(serving.last_lines()[0].removeprefix("http://").rstrip("/"))

        def ask(question: str, body: bytes | None = None) -> bytes:
            connection.request("POST" if body else "GET", f"/api/{question}", body)
            response = connection.getresponse()
            answer = response.read()
            assert response.status == 200, answer
            return answer

        described = json.loads(ask("runs"))
        assert described["classes"] == [f"sign {label}" for label in range(10)]
        assert described["steps"] == [[1, 2]]
        assert b'"label"' in ask("sample?number=3")
        # A drawing is prepared as the pictures of the folder were: one of their size keeps its pixels.
        picture = test_images[3].tobytes()
        drawn = ask("look?width=28&height=28&form=drawing", picture)
        sample = ask("look?width=28&height=28&form=sample", picture)
        assert drawn == sample
        assert b"conv2d" in drawn
        ask("collect?width=28&height=28&label=7", picture)
    finally:
        serving.kill_all()
    assert len(list((tmp_path / "pictures/train/sign 7").iterdir())) == before + 1
