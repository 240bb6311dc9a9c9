"""Scripts for `lowlevel-cnn tf1`, run in the process of the tests, whose TensorFlow 2 behaviour stays on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from lowlevel_cnn.tf1 import namespace


def leave_tensorflow_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be switched in this process, and each test begin with names that nobody has looked up."""
    monkeypatch.setattr(namespace, "prepare", lambda: None)
    monkeypatch.setattr(namespace, "ROOT", namespace.Overlay("", *vars(namespace.ROOT)["_overlay_sources"]))


def write(path: Path, *lines: str) -> Path:
    """A file of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def write_notebook(path: Path, *cells: Sequence[str]) -> Path:
    """A notebook of these code cells, given as lines, with a text cell before them."""
    code = [{"cell_type": "code", "source": [f"{line}\n" for line in lines], "outputs": []} for lines in cells]
    text = [{"cell_type": "markdown", "source": "tf.text is no code"}]
    path.write_text(json.dumps({"nbformat": 4, "cells": text + code}), encoding="utf-8")
    return path
