"""A folder of pictures: what is read, which are held out, what is passed over, and what is refused with one line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.made_pictures import png_bytes, rows, write_pictures
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.picture_folder import find_pictures
from lowlevel_cnn.datasets.user_settings import cache_folder
from lowlevel_cnn.errors import InputError

BLANK = png_bytes(np.zeros((28, 28, 1), np.uint8))


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(folder))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """60 training and 40 test pictures in ten classes."""
    write_pictures(tmp_path / "pictures" / "train", 60, seed=0)
    write_pictures(tmp_path / "pictures" / "test", 40, seed=1)
    return tmp_path / "pictures"


def training(found: datasets.Dataset) -> list[tuple[bytes, int]]:
    splits = (found.validation, found.train)
    return rows(*(np.concatenate(each) for each in ([s.images for s in splits], [s.labels for s in splits])))


def refused(root: Path) -> str:
    with pytest.raises(InputError) as caught:
        datasets.load(str(root))
    message = str(caught.value)
    assert "\n" not in message and message.startswith(str(root))
    return message


def test_every_picture_is_read_to_the_bit_with_the_number_of_its_folder(root: Path) -> None:
    found = datasets.load(str(root))
    assert found.class_names == tuple("0123456789")
    assert training(found) == rows(*write_pictures(root.parent / "again", 60, seed=0))
    assert rows(found.test.images, found.test.labels) == rows(*write_pictures(root.parent / "again", 40, seed=1))
    assert len(found.validation) == 5


def test_pictures_of_other_sizes_and_colours_are_scaled_to_what_is_asked_for(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", 40, size=28)
    write_pictures(tmp_path / "test", 40, size=40, channels=3)
    found = datasets.load(str(tmp_path), image_shape=(20, 24, 3))
    assert found.train.images.shape[1:] == found.test.images.shape[1:] == (20, 24, 3)
    assert "from 28 x 28 to 40 x 40 pixels are scaled to 20 x 24" in found.remarks[0]


def test_folders_whose_names_are_numbers_are_classes_in_the_order_of_the_numbers(tmp_path: Path) -> None:
    for name in ("10", "9", "100"):
        (tmp_path / name).mkdir()
        for number in range(20):
            (tmp_path / name / f"{number}.png").write_bytes(BLANK)
    assert find_pictures(tmp_path).class_names == ("9", "10", "100")


@pytest.mark.parametrize("names", [("train", "test"), ("training", "testing"), ("Train", "Test")])
def test_both_usual_names_of_the_two_folders_are_known(names: tuple[str, str], root: Path) -> None:
    for old, new in zip(("train", "test"), names, strict=True):
        (root / old).rename(root / f"{new} ")
        (root / f"{new} ").rename(root / new)
    assert [len(each) for each in (find_pictures(root).train, find_pictures(root).test)] == [60, 40]


def test_without_test_pictures_a_tenth_is_held_out_and_adding_pictures_moves_none(tmp_path: Path) -> None:
    write_pictures(tmp_path, 600)
    before = find_pictures(tmp_path)
    assert 30 < len(before.test) < 90
    assert len(before.train) + len(before.test) == 600
    assert "a tenth of the pictures" in before.remarks[0]
    for number in range(100):
        (tmp_path / str(number % 10) / f"new-{number}.png").write_bytes(BLANK)
    after = find_pictures(tmp_path)
    assert {each.path for each in before.train} < {each.path for each in after.train}
    assert {each.path for each in before.test} < {each.path for each in after.test}


def test_the_validation_pictures_are_of_all_classes_and_a_copy_of_the_folder_has_the_same(tmp_path: Path) -> None:
    write_pictures(tmp_path / "a", 600)
    found = datasets.load(str(tmp_path / "a"))
    assert len(set(found.validation.labels.tolist())) == 10
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert datasets.load(str(tmp_path / "b")).checksum == found.checksum


@pytest.mark.parametrize(
    "name", ["two words", "类别", "it's", 'a "quote"', "😀👨‍👩‍👧", "a,b;c", "-x", "[*]", "é", "%s"]
)
def test_classes_and_files_may_have_any_printable_name(name: str, tmp_path: Path) -> None:
    root = tmp_path / name
    for split, count in (("train", 8), ("test", 2)):
        for each in (name, "other"):
            (root / split / each).mkdir(parents=True)
            for number in range(count):
                (root / split / each / f"{name} {number}.png").write_bytes(BLANK)
    found = datasets.load(str(root))
    assert sorted(found.class_names) == sorted((name, "other"))
    assert len(found.remarks) == 1


def test_what_is_no_picture_is_passed_over_and_counted(root: Path) -> None:
    outside = root.parent / "outside"
    write_pictures(outside, 20)
    (root / "README.md").write_text("x")
    (root / "train" / "labels.csv").write_text("x")
    (root / "train" / "0" / "notes.txt").write_text("x")
    (root / "train" / "0" / "deeper").mkdir()
    (root / "train" / "0" / ".DS_Store").write_text("x")
    (root / "train" / "0" / "link.png").symlink_to(outside / "0")
    (root / "train" / "far").symlink_to(outside / "1")
    (root / "train" / "0" / "round.png").symlink_to("round.png")
    os.mkfifo(root / "train" / "0" / "pipe.png")
    within = next((root / "train" / "1").iterdir())
    (root / "train" / "1" / "near.png").symlink_to(within)
    found = find_pictures(root)
    assert (len(found.train), len(found.test), len(found.class_names)) == (61, 40, 10)
    assert sorted(found.remarks) == sorted(
        f"passed over {each}"
        for each in (
            "1: not in the folders train, val and test (README.md)",
            "1: files beside the folders of the classes (train/labels.csv)",
            "1: files without the ending of a picture (train/0/notes.txt)",
            "1: folders within the folder of a class (train/0/deeper)",
            "1: hidden files and folders (train/0/.DS_Store)",
            "2: symbolic links out of the folder (train/0/link.png, train/far)",
            "2: neither files nor folders (train/0/pipe.png, train/0/round.png)",
        )
    )


def remove(path: str) -> Callable[[Path], None]:
    return lambda root: shutil.rmtree(root / path)


def empty(path: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        shutil.rmtree(root / path, ignore_errors=True)
        (root / path).mkdir()

    return change


def write(path: str, content: bytes) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(content)

    return change


def keep_only(label: int) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        for split in ("train", "test"):
            for folder in (root / split).iterdir():
                if folder.name != str(label):
                    shutil.rmtree(folder)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (remove("train"), "has a folder test, but none named train; add it"),
        (empty("train/3"), "train/3: has no pictures; add some, or remove the folder"),
        (empty("test/3"), "test/3: has no pictures"),
        (empty("train"), "train: has no folders of classes"),
        (remove("train/3"), "test: the class 3 is not among those of training"),
        (keep_only(3), "train: has only one class, 3"),
        (write("train/3/cut.png", BLANK[:50]), "train/3/cut.png: is damaged"),
        (write("train/3/empty.png", b""), "train/3/empty.png: is "),
        (write("train/3/text.png", b"text"), "train/3/text.png: is "),
        (write("test/Cat/1.png", BLANK), "test: the class Cat is not among those of training"),
        (write("train/a\nb/1.png", BLANK), "its name has control characters or is not Unicode"),
        (
            write("train/x.webp/1.webp", BLANK),
            "passed over 1: files without the ending of a picture (train/x.webp/1.webp)",
        ),
    ],
)
def test_a_folder_that_cannot_be_right_is_refused_with_its_name(
    change: Callable[[Path], None], said: str, root: Path
) -> None:
    change(root)
    with pytest.raises(InputError) as caught:
        datasets.load(str(root))
    message = str(caught.value)
    assert said in message and message.startswith(str(root))


def test_two_classes_whose_names_differ_only_in_case_or_in_how_an_accent_is_stored_are_refused(root: Path) -> None:
    for first, second in (("Cat", "cat"), ("é", "e\u0301")):
        write(f"train/{first}/1.png", BLANK)(root)
        write(f"train/{second}/1.png", BLANK)(root)
        assert "differ only in case or accents; rename one of them" in refused(root)
        shutil.rmtree(root / "train" / first)
        shutil.rmtree(root / "train" / second)


def test_too_few_pictures_to_hold_some_out_are_refused(tmp_path: Path) -> None:
    for path in ("a/1.png", "a/2.png", "b/0.png", "b/1.png"):
        write(path, BLANK)(tmp_path)
    assert "too few pictures: of 4 none falls into the tenth held out for test" in refused(tmp_path)


def test_a_class_all_of_whose_pictures_are_held_out_is_named(tmp_path: Path) -> None:
    write_pictures(tmp_path, 100)
    held_out = find_pictures(tmp_path).test[0]
    for path in (tmp_path / held_out.class_name).iterdir():
        if path != tmp_path / held_out.path:
            path.unlink()
    assert f"all pictures of the class {held_out.class_name} are held out for test" in refused(tmp_path)


def test_the_second_reading_decodes_nothing_and_a_change_of_a_file_is_seen(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lowlevel_cnn.images import batch_decoding

    first = datasets.load(str(root))
    with monkeypatch.context() as context:
        context.setattr(batch_decoding, "BatchDecoder", None)
        second = datasets.load(str(root))
    assert (second.checksum, second.remarks) == (first.checksum, first.remarks)
    changed = next((root / "train" / "0").iterdir())
    changed.write_bytes(BLANK)
    assert datasets.load(str(root)).checksum != first.checksum
    assert len(list((cache_folder() / "pictures").iterdir())) == 1


def test_each_shape_has_its_own_pixels_in_the_cache(root: Path) -> None:
    for _ in range(2):
        for shape in ((28, 28, 1), (14, 14, 3)):
            assert datasets.load(str(root), image_shape=shape).train.images.shape[1:] == shape
    assert len(list((cache_folder() / "pictures").iterdir())) == 2


def test_nothing_is_written_into_the_users_folder(root: Path) -> None:
    before = sorted(root.rglob("*"))
    datasets.load(str(root))
    assert sorted(root.rglob("*")) == before


def test_without_a_place_for_the_cache_the_pictures_are_read_anew_with_a_warning(
    root: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (cache / "lowlevel-cnn").write_text("a file, where a folder should be")
    assert len(datasets.load(str(root)).test) == 40
    assert "warning: the pictures are read anew each time: " in capsys.readouterr().err


@given(names=st.sets(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_folders_of_any_names_are_classes_or_refused_in_one_line(
    names: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("any")
    for name in names:
        try:
            (root / name).mkdir()
        except (OSError, ValueError):
            continue
        for number in range(5):
            (root / name / f"{number}.png").write_bytes(BLANK)
    try:
        found = find_pictures(root)
    except InputError as error:
        assert str(error).startswith(str(root))
    else:
        assert set(found.class_names) <= names
        assert len(found.train) + len(found.test) == 5 * len(found.class_names)
        assert all(line.isprintable() for line in found.remarks)
