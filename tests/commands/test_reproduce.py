"""`reproduce` without its hours of training: what is refused at once, what a failure says, how Ctrl-C ends it."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import files_in

from lowlevel_cnn import models
from lowlevel_cnn.__main__ import main
from lowlevel_cnn.commands.results_table import Result
from lowlevel_cnn.runs import metrics, run_record
from lowlevel_cnn.runs.metrics import Row

STEPS = 20
ROW = asdict(Result("lenet-5", 0, STEPS, 0.99, 0.98, None, {}, {}, ""))

Evaluates = Callable[[Path, str], None]


def trains(directory: Path) -> None:
    """What a training leaves, as far as `reproduce` looks."""
    directory.mkdir(parents=True, exist_ok=True)
    run_record.RunRecord("lenet-5", "mnist", 0, run_record.hyper_parameters(models.get("lenet-5"))).write(directory)
    (directory / f"model.ckpt-{STEPS}.index").touch()


def evaluates(directory: Path, weights: str) -> None:
    """The row that an evaluation leaves."""
    metrics.append(directory, Row(STEPS, "test", weights, 0.9, 0.1, 620, 1.0, metrics.now()))


@pytest.fixture
def in_a_moment(monkeypatch: pytest.MonkeyPatch) -> Callable[[Evaluates], list[str]]:
    """Puts functions in the place of the processes; the list has the commands that were run."""

    def replace(evaluate: Evaluates) -> list[str]:
        commands: list[str] = []

        class Process:
            def __init__(self, words: list[str], **settings: Any) -> None:
                command, *arguments = words[3:]
                commands.append(command)
                directory = Path(arguments[arguments.index("--checkpoint-dir") + 1])
                if command == "train":
                    trains(directory)
                else:
                    evaluate(directory, arguments[arguments.index("--weights") + 1])

            def wait(self) -> int:
                return 0

        monkeypatch.setattr("subprocess.Popen", Process)
        return commands

    return replace


@pytest.fixture
def words(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    return ["reproduce", "--model", "lenet-5", "--data-dir", str(data), "--seeds", "0"]


def test_each_run_gets_its_row_and_the_table_is_made_of_them_and_nothing_runs_twice(
    words: list[str],
    in_a_moment: Callable[[Evaluates], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands = in_a_moment(evaluates)
    assert main([*words, "1"]) == 0
    assert commands == ["train", "eval", "eval"] * 2
    rows, table = ((tmp_path / name).read_text() for name in ("results.jsonl", "results.md"))
    assert rows.count('"model": "lenet-5"') == 2
    assert all(f"| `lenet-5` | {seed} | 20 | 90.00% | 90.00% |" in table for seed in (0, 1))
    assert re.search(r"\| `lenet-5` \| mnist \| 99\.20% \| 90\.00% \| .* \| 2 \|", table)
    capsys.readouterr()
    assert main([*words, "1"]) == 0
    assert capsys.readouterr().out.count("already in") == 2
    assert len(commands) == 6
    assert [(tmp_path / name).read_text() for name in ("results.jsonl", "results.md")] == [rows, table]


def test_the_page_in_chinese_beside_the_table_gets_the_same_rows_below_its_own_text(
    words: list[str], in_a_moment: Callable[[Evaluates], list[str]], tmp_path: Path
) -> None:
    in_a_moment(evaluates)
    (tmp_path / "results.zh-CN.md").write_text("# 结果\n\n说明。\n", encoding="utf-8")
    assert main(words) == 0
    english, chinese = ((tmp_path / name).read_text(encoding="utf-8") for name in ("results.md", "results.zh-CN.md"))
    assert chinese.startswith("# 结果\n\n说明。\n")
    assert "## 每一次训练" in chinese
    assert [cells(line) for line in chinese.splitlines() if "| `" in line] == [
        cells(line) for line in english.splitlines() if "| `" in line
    ]


def cells(row: str) -> list[str]:
    return [cell for cell in row.split(" | ") if cell.isascii() and cell != "not run yet"]


def test_ctrl_c_between_two_processes_ends_reproduce(
    words: list[str], in_a_moment: Callable[[Evaluates], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = in_a_moment(evaluates)
    read = run_record.read

    def interrupted(directory: Path) -> run_record.RunRecord | None:
        if commands:
            signal.raise_signal(signal.SIGINT)
        return read(directory)

    monkeypatch.setattr(run_record, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        main(words)


def test_a_run_whose_score_could_not_be_written_is_one_line_and_gets_no_older_score(
    words: list[str],
    in_a_moment: Callable[[Evaluates], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def writes_an_older_one(directory: Path, weights: str) -> None:
        metrics.append(directory, Row(STEPS - 1, "test", weights, 0.1, 2.3, 620, 1.0, metrics.now()))

    for evaluate in (lambda directory, weights: None, writes_an_older_one):
        in_a_moment(evaluate)
        assert main(words) == 1
        (line,) = capsys.readouterr().err.splitlines()
        path = Path("checkpoints/reproduce/lenet-5-seed-0/eval/test/metrics.jsonl")
        assert line.startswith(f"error: {path}: has no row for step 20 with average weights")
    assert not (tmp_path / "results.jsonl").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (json.dumps({**ROW, "model": "no-such-model"}), "there is no model 'no-such-model'"),
        (json.dumps({**ROW, "seed": "0"}), "seed is '0'"),
        (json.dumps({**ROW, "accuracy_average": None}), "accuracy_average is None"),
        (json.dumps({**ROW, "more": 1}), "more"),
        ("[" * 100_000, "recursion"),
        (b'{"model": "\xff"}', "decode"),
    ],
    ids=["unknown model", "text for a number", "nothing for a number", "another field", "nested", "not text"],
)
def test_rows_that_no_table_can_be_made_of_are_refused_before_anything_is_trained(
    line: str | bytes,
    said: str,
    words: list[str],
    in_a_moment: Callable[[Evaluates], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands = in_a_moment(evaluates)
    (tmp_path / "results.jsonl").write_bytes(line if isinstance(line, bytes) else line.encode())
    assert main([*words, "--seeds", "1"]) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith("error: --rows results.jsonl: line 1 ") and said in error
    assert commands == []


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--table", ""), "--table"),
        (("--rows", ""), "--rows"),
        (("--runs-dir", ""), "--runs-dir"),
        (("--table", "folder"), "--table folder: is a directory"),
        (("--rows", "folder"), "--rows folder: is a directory"),
        (("--table", "latin.md/table.md"), "--table latin.md/table.md: cannot be written"),
        (("--table", "latin.md"), "--table latin.md: is not UTF-8 text"),
        (("--table", "./results.jsonl"), "--table results.jsonl: is the same file as --rows"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_table_that_could_not_be_written_in_the_end_is_refused_before_anything_is_trained(
    flags: tuple[str, ...],
    said: str,
    words: list[str],
    in_a_moment: Callable[[Evaluates], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands = in_a_moment(evaluates)
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.md").write_bytes("Übersicht".encode("latin-1"))
    before = files_in(tmp_path)
    assert main([*words, *flags]) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith("error: ") and said in error
    assert (commands, files_in(tmp_path)) == ([], before)
