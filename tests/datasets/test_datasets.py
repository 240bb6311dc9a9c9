"""The data sets by name: where they are looked for, what is held out, what is said when one is missing."""

from __future__ import annotations

import functools
import gzip
import http.server
import os
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import idx_bytes, made_images, write_cifar10, write_mnist

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets import idx, mnist
from lowlevel_cnn.errors import InputError

REAL_DATA = Path(os.environ.get("LOWLEVEL_CNN_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
TRAIN_LABELS = "train-labels-idx1-ubyte"


@pytest.fixture(autouse=True)
def no_user_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOWLEVEL_CNN_DATA", raising=False)
    monkeypatch.setenv("LOWLEVEL_CNN_MIRROR", "http://127.0.0.1:1/")
    monkeypatch.setenv("no_proxy", "*")
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "cache"))


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server of made-up MNIST files, whose checksums count as the published ones."""
    write_mnist(tmp_path / "server" / "mnist")
    sums = {}
    for name in mnist.MNIST.checksums:
        array = idx.read_idx(tmp_path / "server" / "mnist" / f"{name}.gz")
        sums[name] = idx.idx_checksum(array)
    for name, md5 in sums.items():
        monkeypatch.setitem(mnist.MNIST.checksums, name, md5)
    handler = functools.partial(QuietHandler, directory=str(tmp_path / "server"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


def test_importing_the_package_imports_neither_numpy_nor_network_nor_tensorflow() -> None:
    heavy = ("numpy", "tensorflow", "tqdm", "urllib.request", "tarfile")
    code = f"import sys, lowlevel_cnn.datasets; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_the_shape_of_images_is_known_without_reading() -> None:
    shapes = {name: datasets.image_shape(name) for name in datasets.NAMES}
    assert shapes.pop("cifar10") == (32, 32, 3)
    assert set(shapes.values()) == {(28, 28, 1)}


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
@pytest.mark.parametrize("named", [True, False], ids=["in a named folder", "in the folder itself"])
def test_a_set_is_found_in_the_folder_or_in_its_named_folder(tmp_path: Path, name: str, named: bool) -> None:
    where = write_mnist(tmp_path / name if named else tmp_path)
    assert datasets.folder(name, str(tmp_path)) == where
    assert len(datasets.load(name, str(tmp_path)).test) == 120


def test_the_named_folder_goes_first_so_that_mnist_is_not_taken_for_fashion_mnist(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    write_mnist(tmp_path / "fashion-mnist")
    assert datasets.folder("mnist", str(tmp_path)) == tmp_path
    assert datasets.folder("fashion-mnist", str(tmp_path)) == tmp_path / "fashion-mnist"


def test_a_path_with_brackets_and_spaces_works(tmp_path: Path) -> None:
    write_mnist(tmp_path / "a [b] *")
    assert len(datasets.load("mnist", str(tmp_path / "a [b] *")).train) == 550


def test_the_environment_names_the_folder_where_no_flag_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_mnist(tmp_path / "mnist")
    monkeypatch.setenv("LOWLEVEL_CNN_DATA", str(tmp_path))
    assert datasets.folder("mnist", None) == tmp_path / "mnist"
    assert len(datasets.load("mnist").test) == 120
    monkeypatch.setenv("LOWLEVEL_CNN_DATA", str(tmp_path / "gone"))
    with pytest.raises(InputError, match=r"gone: does not exist; set \$LOWLEVEL_CNN_DATA"):
        datasets.load("mnist")


def test_a_tilde_in_a_given_folder_or_in_the_environment_is_the_home_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path / "data" / "mnist")
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert datasets.folder("mnist", "~/data") == tmp_path / "data" / "mnist"
    monkeypatch.setenv("LOWLEVEL_CNN_DATA", "~/data")
    assert len(datasets.load("mnist").test) == 120
    monkeypatch.delenv("LOWLEVEL_CNN_DATA")
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, "~/cache")
    assert datasets.folder("mnist") == tmp_path / "cache" / "lowlevel-cnn" / "mnist"


def test_without_a_flag_or_variable_the_data_folder_is_the_cache_folder(tmp_path: Path) -> None:
    assert datasets.folder("cifar10", None) == tmp_path / "cache" / "lowlevel-cnn" / "cifar10"
    datasets.check("cifar10", None)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("ending", [".gz", ""])
def test_files_are_accepted_unpacked_and_with_dots_in_their_names(tmp_path: Path, ending: str) -> None:
    write_mnist(tmp_path)
    for path in list(tmp_path.iterdir()):
        content = path.read_bytes() if ending else gzip.decompress(path.read_bytes())
        path.unlink()
        (tmp_path / (path.stem.replace("-idx", ".idx") + ending)).write_bytes(content)
    assert len(datasets.load("mnist", str(tmp_path)).train) == 550


def test_the_first_training_images_are_validation_and_the_rest_is_training(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    images, labels = made_images(600, seed=0)
    for wanted, held_out in ((None, 50), (0, 0), (1, 1), (100, 100)):
        data = datasets.load("mnist", str(tmp_path), validation_count=wanted)
        np.testing.assert_array_equal(data.validation.images, images[:held_out])
        np.testing.assert_array_equal(data.validation.labels, labels[:held_out])
        np.testing.assert_array_equal(data.train.images, images[held_out:])
        np.testing.assert_array_equal(data.train.labels, labels[held_out:])
        assert data.train.images.dtype == data.train.labels.dtype == np.uint8
    for impossible in (-1, 600):
        with pytest.raises(InputError):
            datasets.load("mnist", str(tmp_path), validation_count=impossible)


def test_the_checksum_depends_on_the_data_and_not_on_the_split(tmp_path: Path) -> None:
    write_mnist(tmp_path / "a")
    write_mnist(tmp_path / "b", seed=1)
    sums = [datasets.load("mnist", str(tmp_path / "a"), validation_count=count).checksum for count in (None, 0, 7)]
    assert len(set(sums)) == 1
    assert datasets.load("mnist", str(tmp_path / "b")).checksum not in sums


def test_local_files_that_are_not_the_published_ones_give_one_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    datasets.load("fashion-mnist", str(write_mnist(tmp_path)))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"warning: {tmp_path}: not the published Fashion-MNIST: train-images")


@pytest.mark.parametrize(
    ("name", "array", "what"),
    [
        (TRAIN_LABELS, np.full(600, 10, np.uint8), "label 10 at index 0"),
        (TRAIN_LABELS, np.zeros(599, np.uint8), "599 labels for 600 images"),
        (TRAIN_LABELS, np.zeros((600, 28, 28), np.uint8), "not of labels"),
        ("t10k-images-idx3-ubyte", np.zeros(120, np.uint8), "not of images"),
    ],
    ids=["label 10", "another length", "images for labels", "labels for images"],
)
def test_files_that_do_not_belong_together_are_one_clear_error(
    tmp_path: Path, name: str, array: np.ndarray, what: str
) -> None:
    write_mnist(tmp_path)
    path = tmp_path / f"{name}.gz"
    path.write_bytes(gzip.compress(idx_bytes(array)))
    with pytest.raises(InputError, match=what) as caught:
        datasets.load("mnist", str(tmp_path))
    assert str(caught.value).startswith(str(path))


def test_check_names_the_folder_and_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    write_mnist(tmp_path)
    (tmp_path / f"{TRAIN_LABELS}.gz").unlink()
    for data_dir, what in (
        (tmp_path, f"contains {TRAIN_LABELS}.gz; set --data-dir"),
        (tmp_path / "file", "is not a directory"),
        (tmp_path / "file" / "below", "cannot be accessed"),
        (tmp_path / ("long" * 1_000), "cannot be accessed"),
        (tmp_path / "gone", "does not exist"),
    ):
        with pytest.raises(InputError, match=what) as caught:
            datasets.check("mnist", str(data_dir))
        assert str(caught.value).startswith(f"{data_dir}: ")
    with pytest.raises(InputError, match="is empty"):
        datasets.check("mnist", "")


def test_check_refuses_unknown_names_and_mirrors_that_are_not_http(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="choose one of mnist, fashion-mnist, cifar10, drawn-digits"):
        datasets.check("imagenet", None)
    with pytest.raises(InputError, match="http"):
        datasets.check("mnist", None, "file:///etc")


@pytest.mark.parametrize("place", ["", "cifar10"])
def test_the_pickled_cifar10_is_refused_with_the_version_that_is_wanted(tmp_path: Path, place: str) -> None:
    (tmp_path / place / "cifar-10-batches-py").mkdir(parents=True)
    with pytest.raises(InputError, match=r"contains cifar-10-binary\.tar\.gz \(cifar-10-batches-py is the pickled"):
        datasets.check("cifar10", str(tmp_path))


def test_cifar10_has_colour_images_and_names_for_its_classes(tmp_path: Path) -> None:
    data = datasets.load("cifar10", str(write_cifar10(tmp_path, records_per_file=12)))
    assert data.train.images.shape == (55, 32, 32, 3)
    assert data.validation.images.shape == (5, 32, 32, 3)
    assert data.test.images.shape == (12, 32, 32, 3)
    assert data.class_names[0] == "airplane"
    assert len(data.class_names) == 10


def test_drawn_digits_come_from_three_seeds_and_need_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        asked.append((count, seed))
        return np.zeros((count, 28, 28, 1), np.uint8), np.zeros(count, np.uint8)

    drawn = types.ModuleType("lowlevel_cnn.datasets.drawn_digits")
    drawn.draw = draw  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, drawn.__name__, drawn)
    data = datasets.load("drawn-digits", "/nowhere")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [20_000, 2_000, 2_000]
    assert len({seed for _, seed in asked}) == 3
    assert len(datasets.load("drawn-digits", validation_count=0).validation) == 0
    with pytest.raises(InputError):
        datasets.load("drawn-digits", validation_count=2_001)


@pytest.mark.parametrize("named", ["", "/mnist"], ids=["folder of sets", "folder of one set"])
def test_what_the_cache_lacks_is_downloaded_once(
    tmp_path: Path, mirror: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    where = tmp_path / "cache" / "lowlevel-cnn" / "mnist"
    assert len(datasets.load("mnist", mirror=mirror + named).train) == 550
    assert sorted(path.name for path in where.iterdir()) == sorted(f"{name}.gz" for name in mnist.MNIST.checksums)
    assert len(datasets.load("mnist", mirror="http://127.0.0.1:1").train) == 550
    assert capsys.readouterr().err == ""


def test_nothing_is_downloaded_into_a_folder_that_the_user_gave(tmp_path: Path, mirror: str) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="contains train-images"):
        datasets.load("mnist", str(tmp_path / "mine"), mirror=mirror)
    assert not list((tmp_path / "mine").iterdir())


def test_a_failed_download_says_what_to_do_instead() -> None:
    with pytest.raises(InputError, match=r"--data-dir .* drawn-digits needs no files"):
        datasets.load("mnist")


@pytest.mark.parametrize(
    ("name", "train", "md5"),
    [
        ("mnist", 55_000, "5de2926d61e8a4f14949338a579f9539"),
        ("fashion-mnist", 55_000, "f6edfc57a314e51ba380225901b7f245"),
        ("cifar10", 45_000, None),  # packed in different orders
    ],
)
def test_the_real_data_have_the_published_counts_and_checksums(
    name: str, train: int, md5: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if not (REAL_DATA / name).is_dir():
        pytest.skip(f"no real data in {REAL_DATA / name}; set LOWLEVEL_CNN_TEST_DATA to a folder that has them")
    data = datasets.load(name, str(REAL_DATA))
    assert [len(split) for split in (data.train, data.validation, data.test)] == [train, 5_000, 10_000]
    assert np.bincount(data.test.labels).shape == (10,)
    assert capsys.readouterr().err == "", "a warning: some file is not the published one"
    assert md5 in (None, data.checksum)
