"""A reader's own IDX files and `.npz` archives: any number of classes and any size, and one clear line if broken."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.made_data import IDX_FILES, idx_bytes, made_images, write_mnist
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn import datasets
from lowlevel_cnn.errors import InputError

TRAIN, TRAIN_LABELS = made_images(240, seed=0)
TEST, TEST_LABELS = made_images(40, seed=1)
ARRAYS: Mapping[str, np.ndarray] = {
    "x_train": TRAIN[..., 0],
    "y_train": TRAIN_LABELS,
    "x_test": TEST[..., 0],
    "y_test": TEST_LABELS,
}


def write_set(folder: Path, prefix: str = "", test: str = "test", shift: int = 0) -> Path:
    """Writes four IDX files, with a prefix and labels from `shift`."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, images, labels in (("train", TRAIN, TRAIN_LABELS), (test, TEST, TEST_LABELS)):
        (folder / f"{prefix}{split}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx_bytes(images[..., 0])))
        labels_file = folder / f"{prefix}{split}-labels-idx1-ubyte"
        labels_file.write_bytes(idx_bytes(labels + np.uint8(shift)))
    return folder


def write_npz(path: Path, **changed: Any) -> str:
    with path.open("wb") as file:
        np.savez(file, **{**ARRAYS, **changed})
    return str(path)


def all_training(found: datasets.Dataset) -> np.ndarray:
    return np.concatenate([found.validation.images, found.train.images])


def refused(path: object) -> str:
    with pytest.raises(InputError) as caught:
        datasets.load(str(path))
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mnist", False),
        ("no-such", False),
        ("", False),
        ("./mnist", True),
        ("a.NPZ", True),
        ("here", True),
        ("~/a", True),
    ],
)
def test_a_path_has_a_separator_or_ends_in_npz_or_exists(
    name: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "mnist").mkdir()
    assert datasets.is_path(name) == expected


