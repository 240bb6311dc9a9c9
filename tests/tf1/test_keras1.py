"""Layers and models take the arguments that they had in Keras 1."""

from __future__ import annotations

from typing import Any

import pytest

from lowlevel_cnn.tf1 import keras1, keras2


@pytest.fixture
def layers(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("tf_keras")
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "")  # is put back afterwards
    return keras2.load().layers


def test_a_convolution_of_keras_1_has_a_kernel_by_its_sides(layers: Any) -> None:
    old = layers.Convolution2D(
        8, 3, 3, border_mode="same", subsample=(2, 2), init="uniform", dim_ordering="tf", activation="relu", bias=False
    ).get_config()
    assert (old["filters"], old["kernel_size"], old["strides"], old["padding"]) == (8, (3, 3), (2, 2), "same")
    assert old["kernel_initializer"]["class_name"] == "RandomUniform" and not old["use_bias"]
    named = layers.Convolution2D(nb_filter=8, nb_row=3, nb_col=5).get_config()
    assert (named["filters"], named["kernel_size"], named["data_format"]) == (8, (3, 5), "channels_last")


def test_a_layer_of_keras_2_is_what_it_is(layers: Any) -> None:
    config = layers.Conv2D(8, 5, 2, "same").get_config()
    assert (config["kernel_size"], config["strides"], config["padding"]) == ((5, 5), (2, 2), "same")
    assert layers.Conv2D(8, (3, 3), kernel_initializer="he_normal").get_config()["strides"] == (1, 1)


def test_other_layers_take_their_old_arguments(layers: Any) -> None:
    assert layers.Dense(output_dim=4, input_dim=3, W_regularizer="l2").get_config()["units"] == 4
    assert layers.Dropout(p=0.25).get_config()["rate"] == 0.25
    assert layers.LSTM(output_dim=4, inner_activation="sigmoid").get_config()["recurrent_activation"] == "sigmoid"
    assert layers.BatchNormalization(mode=0, axis=1).get_config()["axis"] == 1
    pooling = layers.MaxPooling2D((3, 3), border_mode="same").get_config()
    assert (pooling["pool_size"], pooling["padding"]) == ((3, 3), "same")
    merged = layers.merge([layers.Input((3,)), layers.Input((2,))], mode="concat", concat_axis=1)
    assert merged.shape.as_list() == [None, 5]


def test_epochs_have_their_old_name_and_images_become_batches() -> None:
    class Generator:
        batch_size = 20

    fit = keras1._fitting(lambda model, *args, **named: named)
    assert fit(None, 1, 2, nb_epoch=3) == {"epochs": 3}
    told = fit(None, Generator(), samples_per_epoch=100, nb_val_samples=40, nb_worker=2)
    assert told == {"steps_per_epoch": 5, "validation_steps": 2, "workers": 2}
