"""A run and data that it was not trained on: scores of it stand apart, and nothing else takes it for the run's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.commands_here import copied, run_here
from helpers.made_data import write_mnist

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.evaluation import best_checkpoint
from lowlevel_cnn.runs import metrics


@pytest.fixture(scope="module")
def other_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As many images as the run's own data has, and others."""
    return write_mnist(tmp_path_factory.mktemp("other"), count_train=600, count_test=620, seed=9)


def evaluated(directory: Path, data: Path, *words: object) -> None:
    assert run_here("eval", "--once", "--data-dir", data, "--checkpoint-dir", directory, *words) == 0


def steps(directory: Path, rows_of: str) -> list[int]:
    return [row.step for row in metrics.read(directory, rows_of, "average")]


def test_scores_of_other_data_stand_apart_and_hide_nothing_of_the_run_s_own(
    trained_here: Path, data: Path, other_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = copied(trained_here, tmp_path / "run", 3)
    capsys.readouterr()
    evaluated(directory, other_data)
    said = [line for line in capsys.readouterr().err.splitlines() if "not the published" not in line]
    assert len(said) == 1 and said[0].startswith("warning: mnist: the images or labels are not the ones that the run")
    assert str(directory / "eval" / "mnist-validation" / "metrics.jsonl") in said[0]
    assert (steps(directory, "validation"), steps(directory, "mnist-validation")) == ([], [3])
    assert best_checkpoint.kept(directory) is None

    evaluated(directory, data)
    assert "not the ones" not in capsys.readouterr().err
    assert (steps(directory, "validation"), steps(directory, "mnist-validation")) == ([3], [3])
    kept = best_checkpoint.kept(directory)
    assert kept is not None and kept["step"] == 3


def test_scores_of_two_other_data_sets_are_not_taken_for_one_another(
    trained_here: Path, other_data: Path, tmp_path: Path
) -> None:
    third = write_mnist(tmp_path / "third", seed=5)
    directory = copied(trained_here, tmp_path / "run", 3)
    for data in (other_data, third, other_data):
        evaluated(directory, data)
    rows = metrics.read(directory, "mnist-validation", "average")
    assert [row.step for row in rows] == [3, 3] and rows[0].data_checksum != rows[1].data_checksum


def test_in_a_directory_of_others_a_score_of_other_data_does_not_count_as_done(
    trained_here: Path, data: Path, other_data: Path, tmp_path: Path
) -> None:
    directory = copied(trained_here, tmp_path / "run", 3)
    (directory / "run.json").unlink()
    for each in (other_data, data, data):
        evaluated(directory, each, "--model", "lenet-5")
    assert steps(directory, "validation") == [3, 3]


def test_a_run_json_without_a_checksum_takes_any_data_for_its_own(
    trained_here: Path, other_data: Path, tmp_path: Path
) -> None:
    directory = copied(trained_here, tmp_path / "run", 3)
    record = json.loads((directory / "run.json").read_text())
    (directory / "run.json").write_text(json.dumps({**record, "data_checksum": ""}))
    evaluated(directory, other_data)
    assert steps(directory, "validation") == [3]
    assert run_here("predict", "--split", "test", "--data-dir", other_data, "--checkpoint-dir", directory) == 0


def test_training_gives_a_run_json_without_a_checksum_that_of_its_data(
    trained_here: Path, data: Path, other_data: Path, tmp_path: Path
) -> None:
    directory = copied(trained_here, tmp_path / "run", 3)
    path = directory / "run.json"
    checksum = json.loads(path.read_text())["data_checksum"]
    path.write_text(path.read_text().replace(checksum, ""))
    assert run_here("train", "--steps", 4, "--data-dir", data, "--checkpoint-dir", directory) == 0
    assert json.loads(path.read_text())["data_checksum"] == checksum
    with pytest.raises(InputError, match="are not the ones that the run was started with"):
        run_here("train", "--steps", 5, "--data-dir", other_data, "--checkpoint-dir", directory)


def test_predict_and_plot_refuse_data_that_is_not_the_run_s_own(
    trained_here: Path, other_data: Path, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    of_run = ("--data-dir", other_data, "--checkpoint-dir", trained_here)
    for words in (
        ("predict", "--split", "test"),
        *(("plot", "--output", tmp_path, "--only", name) for name in ("confusion", "samples", "activations")),
    ):
        with pytest.raises(
            InputError, match=r"are not the ones that the run was started with .* use the run's own data"
        ):
            run_here(*words, *of_run)
    assert not list(tmp_path.iterdir())