def test_a_folder_of_mnists_files_gives_what_its_name_gives(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    own, named = datasets.load(str(tmp_path)), datasets.load("mnist", str(tmp_path))
    assert own.checksum == named.checksum
    assert (own.class_names, own.idx_files) == (named.class_names, named.idx_files)
    assert [len(own.train), len(own.validation), len(own.test)] == [550, 50, 120]


def test_images_of_another_size_and_300_classes_are_read(tmp_path: Path) -> None:
    labels = np.arange(600, dtype=np.uint16) % 300
    images = np.arange(600 * 6, dtype=np.uint8).reshape(600, 2, 3, 1).repeat(3, axis=3)
    found = datasets.load(write_npz(tmp_path / "a.npz", x_train=images, y_train=labels, x_test=images, y_test=labels))
    assert (len(found.class_names), found.class_names[299]) == (300, "299")
    assert found.train.images.shape[1:] == (2, 3, 3)
    np.testing.assert_array_equal(np.concatenate([found.validation.labels, found.train.labels]), labels)


def test_emnists_pictures_are_turned_upright_and_labels_from_1_keep_their_names(tmp_path: Path) -> None:
    found = datasets.load(str(write_set(tmp_path / "gzip", "emnist-letters-", shift=1).parent))
    np.testing.assert_array_equal(all_training(found), TRAIN.swapaxes(1, 2))
    np.testing.assert_array_equal(found.test.images, TEST.swapaxes(1, 2))
    assert found.class_names == tuple(str(each) for each in range(1, 11))
    np.testing.assert_array_equal(found.test.labels, TEST_LABELS)
    assert any("turned upright" in each for each in found.remarks)
    assert any("1 to 10" in each for each in found.remarks)


def test_several_sets_in_a_folder_are_listed_and_one_is_chosen_by_the_beginning_of_its_names(tmp_path: Path) -> None:
    for name in ("emnist-letters", "emnist-digits", "kmnist"):
        write_set(tmp_path, f"{name}-", test="t10k" if name == "kmnist" else "test")
    message = refused(tmp_path)
    assert "emnist-digits, emnist-letters, kmnist" in message
    assert f"choose one, such as {tmp_path / 'emnist-digits'}" in message
    np.testing.assert_array_equal(all_training(datasets.load(str(tmp_path / "kmnist"))), TRAIN)
    assert "does not exist" in refused(tmp_path / "emnist")


def test_qmnists_rows_of_integers_are_labels(tmp_path: Path) -> None:
    write_set(tmp_path, "qmnist-")
    for split, labels in (("train", TRAIN_LABELS), ("test", TEST_LABELS)):
        (tmp_path / f"qmnist-{split}-labels-idx1-ubyte").unlink()
        rows = np.stack([labels, *[np.arange(len(labels)) + 1000] * 7], axis=1).astype(">i4")
        content = struct.pack(">3I", 0x0C02, *rows.shape) + rows.tobytes()
        (tmp_path / f"qmnist-{split}-labels-idx2-int.gz").write_bytes(gzip.compress(content))
    found = datasets.load(str(tmp_path))
    assert found.class_names == tuple("0123456789")
    np.testing.assert_array_equal(found.test.labels, TEST_LABELS)


@pytest.mark.parametrize("kind", [0, 1])
def test_a_missing_file_of_the_four_is_named(kind: int, tmp_path: Path) -> None:
    write_mnist(tmp_path)
    name = IDX_FILES["test"][kind]
    (tmp_path / f"{name}.gz").unlink()
    assert f"lacks {name.replace('t10k', 'test')}" in refused(tmp_path)
    with pytest.raises(InputError, match="lacks"):
        datasets.check(str(tmp_path), None)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("train-images-idx3-ubyte.gz", b"\x1f\x8b no gzip", "cannot be decompressed"),
        ("train-images-idx3-ubyte.gz", idx_bytes(TRAIN[..., 0])[:-1], "is truncated"),
        ("train-images-idx3-ubyte.gz", idx_bytes(TRAIN[..., 0]) + b"1", "has extra bytes"),
        ("train-images-idx3-ubyte.gz", idx_bytes(TRAIN[:9, ..., 0]), "240 labels for 9 images"),
        ("train-images-idx3-ubyte.gz", struct.pack(">4I", 0x0803, 2**31, 999, 999), "empty or too large"),
        ("train-images-idx3-ubyte.gz", struct.pack(">4I", 0x0803, 60_000, 28, 28), "is truncated"),
        ("train-images-idx3-ubyte.gz", idx_bytes(TRAIN_LABELS), "expected uint8 images"),
        ("test-images-idx3-ubyte.gz", idx_bytes(TEST[:, :5, :, 0]), "(5, 28, 1), but those in train-images"),
        ("train-labels-idx1-ubyte", idx_bytes(TRAIN[..., 0]), "expected labels"),
        ("train-labels-idx1-ubyte", b"PK\3\4", "its magic number is 0x504b0304"),
        ("train-labels-idx1-ubyte", idx_bytes(np.zeros(240, np.uint8)), "all labels are 0"),
        ("test-labels-idx1-ubyte", idx_bytes(TEST_LABELS + np.uint8(90)), "is not among those of the training images"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(file: str, content: bytes, said: str, tmp_path: Path) -> None:
    write_set(tmp_path)
    (tmp_path / file).write_bytes(content)
    message = refused(tmp_path)
    assert said in message and file in message


def test_an_archive_in_kerass_layout_is_read_with_labels_in_a_column_and_of_any_integer_type(tmp_path: Path) -> None:
    column = TRAIN_LABELS[:, np.newaxis].astype(np.int64)
    found = datasets.load(write_npz(tmp_path / "a.npz", y_train=column))
    np.testing.assert_array_equal(all_training(found), TRAIN)
    np.testing.assert_array_equal(np.concatenate([found.validation.labels, found.train.labels]), TRAIN_LABELS)
    assert found.train.labels.dtype == np.uint8 and found.remarks == ()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_floats_from_0_to_1_become_the_pixels_that_they_were(dtype: type, order: Any, tmp_path: Path) -> None:
    floats: np.ndarray = np.asarray(TRAIN[..., 0] / 255, dtype, order)
    found = datasets.load(write_npz(tmp_path / "a.npz", x_train=floats))
    np.testing.assert_array_equal(all_training(found), TRAIN)
    assert "multiplied by 255" in found.remarks[0]


def test_labels_that_are_grouped_by_class_are_shuffled_before_any_are_held_out(tmp_path: Path) -> None:
    order = np.argsort(TRAIN_LABELS)
    found = datasets.load(write_npz(tmp_path / "a.npz", x_train=TRAIN[order, ..., 0], y_train=TRAIN_LABELS[order]))
    assert len(set(found.validation.labels.tolist())) > 5
    assert "grouped by class" in found.remarks[0]
    pairs = sorted(
        zip(
            [each.tobytes() for each in all_training(found)],
            [*found.validation.labels, *found.train.labels],
            strict=True,
        )
    )
    assert pairs == sorted(zip([each.tobytes() for each in TRAIN], TRAIN_LABELS, strict=True))


def test_labels_with_gaps_are_numbered_and_keep_their_names(tmp_path: Path) -> None:
    names = np.array([-1, 3, 7])
    found = datasets.load(write_npz(tmp_path / "a.npz", y_train=names[TRAIN_LABELS % 3], y_test=names[TEST_LABELS % 3]))
    assert found.class_names == ("-1", "3", "7")
    np.testing.assert_array_equal(found.test.labels, TEST_LABELS % 3)


class Unpickled:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("unpickled",)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"x_train": TRAIN.reshape(240, 784)}, "x_train is uint8 of shape (240, 784)"),
        ({"x_train": TRAIN.transpose(0, 3, 1, 2)}, "expected numbers of shape (count, height, width)"),
        ({"x_train": TRAIN[..., 0] / 16.0}, "expected 0 to 1; divide them by 255"),
        ({"x_train": np.where(TRAIN[..., 0] > 0, np.nan, 0)}, "values from nan"),
        ({"x_train": TRAIN[..., 0].astype(int) - 300}, "expected 0 to 255"),
        ({"x_train": TRAIN[:9, ..., 0]}, "240 labels for 9 images in x_train"),
        ({"x_train": TRAIN[:0, ..., 0], "y_train": TRAIN_LABELS[:0]}, "is empty or too large"),
        ({"x_test": TEST[:, :9]}, "x_test has images of shape (9, 28, 1), but x_train of (28, 28, 1)"),
        ({"y_train": np.eye(10)[TRAIN_LABELS]}, "y_train is float64 of shape (240, 10), expected integers"),
        ({"y_train": TRAIN_LABELS.astype(str)}, "y_train is <U"),
        ({"y_train": np.array([Unpickled()] * 240, object)}, "y_train is object"),
        ({"y_train": TRAIN_LABELS[:1].repeat(240)}, "at least two classes are needed"),
        ({"y_test": TEST_LABELS.astype(int) + 5}, "is not among those of the training images"),
    ],
)
def test_another_array_is_refused_by_its_name(
    changed: dict[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_npz(tmp_path / "a.npz", **changed)
    message = refused(path)
    assert said in message and message.startswith(path)
    assert "unpickled" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", pickle.dumps(dict(ARRAYS)), gzip.compress(b"x")],
    ids=["empty", "half", "pickle", "gzip"],
)
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    assert "not an .npz archive, or damaged" in refused(tmp_path / "a.npz")


def test_an_archive_without_test_images_says_which_array_it_lacks(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=ARRAYS["x_train"], y_train=TRAIN_LABELS)
    assert "lacks y_test; it should contain x_train, y_train, x_test, y_test" in refused(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone/", "does not exist"),
        ("gone.npz", "does not exist"),
        ("there.zip", "is neither a folder nor an .npz archive; unpack or convert it"),
        ("empty/", "has neither IDX files nor folders of pictures"),
        ("a\0b/", "cannot be accessed"),
        (f"{'x' * 300}/", "cannot be accessed"),
    ],
)
def test_a_path_to_nothing_is_refused_before_anything_is_read(
    name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.zip").write_bytes(b"PK")
    (tmp_path / "empty").mkdir()
    for function in (lambda: datasets.check(name, None), lambda: datasets.load(name)):
        with pytest.raises(InputError) as caught:
            function()
        assert said in str(caught.value)


@pytest.mark.parametrize("given", [{"data_dir": "."}, {"mirror": "http://127.0.0.1/"}])
def test_the_flags_of_named_data_do_not_apply_to_a_path(given: dict[str, Any], tmp_path: Path) -> None:
    write_set(tmp_path)
    with pytest.raises(InputError, match="does not apply to"):
        datasets.load(str(tmp_path), **given)


@given(count=st.integers(1, 250))
@settings(max_examples=15, deadline=None)
def test_the_size_of_the_validation_split_does_not_change_the_checksum(
    count: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write_npz(tmp_path_factory.mktemp("any") / "a.npz")
    if count >= 240:
        with pytest.raises(InputError, match="leaves none to train on"):
            datasets.load(path, validation_count=count)
        return
    try:
        found = datasets.load(path, validation_count=count)
    except InputError as error:
        assert "held out for validation" in str(error)
        assert len(set(TRAIN_LABELS[count:].tolist())) < 10
    else:
        assert (len(found.validation), len(found.train)) == (count, 240 - count)
        assert found.checksum == datasets.load(path).checksum


@given(
    shape=st.tuples(st.integers(2, 6), st.integers(1, 9), st.integers(1, 9), st.sampled_from((1, 3))),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_arrays_of_any_shape_come_back_as_they_were_saved(
    shape: tuple[int, int, int, int], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (4 * shape[0], *shape[1:]), dtype=np.uint8)
    labels = np.arange(4 * shape[0]) % 2
    path = tmp_path_factory.mktemp("any") / "a.npz"
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x_train=images, y_train=labels, x_test=images, y_test=labels)
    path.write_bytes(buffer.getvalue())
    found = datasets.load(str(path), validation_count=1)
    np.testing.assert_array_equal(all_training(found), images)
    np.testing.assert_array_equal(found.test.images, images)
