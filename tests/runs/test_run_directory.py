"""Which directory is meant, and which run it holds: what the commands decide before anything is read or trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs import run_directory
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.runs.run_data import scored_split

LENET = models.get("lenet-5")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (TrainOptions(), "checkpoints/book-lenet"),
        (TrainOptions(model="lenet-5"), "checkpoints/lenet-5"),
        (TrainOptions(model="lenet-5", checkpoint_dir="here"), "here"),
    ],
)
def test_without_a_directory_a_run_is_named_after_its_model(options: TrainOptions, expected: str) -> None:
    assert run_directory.directory_to_train_in(options) == Path(expected)


@pytest.mark.parametrize("given", ["file", "model.ckpt-3", "model.ckpt-3.index", "a[1]", "what?"])
def test_what_is_no_directory_to_train_in_is_refused(given: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "model.ckpt-3.index").touch()
    with pytest.raises(InputError, match=r"file|checkpoint|pattern"):
        run_directory.directory_to_train_in(TrainOptions(checkpoint_dir=str(tmp_path / given)))


@pytest.mark.parametrize("name", ["model.ckpt-3", "model.ckpt-3.index", "model.ckpt-3.data-00000-of-00001"])
def test_a_checkpoint_is_named_as_such_or_by_one_of_its_files(name: str, tmp_path: Path) -> None:
    for ending in ("index", "data-00000-of-00001"):
        (tmp_path / f"model.ckpt-3.{ending}").touch()
    assert run_directory.directory_to_read(str(tmp_path / name), None) == (
        tmp_path,
        Checkpoint(3, tmp_path / "model.ckpt-3"),
    )


def test_the_state_file_stands_for_its_directory(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").touch()
    assert run_directory.directory_to_read(str(tmp_path / "checkpoint"), None) == (tmp_path, None)


def test_a_directory_that_is_still_to_come_can_be_read_but_not_a_checkpoint_that_is_missing_among_others(
    tmp_path: Path,
) -> None:
    assert run_directory.directory_to_read(str(tmp_path / "run"), None) == (tmp_path / "run", None)
    (tmp_path / "model.ckpt-3.index").touch()
    with pytest.raises(InputError, match=r"model\.ckpt-4"):
        run_directory.directory_to_read(str(tmp_path / "model.ckpt-4"), None)


def test_moving_aside_keeps_every_file_and_leaves_an_empty_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "run"
    directory.mkdir()
    assert run_directory.move_aside(directory) == directory and list(tmp_path.iterdir()) == [directory]
    (directory / "run.json").write_text("old")
    assert run_directory.move_aside(directory) == directory
    [aside] = [path for path in tmp_path.iterdir() if path != directory]
    assert (aside / "run.json").read_text() == "old" and list(directory.iterdir()) == []
    assert capsys.readouterr().out == f"Moved {directory} aside to {aside}\n"


def test_the_split_is_validation_unless_the_model_holds_out_no_images() -> None:
    with_validation, without = LENET, replace(LENET, validation_count=0)
    assert scored_split(None, with_validation) == "validation"
    assert scored_split("test", with_validation) == "test"
    assert scored_split(None, without) == scored_split("test", without) == "test"
    with pytest.raises(InputError, match="trains on all training images"):
        scored_split("validation", without)
