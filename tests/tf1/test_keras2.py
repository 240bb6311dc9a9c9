"""Keras 2 through tf_keras: the modules and arguments of its years, our data, and one line where it is missing."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.made_data import write_cifar10, write_mnist

from lowlevel_cnn.datasets import load
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tf1 import keras2, replacements

# In the order and the style of the programs of those years.
PROGRAM = """
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
from lowlevel_cnn.tf1 import keras2 as keras

(images, labels), (test_images, test_labels) = keras.datasets.mnist.load_data()
images = images.reshape(-1, 28, 28, 1).astype("float32") / 255
categories = keras.utils.np_utils.to_categorical(labels, 10)
model = keras.models.Sequential()
model.add(keras.layers.convolutional.Conv2D(8, (5, 5), strides=2, activation="relu", input_shape=(28, 28, 1)))
model.add(keras.layers.core.Flatten())
model.add(keras.layers.core.Dense(10, activation="softmax"))
optimizer = keras.optimizers.SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
history = model.fit(images, categories, batch_size=20, epochs=4, verbose=2, validation_split=0.1)
assert history.history["acc"] == history.history["accuracy"]
assert history.history["val_acc"] == history.history["val_accuracy"]
assert abs(keras.backend.get_value(model.optimizer.lr) - 0.1) < 1e-6
predicted = model.predict_classes(images)
assert (predicted == model.predict_proba(images).argmax(axis=1)).all()
assert abs((predicted == labels).mean() - model.evaluate(images, categories, verbose=0)[1]) < 1e-6
print("right", (predicted == labels).mean())
"""


@pytest.fixture(autouse=True)
def settings_as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    monkeypatch.delenv("LOWLEVEL_CNN_DATA", raising=False)
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "")  # is put back afterwards


@pytest.fixture
def keras() -> Any:
    pytest.importorskip("tf_keras")
    return keras2.load()


def test_a_program_of_those_years_trains_and_predicts(tmp_path: Path) -> None:
    pytest.importorskip("tf_keras")
    write_mnist(tmp_path / "mnist", count_train=300)
    (tmp_path / "program.py").write_text(PROGRAM)
    ended = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env={**os.environ, "LOWLEVEL_CNN_DATA": str(tmp_path), "TF_CPP_MIN_LOG_LEVEL": "2"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Train on 270 samples, validate on 30 samples" in ended.stdout
    assert float(ended.stdout.split("right")[1]) > 0.9


def test_without_the_package_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keras2.load.cache_clear()
    monkeypatch.setitem(sys.modules, "tf_keras.api._v1.keras", None)
    for kind in (InputError, ImportError):
        with pytest.raises(kind, match=r"^Keras 2 needs the package tf_keras: pip install 'lowlevel-cnn\[tf1\]'$"):
            keras2.layers  # noqa: B018


def test_nothing_is_imported_until_a_name_is_asked_for() -> None:
    program = "import sys; import lowlevel_cnn.tf1.keras2; print({'tensorflow', 'tf_keras'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"


@pytest.mark.parametrize(
    "name",
    [
        "layers.core.Dense",
        "layers.convolutional.MaxPooling2D",
        "layers.normalization.BatchNormalization",
        "layers.advanced_activations.LeakyReLU",
        "layers.recurrent.LSTM",
        "layers.embeddings.Embedding",
        "layers.merge.concatenate",
        "layers.wrappers.TimeDistributed",
        "engine.topology.Layer",
        "engine.InputSpec",
        "objectives.categorical_crossentropy",
        "utils.np_utils.to_categorical",
        "utils.vis_utils.plot_model",
        "backend.tensorflow_backend.set_session",
        "preprocessing.image.ImageDataGenerator",
        "optimizers.Adadelta",
    ],
)
def test_names_are_where_they_were(keras: Any, name: str) -> None:
    assert callable(functools.reduce(getattr, name.split("."), keras))


def test_the_version_is_one_of_keras_2(keras: Any) -> None:
    assert keras2.__version__.startswith("2.")


def test_the_order_of_dimensions_has_its_old_names(keras: Any) -> None:
    assert keras.backend.image_dim_ordering() == "tf"
    keras.backend.set_image_dim_ordering("th")
    try:
        assert keras.backend.image_data_format() == "channels_first"
    finally:
        keras.backend.set_image_dim_ordering("tf")


def test_data_are_ours_where_they_are_there(keras: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_mnist(tmp_path / "fashion-mnist", count_train=40)
    write_cifar10(tmp_path / "cifar10", records_per_file=3)
    monkeypatch.setenv("LOWLEVEL_CNN_DATA", str(tmp_path))
    (images, labels), (test_images, test_labels) = keras.datasets.fashion_mnist.load_data()
    expected = load("fashion-mnist", str(tmp_path), validation_count=0)
    np.testing.assert_array_equal(images, expected.train.images[..., 0])
    np.testing.assert_array_equal(labels, expected.train.labels)
    assert images.flags.writeable and test_images.shape == (120, 28, 28) and test_labels.dtype == np.uint8
    (images, labels), _ = keras.datasets.cifar10.load_data()
    assert images.shape == (15, 32, 32, 3) and labels.shape == (15, 1)


def test_data_that_are_not_there_are_left_to_keras() -> None:
    def load_data(path: str = "mnist.npz") -> str:
        return f"Keras reads {path}"

    assert keras2._reading_ours("mnist", load_data)("there.npz") == "Keras reads there.npz"


def test_an_accuracy_has_both_of_its_names() -> None:
    measured = keras2.Measurements(acc=[0.5], val_accuracy=[0.25])
    assert measured["accuracy"] == [0.5] and measured["val_acc"] == [0.25]
    assert sorted(measured) == ["acc", "val_accuracy"]
    with pytest.raises(KeyError, match="loss"):
        measured["loss"]


def test_a_model_does_not_become_an_estimator(keras: Any) -> None:
    assert not hasattr(keras2, "estimator")
    assert replacements.gone("keras.estimator.model_to_estimator")[1].startswith("use the model's own fit")
