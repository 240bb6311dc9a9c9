"""Data sets as people have them: unpacked by other programs, kept by other libraries, in forms that are not read."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.documents import ROOT
from helpers.made_data import IDX_FILES, made_images, write_cifar10, write_mnist

from lowlevel_cnn import datasets
from lowlevel_cnn.errors import InputError

NAMES = ("mnist", "fashion-mnist")
RAW = {"mnist": "MNIST/raw", "fashion-mnist": "FashionMNIST/raw"}


@pytest.fixture(autouse=True)
def no_user_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOWLEVEL_CNN_DATA", raising=False)
    monkeypatch.setenv("LOWLEVEL_CNN_MIRROR", "http://127.0.0.1:1/")
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def checksum(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the made-up images as they are read from the four files."""
    return loaded("mnist", write_mnist(tmp_path_factory.mktemp("files"))).checksum


def loaded(name: str, folder: Path) -> datasets.Dataset:
    return datasets.load(name, str(folder))


def arrays() -> dict[str, Any]:
    """The arrays of Keras's archive, with the images of `write_mnist`."""
    found: dict[str, Any] = {}
    for seed, (split, count) in enumerate((("train", 600), ("test", 120))):
        images, labels = made_images(count, seed=seed)
        found |= {f"x_{split}": images[..., 0], f"y_{split}": labels}
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("has_dotted_files", [True, False])
def test_folders_named_like_the_files_do_not_hide_the_files(
    name: str, has_dotted_files: bool, tmp_path: Path, checksum: str
) -> None:
    write_mnist(tmp_path)
    for path in list(tmp_path.iterdir()):
        content = gzip.decompress(path.read_bytes())
        path.unlink()
        (tmp_path / path.stem).mkdir()
        (tmp_path / path.stem / path.stem).write_bytes(content)
        if has_dotted_files:
            (tmp_path / path.stem.replace("-idx", ".idx")).write_bytes(content)
    assert loaded(name, tmp_path).checksum == checksum


