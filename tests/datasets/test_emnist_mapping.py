"""EMNIST's file of the characters that its labels stand for."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import idx_bytes, made_images
from hypothesis import given
from hypothesis import strategies as st

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.emnist_mapping import class_names
from lowlevel_cnn.errors import InputError

LETTERS = "".join(f"{label} {64 + label} {96 + label}\n" for label in range(1, 11))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """100 training and 50 test images of ten letters, as EMNIST has them."""
    for split, count in (("train", 100), ("test", 50)):
        images, _ = made_images(count, seed=0)
        labels = np.arange(count, dtype=np.uint8) % 10 + np.uint8(1)
        for kind, array in (("images-idx3", images[..., 0]), ("labels-idx1", labels)):
            (tmp_path / f"emnist-letters-{split}-{kind}-ubyte.gz").write_bytes(gzip.compress(idx_bytes(array)))
    return tmp_path


def test_classes_have_the_names_of_their_characters(folder: Path) -> None:
    (folder / "emnist-letters-mapping.txt").write_text(LETTERS)
    found = datasets.load(str(folder))
    assert found.class_names == ("Aa", "Bb", "Cc", "Dd", "Ee", "Ff", "Gg", "Hh", "Ii", "Jj")
    assert "the classes have their names from emnist-letters-mapping.txt" in found.remarks
    assert not any("keep these names" in remark for remark in found.remarks)


def test_without_the_file_or_with_that_of_another_set_they_are_the_labels(folder: Path) -> None:
    (folder / "emnist-digits-mapping.txt").write_text(LETTERS)
    assert datasets.load(str(folder)).class_names == tuple(str(label) for label in range(1, 11))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LETTERS.replace("4 68 100", "four 68"), "line 4 is 'four 68', expected a label and the numbers of its"),
        (LETTERS.replace("4 68 100", "4"), "line 4 is '4', expected"),
        (LETTERS.replace("4 68 100", "4 7"), "line 4 is '4 7', expected"),
        (LETTERS.replace("4 68 100", "4 1114112"), "line 4 is '4 1114112', expected"),
        (LETTERS.replace("4 68 100", "4" * 5_000 + " 68"), "line 4 is '4444"),
        (LETTERS.replace("4 68 100", "11 68"), "has no line for the label 4; add it, or remove the file"),
        (LETTERS.replace("4 68 100", "4 65 97"), "two labels stand for Aa; correct the line, or remove the file"),
        ("", "has no line for the label 1; add it"),
        (LETTERS + "4 68\n", "line 11 is the second one of the label 4; correct the line, or remove the file"),
        (LETTERS.replace("4 68 100", "4" + " 68" * 9), "line 4 is '4 68 68"),
        ("1 65\n" * 300_000, "is larger than a table of labels"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_in_one_line(content: str, said: str, folder: Path) -> None:
    path = folder / "emnist-letters-mapping.txt"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        datasets.load(str(folder))
    assert str(caught.value).startswith(f"{path}: {said}") and "\n" not in str(caught.value)


@given(content=st.binary(max_size=60) | st.text("0123456789 \n", max_size=60).map(str.encode))
def test_any_bytes_give_names_or_one_line(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("mapping") / "mapping.txt"
    path.write_bytes(content)
    try:
        assert all(name.isprintable() for name in class_names(path, ["1"]))
    except InputError as error:
        assert "\n" not in str(error)
