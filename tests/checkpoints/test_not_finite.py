"""Values that are infinite or not a number: they never pass as results, and what is printed as JSON is JSON."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.commands_here import change_checkpoint, copied, run_here, write_checkpoint
from helpers.processes import files_in, results, tensors

from lowlevel_cnn.checkpoints.restoring import NotFiniteError
from lowlevel_cnn.runs import locking, metrics
from lowlevel_cnn.system import strict_json

AVERAGE = "/ExponentialMovingAverage"
LAST_BIAS, FILTERS, SLOT = "layer7-fc3/bias", "layer1-conv1/weight", "layer7-fc3/bias/Adam"


def strictly(text: str | bytes) -> Any:
    """What a JSON text holds; fails on what only Python takes for JSON."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def poisoned(run: Path, target: Path, *steps: int, name: str = LAST_BIAS + AVERAGE, value: float = math.nan) -> Path:
    """A copy of a run with the checkpoints of these steps, of which the first has one value that is not finite."""
    directory = copied(run, target, *steps)
    change_checkpoint(directory / f"model.ckpt-{steps[0]}", name, 1, value)
    return directory


@pytest.mark.parametrize(
    ("name", "value"), [(LAST_BIAS + AVERAGE, math.nan), (FILTERS + AVERAGE, math.nan), (FILTERS + AVERAGE, -math.inf)]
)
def test_weights_that_are_not_finite_are_refused_and_nothing_is_written(
    name: str, value: float, trained_here: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    directory = poisoned(trained_here, tmp_path / "run", 3, 2, 1, name=name, value=value)
    before = files_in(tmp_path)
    of_run = ("--checkpoint-dir", directory)
    capsys.readouterr()
    for words in (
        ("eval", "--once", "--data-dir", data, *of_run),
        ("eval", "--data-dir", data, *of_run),
        ("predict", "--split", "test", "--data-dir", data, *of_run),
        ("export", "--output", tmp_path / "model", *of_run),
        ("export", "--format", "npz", "--output", tmp_path / "weights.npz", *of_run),
        ("plot", "--only", "filters", "--output", tmp_path / "pictures", *of_run),
    ):
        with pytest.raises(NotFiniteError, match=f"model.ckpt-3: non-finite values in {name}") as raised:
            run_here(*words)
        assert raised.value.exit_code == 1 and "\n" not in str(raised.value)
        assert results(capsys.readouterr().out.splitlines()) == [] and files_in(tmp_path) == before


def test_an_evaluator_scores_what_is_finite_and_ends_with_1_where_the_newest_is_not(
    trained_here: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("eval", "--all", "--timeout-secs", 0.1, "--data-dir", data, "--checkpoint-dir")
    diverged = poisoned(trained_here, tmp_path / "diverged", 3, 2, 1)
    with pytest.raises(NotFiniteError, match=r"model\.ckpt-3"):
        run_here(*words, diverged)
    assert [row.step for row in metrics.read(diverged, "validation", "average")] == [1, 2]

    recovered = poisoned(trained_here, tmp_path / "recovered", 2, 3, 1)
    capsys.readouterr()
    assert run_here(*words, recovered) == 0
    assert [row.step for row in metrics.read(recovered, "validation", "average")] == [1, 3]
    warnings = [line for line in capsys.readouterr().err.splitlines() if "not the published" not in line]
    assert len(warnings) == 1 and "model.ckpt-2: non-finite values" in warnings[0]


def test_weights_so_large_that_the_loss_is_not_finite_give_no_score_and_no_class(
    trained_here: Path, data: Path, tmp_path: Path
) -> None:
    directory = poisoned(trained_here, tmp_path / "run", 3, name=LAST_BIAS + AVERAGE, value=3e38)
    change_checkpoint(directory / "model.ckpt-3", LAST_BIAS + AVERAGE, 2, -3e38)
    with pytest.raises(NotFiniteError, match=r"model.ckpt-3: the loss is (inf|nan)"):
        run_here("eval", "--once", "--data-dir", data, "--checkpoint-dir", directory)
    assert not (directory / "eval").exists() and not (directory / "best").exists()
    weights = {name: value for name, value in tensors(directory / "model.ckpt-3").items() if name.endswith(AVERAGE)}
    write_checkpoint(
        directory / "model.ckpt-3", {name: np.sign(value) * np.float32(1e38) for name, value in weights.items()}
    )
    with pytest.raises(NotFiniteError, match=r"model\.ckpt-3: the prob"):
        run_here("predict", "--split", "test", "--data-dir", data, "--checkpoint-dir", directory)


@pytest.mark.parametrize("name", [FILTERS, LAST_BIAS + AVERAGE, SLOT])
def test_training_does_not_go_on_from_what_is_not_finite(
    name: str, trained_here: Path, data: Path, tmp_path: Path
) -> None:
    directory = poisoned(trained_here, tmp_path / "run", 3, name=name)
    before = {path: content for path, content in files_in(directory).items() if path != locking.LOCK_NAME}
    with pytest.raises(NotFiniteError, match=f"model.ckpt-3: non-finite values in {name}"):
        run_here("train", "--steps", 5, "--data-dir", data, "--checkpoint-dir", directory)
    assert {path: content for path, content in files_in(directory).items() if path != locking.LOCK_NAME} == before


def test_inspect_prints_null_for_what_is_not_finite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prefix = write_checkpoint(
        tmp_path / "some-1", {"a": np.array([1.5, math.nan, math.inf], np.float32), "wide": np.array([-1e308, 1e308])}
    )
    assert run_here("inspect", prefix, "--tensor", "a", "--json") == 0
    assert strictly(capsys.readouterr().out) == {"name": "a", "shape": [3], "values": [1.5, None, None]}
    assert run_here("inspect", prefix, "--json") == 0
    rows = {row["name"]: row for row in strictly(capsys.readouterr().out)["variables"]}
    assert rows["a"]["not_finite"] == 2 and rows["wide"]["stddev"] is None
    assert (
        run_here("inspect", prefix, "--diff", write_checkpoint(tmp_path / "other-1", {"a": np.ones(3)}), "--json") == 0
    )
    strictly(capsys.readouterr().out)


def test_non_finite_values_are_null_in_json_at_any_depth() -> None:
    numbers = [1.5, math.nan, math.inf, -math.inf]
    value = {"list": numbers, "inner": {"pairs": [(math.nan, 1)]}, "text": "NaN", "number": 2**70}
    expected = {"list": [1.5, None, None, None], "inner": {"pairs": [[None, 1]]}, "text": "NaN", "number": 2**70}
    assert strictly(strict_json.dumps(value)) == expected


def test_a_row_with_a_loss_that_is_not_finite_does_not_count_as_a_score(tmp_path: Path) -> None:
    good = metrics.Row(2, "validation", "average", 0.9, 0.2, 50, 0.1, "2026-01-01T00:00:00+00:00")
    path = metrics.path(tmp_path, "validation")
    metrics.append(tmp_path, good)
    metrics.append(tmp_path, metrics.Row(3, "validation", "average", 0.1, math.nan, 50, 0.1, "now"))
    # As evaluators wrote it before.
    with path.open("a") as file:
        file.write(path.read_text().splitlines()[0].replace("0.2,", "NaN,") + "\n")
    assert [strictly(line)["loss"] for line in path.read_bytes().splitlines()[:2]] == [0.2, None]
    assert metrics.read(tmp_path, "validation", "average") == [good]
