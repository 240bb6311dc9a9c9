"""The reader of the tutorials: where it finds data, and in what form it gives them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import IDX_FILES, idx_bytes, made_images, write_mnist

from lowlevel_cnn.datasets import load
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import input_data, learn_datasets
from lowlevel_cnn.tf1.input_data import extract_images, extract_labels, read_data_sets


@pytest.fixture(autouse=True)
def nothing_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv("LOWLEVEL_CNN_MIRROR", "http://127.0.0.1:9")
    monkeypatch.delenv("LOWLEVEL_CNN_DATA", raising=False)


def test_images_come_scaled_flat_and_with_their_labels(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mnist = read_data_sets(str(data), one_hot=True, validation_size=50)
    assert capsys.readouterr().out.splitlines() == [
        f"Extracting {data / name}.gz" for split in IDX_FILES.values() for name in split
    ]
    assert [each.num_examples for each in mnist] == [550, 50, 620]
    truth = load("mnist", str(data), validation_count=50)
    for found, expected in ((mnist.train, truth.train), (mnist.validation, truth.validation), (mnist.test, truth.test)):
        assert found.images.shape == (len(expected), 784) and found.images.dtype == np.float32
        np.testing.assert_allclose(found.images, expected.images.reshape(-1, 784) / 255, rtol=1e-6)
        np.testing.assert_array_equal(found.labels, np.eye(10)[expected.labels])
    images, labels = mnist.train.next_batch(7)
    places = [np.flatnonzero((mnist.train.images == image).all(axis=1))[0] for image in images]
    np.testing.assert_array_equal(mnist.train.labels[places], labels)


def test_images_come_as_bytes_and_in_four_dimensions_where_wanted(data: Path) -> None:
    mnist = read_data_sets(str(data), dtype=tf.uint8, reshape=False, validation_size=0)
    assert mnist.train.images.shape == (600, 28, 28, 1) and mnist.train.images.dtype == np.uint8
    assert mnist.train.labels.shape == (600,) and mnist.train.labels.dtype == np.uint8
    assert mnist.validation.num_examples == 0
    with pytest.raises(TypeError, match="expected uint8 or float32"):
        read_data_sets(str(data), dtype=tf.int32, validation_size=0)


@pytest.mark.parametrize("size", [-1, 601])
def test_no_more_images_are_held_out_than_there_are(data: Path, size: int) -> None:
    with pytest.raises(ValueError, match=f"between 0 and 600. Received: {size}"):
        read_data_sets(str(data), validation_size=size)


def test_what_the_scripts_folder_lacks_is_read_from_elsewhere_and_nothing_is_written(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "MNIST_data"
    folder.mkdir()
    (folder / "train-images-idx3-ubyte.gz").write_bytes(b"the beginning of a download")
    with pytest.raises(InputError, match=r"MNIST_data: does not hold mnist, and cannot download"):
        read_data_sets(str(folder))
    monkeypatch.setenv("LOWLEVEL_CNN_DATA", str(data))
    assert read_data_sets(str(folder), validation_size=0).train.num_examples == 600
    assert f"Extracting {data / 'train-images-idx3-ubyte.gz'}\n" in capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == ["train-images-idx3-ubyte.gz"]
    assert not (tmp_path / "nowhere").exists()


def test_the_scripts_own_folder_comes_first(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_mnist(tmp_path / "MNIST_data", count_train=40)
    monkeypatch.setenv("LOWLEVEL_CNN_DATA", str(data))
    monkeypatch.chdir(tmp_path)
    assert read_data_sets("MNIST_data/", validation_size=0).train.num_examples == 40
    monkeypatch.chdir(tmp_path / "MNIST_data")
    assert read_data_sets("", validation_size=0).train.num_examples == 40


@pytest.mark.parametrize(
    "words",
    [
        ("data/fashion", input_data.DEFAULT_SOURCE_URL),
        ("data", "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
    ],
)
def test_fashion_mnist_is_meant_where_folder_or_address_say_so(
    tmp_path: Path, words: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(tmp_path / "mnist", count_train=30)
    write_mnist(tmp_path / "fashion-mnist", count_train=40)
    monkeypatch.setenv("LOWLEVEL_CNN_DATA", str(tmp_path))
    assert read_data_sets(words[0], source_url=words[1], validation_size=0).train.num_examples == 40


@pytest.mark.parametrize("address", ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/", "https://example.org/letters/"])
def test_another_data_set_is_not_taken_for_mnist(
    data: Path, tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOWLEVEL_CNN_DATA", str(data))
    with pytest.raises(InputError, match="neither MNIST nor Fashion-MNIST; put its files into"):
        read_data_sets(str(tmp_path), source_url=address)
    assert read_data_sets(str(data), source_url=address, validation_size=0).train.num_examples == 600


@pytest.mark.parametrize(
    "address", ["http://yann.lecun.com/exdb/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist"]
)
def test_mnist_has_several_addresses(data: Path, address: str) -> None:
    assert read_data_sets(str(data), source_url=address, validation_size=0).train.num_examples == 600


def test_made_up_data_need_no_files(tmp_path: Path) -> None:
    mnist = read_data_sets(str(tmp_path), fake_data=True, one_hot=True)
    assert mnist.train.num_examples == 10_000
    images, labels = mnist.train.next_batch(3, fake_data=True)
    assert np.array_equal(images, np.ones((3, 784)))
    assert labels == [[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]] * 3


def test_single_files_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images, labels = made_images(5, seed=0)
    (tmp_path / "images.gz").write_bytes(gzip.compress(idx_bytes(images[..., 0])))
    (tmp_path / "labels").write_bytes(idx_bytes(labels))
    with (tmp_path / "images.gz").open("rb") as file:
        np.testing.assert_array_equal(extract_images(file), images)
    np.testing.assert_array_equal(extract_labels(tmp_path / "labels"), labels)
    one_hot = extract_labels(str(tmp_path / "labels"), one_hot=True)
    assert one_hot.dtype == np.float64
    np.testing.assert_array_equal(one_hot.argmax(axis=1), labels)
    assert capsys.readouterr().out.count("Extracting ") == 3
    with pytest.raises(InputError, match="not one of images"):
        extract_images(tmp_path / "labels")


def test_mnist_is_loaded_by_its_name(data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_mnist(tmp_path / "MNIST-data", count_train=5_001)
    monkeypatch.chdir(tmp_path)
    mnist = learn_datasets.load_dataset("mnist")
    assert [each.num_examples for each in mnist] == [1, 5_000, 120]
    assert isinstance(mnist, learn_datasets.base.Datasets)
    assert isinstance(mnist.train, learn_datasets.mnist.DataSet)
    with pytest.raises(InputError, match="sklearn"):
        learn_datasets.load_dataset("iris")
    with pytest.raises(ValueError, match="not found: digits"):
        learn_datasets.load_dataset("digits")