@pytest.mark.parametrize("name", NAMES)
def test_the_files_are_found_where_torchvision_keeps_them(name: str, tmp_path: Path) -> None:
    sums = {each: loaded(each, write_mnist(tmp_path / RAW[each], seed=seed)).checksum for seed, each in enumerate(RAW)}
    assert len(set(sums.values())) == 2
    # The root that torchvision was given, and its folder of one data set.
    assert loaded(name, tmp_path).checksum == sums[name]
    assert loaded(name, tmp_path / Path(RAW[name]).parent).checksum == sums[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_the_archive_that_keras_keeps_is_read_as_the_files_are(
    name: str, save: Any, tmp_path: Path, checksum: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / f"{name}.npz", **arrays())
    capsys.readouterr()
    data = loaded(name, tmp_path)
    assert data.checksum == checksum
    assert [len(split) for split in (data.train, data.validation, data.test)] == [550, 50, 120]
    assert f"{name}.npz: x_train" in capsys.readouterr().err
    other = NAMES[1 - NAMES.index(name)]
    with pytest.raises(InputError, match="contains train-images"):
        loaded(other, tmp_path)


def test_an_archive_with_arrays_in_fortran_order_is_read_correctly(tmp_path: Path, checksum: str) -> None:
    fortran: dict[str, Any] = {name: np.asfortranarray(array) for name, array in arrays().items()}
    np.savez(tmp_path / "mnist.npz", **fortran)
    assert loaded("mnist", tmp_path).checksum == checksum


def test_complete_files_take_precedence_over_an_archive_and_an_archive_over_incomplete_files(tmp_path: Path) -> None:
    write_mnist(tmp_path, seed=1)
    of_files = loaded("mnist", tmp_path).checksum
    np.savez(tmp_path / "mnist.npz", **arrays())
    assert loaded("mnist", tmp_path).checksum == of_files
    (tmp_path / f"{IDX_FILES['train'][0]}.gz").unlink()
    assert loaded("mnist", tmp_path).checksum != of_files


def test_nothing_is_downloaded_where_the_archive_is(tmp_path: Path) -> None:
    cache = datasets.folder("mnist")
    cache.mkdir(parents=True)
    np.savez(cache / "mnist.npz", **arrays())
    assert len(datasets.load("mnist").train) == 550
    assert [path.name for path in cache.iterdir()] == ["mnist.npz"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x_train": None}, "lacks x_train"),
        ({"x_train": np.zeros((600, 28, 28), np.float32)}, "x_train is float32 of shape (600, 28, 28), expected uint8"),
        ({"x_test": np.zeros((120, 784), np.uint8)}, "x_test is uint8 of shape (120, 784), expected uint8"),
        ({"y_train": np.zeros(600, np.int64)}, "y_train is int64"),
        ({"y_train": np.zeros(599, np.uint8)}, "mnist.npz: y_train: 599 labels for 600 images"),
        ({"y_test": np.full(120, 10, np.uint8)}, "mnist.npz: y_test: label 10 at index 0"),
        ({"y_test": np.zeros(0, np.uint8)}, "y_test is uint8 of shape (0,)"),
        ({"x_train": np.zeros((70_001, 28, 28), np.uint8)}, "x_train is uint8 of shape (70001, 28, 28)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_archive_of_other_arrays_is_one_line_that_names_them(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    changed = {name: array for name, array in (arrays() | change).items() if array is not None}
    np.savez_compressed(tmp_path / "mnist.npz", **changed)
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        loaded("mnist", tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'mnist.npz'}: ")


@pytest.mark.parametrize("place", ["", "mnist"])
@pytest.mark.parametrize(
    ("name", "said"),
    [("mnist_train.csv", "convert it to mnist.npz as the README shows"), ("archive.zip", "unpack it")],
)
def test_a_table_and_a_packed_folder_are_named_with_what_to_do(
    place: str, name: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / place).mkdir(exist_ok=True)
    (tmp_path / place / name).write_text("7,0,0")
    (tmp_path / "results.csv").write_text("not of a data set")
    with pytest.raises(InputError) as caught:
        datasets.check("mnist", str(tmp_path))
    assert f"({name} is there but not supported; {said})" in str(caught.value)


@pytest.mark.parametrize("heading", ["", "label," + ",".join(f"{y}x{x}" for y in range(28) for x in range(28)) + "\n"])
def test_the_readme_s_lines_make_an_archive_of_tables(
    heading: str, tmp_path: Path, checksum: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = arrays()
    for split in ("train", "test"):
        table = np.column_stack([found[f"y_{split}"], found[f"x_{split}"].reshape(-1, 784)])
        np.savetxt(tmp_path / f"mnist_{split}.csv", table, "%d", ",", header=heading.strip(), comments="")
        if not heading:
            path = tmp_path / f"mnist_{split}.csv"
            path.write_text(path.read_text().lstrip("\n"))
    lines = re.search(r"(?:^    .*\n)*^    np\.savez_compressed.*\n", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert lines
    monkeypatch.chdir(tmp_path)
    exec(re.sub("^    ", "", lines[0], flags=re.MULTILINE), {})
    assert loaded("mnist", tmp_path).checksum == checksum


def test_cifar10_is_found_below_the_folder_also_beside_a_folder_named_as_its_archive(tmp_path: Path) -> None:
    write_cifar10(tmp_path / "cifar10", records_per_file=12)
    expected = loaded("cifar10", tmp_path).checksum
    above = tmp_path / "above"
    shutil.copytree(tmp_path / "cifar10", above)
    (above / "cifar-10-binary.tar.gz").mkdir()
    assert loaded("cifar10", above).checksum == expected
    shutil.rmtree(above / "cifar-10-batches-bin")
    with pytest.raises(InputError, match=r"contains cifar-10-binary\.tar\.gz"):
        loaded("cifar10", above)


@pytest.mark.parametrize("name", ["cifar-10-batches-py", "cifar-10-batches-py-target", "data_batch_1"])
def test_the_pickled_cifar10_is_named_also_as_keras_keeps_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=f"{name} is the pickled version, which is not supported"):
        loaded("cifar10", tmp_path)
