"""A folder of pictures for validation, beside those for training and test."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.made_pictures import rows, write_pictures
from helpers.processes import run

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.picture_folder import find_pictures
from lowlevel_cnn.errors import InputError


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def written(tmp_path: Path) -> dict[str, list[tuple[bytes, int]]]:
    """60 pictures for training, 50 for validation and 40 for test, in ten classes."""
    counts = {"train": 60, "val": 50, "test": 40}
    return {
        name: rows(*write_pictures(tmp_path / name, count, seed)) for seed, (name, count) in enumerate(counts.items())
    }


@pytest.mark.parametrize("name", ["val", "valid", "validation", "Val"])
def test_the_pictures_in_it_are_for_validation_and_no_others(
    name: str, written: dict[str, list[tuple[bytes, int]]], tmp_path: Path
) -> None:
    (tmp_path / "val").rename(tmp_path / "moved")
    (tmp_path / "moved").rename(tmp_path / name)
    found = datasets.load(str(tmp_path))
    assert [rows(each.images, each.labels) for each in (found.train, found.validation, found.test)] == list(
        written.values()
    )
    assert not any("passed over" in line for line in found.remarks)


def test_a_model_that_wants_fewer_images_for_validation_trains_on_none_of_the_others(
    written: dict[str, list[tuple[bytes, int]]], tmp_path: Path
) -> None:
    whole = datasets.load(str(tmp_path))
    for count in (0, 10):
        for found in (datasets.load(str(tmp_path), validation_count=count), whole.holding_out(count)):
            assert rows(found.train.images, found.train.labels) == written["train"]
            assert len(found.validation) == count
            assert np.array_equal(found.validation.images, whole.validation.images[:count])
    too_many = f"51 validation images: {tmp_path} has only 50"
    with pytest.raises(InputError, match=too_many):
        datasets.load(str(tmp_path), validation_count=51)
    with pytest.raises(InputError, match=too_many):
        whole.holding_out(51)


def test_without_test_pictures_a_tenth_of_those_for_training_is_held_out(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", 600)
    write_pictures(tmp_path / "val", 50, seed=1)
    found = find_pictures(tmp_path)
    assert len(found.validation) == 50 and 30 < len(found.test) < 90
    assert {each.path.split("/")[0] for each in found.test} == {"train"}


def test_a_class_may_be_named_valid(tmp_path: Path) -> None:
    write_pictures(tmp_path / "digits", 600)
    (tmp_path / "documents").mkdir()
    for old, new in (("0", "valid"), ("1", "invalid")):
        (tmp_path / "digits" / old).rename(tmp_path / "documents" / new)
    assert find_pictures(tmp_path / "documents").class_names == ("invalid", "valid")


def test_a_class_that_training_lacks_and_two_such_folders_are_refused(
    written: dict[str, list[tuple[bytes, int]]], tmp_path: Path
) -> None:
    (tmp_path / "train/3").rename(tmp_path / "train/other")
    (tmp_path / "test/3").rename(tmp_path / "test/other")
    with pytest.raises(InputError, match=f"{tmp_path}/val: the class 3 is not among those of training; add it to tra"):
        datasets.load(str(tmp_path))
    (tmp_path / "validation").mkdir()
    with pytest.raises(InputError, match=f"{tmp_path}: has both val and validation; keep one of them"):
        datasets.load(str(tmp_path))


def test_the_first_training_images_are_drawn_without_it(
    written: dict[str, list[tuple[bytes, int]]], tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib", reason="the pictures are drawn by matplotlib, which the extra `plots` installs")
    from lowlevel_cnn.plots import drawing, samples

    found = datasets.load(str(tmp_path))
    with drawing.style(["DejaVu Sans"]):
        figure = samples.draw_first(found)
    assert str(figure.get_suptitle()).endswith("the first 20 of 60 training images")
    [shown] = figure.axes[0].images
    np.testing.assert_allclose(np.asarray(shown.get_array()) * 255, found.train.images[0, ..., 0], atol=1e-3)


def test_a_run_is_scored_on_it(written: dict[str, list[tuple[bytes, int]]], tmp_path: Path) -> None:
    assert "60 training, 50 validation, 40 test images" in run("data", ".", cwd=tmp_path).out[0]
    words = ("--dataset", ".", "--model", "lenet-5", "--steps", "2", "--batch-size", "20")
    assert run("train", *words, "--checkpoint-dir", "run", cwd=tmp_path).code == 0
    assert run("eval", "--checkpoint-dir", "run", "--once", cwd=tmp_path).code == 0
    [scored] = (tmp_path / "run/eval/validation/metrics.jsonl").read_text().splitlines()
    assert json.loads(scored)["images"] == 50
