"""The notebooks: built from their pages, the same in both languages, and running in a real kernel."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.documents import ROOT
from helpers.kernels import Kernel, kernel
from helpers.made_data import write_cifar10, write_mnist

BUILD = SimpleNamespace(**runpy.run_path(str(ROOT / "notebooks/build.py")))
NAMES = list(BUILD.PAGES)
LANGUAGES = ("", BUILD.TRANSLATED)
STEPS = 12
LARGEST_FILE = 400_000


def cells(name: str, language: str = "", kind: str = "code") -> list[dict[str, Any]]:
    notebook = json.loads(BUILD.target(name, language).read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_notebooks_are_what_their_pages_make_of_them(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPOSITORY", raising=False)
    there = BUILD.target(name, language).read_text(encoding="utf-8")
    assert there == BUILD.built(name, language, BUILD.outputs_shown(name)), "run `python notebooks/build.py`"


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_code_and_show_the_same(name: str) -> None:
    assert BUILD.code(name) == BUILD.code(name, BUILD.TRANSLATED)
    assert [cell["outputs"] for cell in cells(name)] == [cell["outputs"] for cell in cells(name, BUILD.TRANSLATED)]
    assert len(cells(name, kind="markdown")) == len(cells(name, BUILD.TRANSLATED, "markdown"))


@pytest.mark.parametrize("name", NAMES)
def test_every_notebook_shows_what_it_printed_on_real_data_in_a_small_file_without_paths(name: str) -> None:
    text = BUILD.target(name, "").read_text(encoding="utf-8")
    assert any(cell["outputs"] for cell in cells(name))
    assert "not the published" not in text
    assert not re.search(r'"[^"]*(?:/home/|/root/|/tmp/|/work/|C:\\\\)', text)
    assert len(text.encode()) < LARGEST_FILE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_links_of_a_notebook_lead_to_files(name: str, language: str) -> None:
    text = "\n".join("".join(cell["source"]) for cell in cells(name, language, "markdown"))
    targets = re.findall(r"\]\((?![a-z]+:|#)([^)#\s]+)", text)
    assert targets
    assert [each for each in targets if not (ROOT / "notebooks" / each).exists()] == []


def test_with_a_repository_every_notebook_opens_in_colab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPOSITORY", "https://github.com/readers/networks/")
    text = BUILD.built("book", BUILD.TRANSLATED, [[] for _ in BUILD.code("book")])
    assert "(https://colab.research.google.com/github/readers/networks/blob/main/notebooks/book.zh-CN.ipynb)" in text
    assert "%pip install 'lowlevel-cnn[plots] @ git+https://github.com/readers/networks'" in text


@pytest.mark.parametrize("index", ["README.md", "README.zh-CN.md"])
def test_the_index_names_every_notebook(index: str) -> None:
    language = BUILD.TRANSLATED if BUILD.TRANSLATED in index else ""
    linked = set(re.findall(r"\((\w+(?:\.zh-CN)?\.ipynb)\)", (ROOT / "notebooks" / index).read_text(encoding="utf-8")))
    assert linked == {BUILD.target(name, language).name for name in NAMES}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    pytest.importorskip("ipykernel", reason="the extra `notebooks` is not installed")
    folder = tmp_path_factory.mktemp("kernel")
    for name in ("mnist", "fashion-mnist"):
        write_mnist(folder / "data" / name, count_train=600, count_test=120)
    write_cifar10(folder / "data/cifar10", records_per_file=60)
    with kernel(folder, {"LOWLEVEL_CNN_DATA": str(folder / "data"), "STEPS": str(STEPS)}) as started:
        yield started


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_in_a_kernel_and_shows_the_same_kinds_of_things(
    name: str, running: Kernel, tmp_path: Path
) -> None:
    running.begin(tmp_path)
    for code, cell in zip(BUILD.code(name), cells(name), strict=True):
        ran = running.run(code)
        assert ran.error == "", (code, ran.outputs)
        assert kinds(BUILD._kept(ran.outputs)) == kinds(cell["outputs"]), code


def kinds(outputs: list[dict[str, Any]]) -> list[list[str]]:
    return [[each["output_type"], *sorted(each.get("data", ()))] for each in outputs]


def test_a_kernel_that_is_interrupted_while_it_trains_saves_lives_on_and_ends_with_the_same_bits(
    running: Kernel, tmp_path: Path
) -> None:
    running.begin(tmp_path)
    running.run("import lowlevel_cnn as cnn; from dataclasses import replace")
    # The learning rate of `lenet-5` itself depends on the last step.
    running.run('model = replace(cnn.get_model("lenet-5"), learning_rate_schedule="exponential-decay", batch_size=20)')
    running.run('run, other = cnn.Run("interrupted", model), cnn.Run("uninterrupted", model)')

    def interrupt_twice(text: str) -> None:
        if "After 11 training step(s), loss" in text:
            running.interrupt()
            running.interrupt()

    ran = running.run("run.train(100_000, save_every=10, summary_every=0)", interrupt_twice)
    assert ran.error == "KeyboardInterrupt", ran.outputs
    stopped = re.search(r"^Stopped after (\d+) training step", ran.printed, re.MULTILINE)
    assert stopped
    step = int(stopped[1])
    assert running.run("print(run.step)").printed == f"{step}\n"
    assert running.run(f"run.train({step + 5}, summary_every=0)").error == ""
    assert running.run(f"other.train({step + 5}, summary_every=0)").error == ""
    running.run("ours, theirs = (each.weights() for each in (run, other))")
    assert running.run("print(all((ours[name] == theirs[name]).all() for name in theirs))").printed == "True\n"
