"""The pictures that the sources draw: a sliding filter, two kinds of layers, a row of arrays."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from helpers import numpy_oracle as oracle
from helpers.made_data import made_images

from lowlevel_cnn import mnist_inference, models
from lowlevel_cnn.datasets import class_names
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.mnist_eval import Network, build_network
from lowlevel_cnn.models import layers
from lowlevel_cnn.tensorflow_v1 import tf

pytest.importorskip("matplotlib", reason="the pictures are drawn by matplotlib, which the extra `plots` installs")

from lowlevel_cnn.plots import connections, convolution, drawing, network

FONT = ["DejaVu Sans"]


def image_for(model: models.Model) -> np.ndarray:
    height, _, channels = model.image_shape
    return np.asarray(scale(made_images(1, seed=0, size=height, channels=channels)[0])[0])


@contextmanager
def untrained(model: models.Model) -> Iterator[tuple[tf.Session, Network]]:
    """A network with its initial weights."""
    with tf.Graph().as_default(), tf.Session() as session, drawing.style(FONT), warnings.catch_warnings():
        tf.set_random_seed(0)
        found = build_network(model, "raw")
        session.run(tf.global_variables_initializer())
        warnings.simplefilter("error")
        yield session, found


def drawn_row(session: tf.Session, found: Network, model: models.Model) -> tuple[Any, dict[str, np.ndarray]]:
    """The picture of the row, and the values of each layer."""
    shown, values, probabilities = network.of_image(session, found, image_for(model))
    figure = network.draw_row(shown, values, probabilities, class_names(model.dataset), "header")
    return figure, {layer.name: each for layer, each in zip(shown, values, strict=True)}


def with_strides(padding: Any) -> models.Model:
    def inference(images: tf.Tensor, train: bool, regularizer: mnist_inference.Regularizer | None) -> tf.Tensor:
        weights = tf.get_variable("weight", [4, 3, 1, 2])
        with tf.name_scope("layer1-conv1"):
            conv = tf.nn.relu(tf.nn.conv2d(images, weights, [1, 3, 2, 1], padding))
        with tf.variable_scope("layer2-fc1"):
            return mnist_inference.fully_connected(mnist_inference.flatten(conv), 10, regularizer)

    return replace(models.get("book-lenet"), name=f"strides-{padding}", inference=inference)


@pytest.mark.parametrize(
    "model",
    [
        *(models.get(name) for name in ("lenet-5", "book-lenet", "mastering-mnist-tf", "mastering-cifar10-tf")),
        *(with_strides(each) for each in ("SAME", "VALID", [[0, 0], [2, 1], [1, 3], [0, 0]])),
    ],
    ids=lambda model: model.name,
)
def test_at_every_place_the_pixels_that_a_filter_sees_times_its_weights_are_the_sum_there(model: models.Model) -> None:
    with untrained(model) as (session, found):
        one = convolution.first_convolution(session, found, image_for(model))
        assert one is not None
        sums = [np.sum(one.pixels(place) * one.weights) for place in np.ndindex(one.sums.shape)]
    np.testing.assert_allclose(np.reshape(sums, one.sums.shape), one.sums, atol=1e-4)


def test_of_a_filter_with_many_weights_the_colours_are_drawn_without_the_numbers() -> None:
    model = models.get("mastering-cifar10-tf")
    with untrained(model) as (session, found):
        one = convolution.first_convolution(session, found, image_for(model))
        assert one is not None
        figure: Any = convolution.draw_places(one, "header")
        assert drawing.png(figure).startswith(b"\x89PNG")
    assert not any(axes.texts for axes in figure.axes)


def test_the_sliding_filter_is_the_one_with_the_greatest_sum_and_its_numbers_are_the_network_s() -> None:
    model = models.get("book-lenet")
    image = image_for(model)
    with untrained(model) as (session, found):
        weights = session.run(found.variables["layer1-conv1/weight"])
        found.variables["layer1-conv1/bias"].load(np.linspace(-1, 1, 32), session)
        one = convolution.first_convolution(session, found, image)
        assert one is not None
        figure: Any = convolution.draw_places(one, "header")
    sums = oracle.convolution(image[np.newaxis], weights, 1, "SAME")[0]
    row, _, number = (int(each) for each in np.unravel_index(sums.argmax(), sums.shape))
    assert one.number == (number + 1, 32)
    places = one.places
    assert all(each[0] == row for each in places) and np.diff([each[1] for each in places]).tolist() == [3, 3]
    bias = np.linspace(-1, 1, 32)[number]
    for place, axes in zip(places, figure.axes[4::5], strict=True):
        total = sums[(*place, number)]
        np.testing.assert_allclose(axes.images[0].get_array(), sums[..., number] + bias, atol=1e-4)
        first, second, third = (float(each) for each in re.findall(r"-?\d+\.\d+", axes.get_title(loc="left")))
        assert (first, second, third) == pytest.approx((total, bias, total + bias), abs=0.0051)
    for axes in figure.axes[2::5]:
        shown = [float(text.get_text()) for text in axes.texts]
        assert shown == pytest.approx(weights[..., 0, number].ravel(), abs=0.0051)


def test_places_of_a_narrow_map_stay_inside_of_it() -> None:
    window = layers.Window((2, 2), (1, 1), "VALID", (0, 0))
    for column in (0, 3, 6):
        sums = np.zeros((7, 7))
        sums[4, column] = 1
        one = convolution.Convolution(window, np.zeros((8, 8, 1)), np.zeros((2, 2, 1)), sums, 0.0, (1, 1))
        assert one.places == [(4, 0), (4, 3), (4, 6)]
    small = replace(one, sums=np.eye(3))
    assert small.places == [(0, 0), (0, 1), (0, 2)]


@pytest.mark.parametrize("name", ["book-lenet", "lenet-5", "mastering-cifar10-tf"])
def test_the_weights_shown_times_the_values_that_the_node_is_connected_to_are_its_value(name: str) -> None:
    model = models.get(name)
    with untrained(model) as (session, found):
        both = connections.of_image(session, found, image_for(model))
        assert both is not None
        figure: Any = connections.draw_both(both, "header")
        assert drawing.png(figure).startswith(b"\x89PNG")
        biases = [session.run(found.variables[f"{layer}/bias"]) for layer in ("layer1-conv1", "layer5-fc1")]
    for each, bias, axes in zip(both, biases, figure.axes, strict=True):
        value = each.nodes[each.node]
        assert value == np.nanmax(each.nodes)
        without_bias = value - np.nansum(each.weights * each.inputs)
        assert np.abs(bias - without_bias).min() < 1e-4 * max(1, value)
        [lines] = axes.collections
        assert len(lines.get_paths()) == np.isfinite(each.weights).sum()


def test_the_two_kinds_of_layer_are_described_with_their_numbers() -> None:
    model = models.get("lenet-5")
    with untrained(model) as (session, found):
        both = connections.of_image(session, found, image_for(model))
    assert both is not None
    assert [each.texts for each in both] == [
        (
            "layer1-conv1: 4,704 nodes, each connected to 25 of 1,024 values",
            "the nodes of a map share their weights: 156 parameters, 122,304 connections",
        ),
        (
            "layer5-fc1: 120 nodes, each connected to all 400 values",
            "each node has its own weights: 48,120 parameters, as many connections",
        ),
    ]
    assert [np.isfinite(each.weights).sum() for each in both] == [25, 400]


def test_a_network_of_one_kind_of_layer_has_no_picture_of_two() -> None:
    def inference(images: tf.Tensor, train: bool, regularizer: mnist_inference.Regularizer | None) -> tf.Tensor:
        with tf.variable_scope("layer1-fc1"):
            return mnist_inference.fully_connected(mnist_inference.flatten(images), 10, regularizer)

    model = replace(models.get("book-lenet"), inference=inference)
    with untrained(model) as (session, found):
        assert connections.of_image(session, found, image_for(model)) is None
        assert convolution.first_convolution(session, found, image_for(model)) is None
        figure, _ = drawn_row(session, found, model)
        assert drawing.png(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["book-lenet", "mastering-cifar10-tf", "fashion-cnn"])
def test_the_row_of_arrays_is_drawn_without_a_warning_and_names_the_classes(name: str) -> None:
    model = models.get(name)
    with untrained(model) as (session, found):
        figure, _ = drawn_row(session, found, model)
        assert drawing.png(figure).startswith(b"\x89PNG")
    texts = [each.get_text() for each in figure.axes[0].texts]
    assert all(any(each.startswith(label) for each in texts) for label in class_names(model.dataset))


def test_the_row_of_lenet_5_holds_its_real_arrays_the_strongest_map_in_front_and_their_sizes() -> None:
    model = models.get("lenet-5")
    with untrained(model) as (session, found):
        figure, values = drawn_row(session, found, model)
        weights, biases = session.run([found.variables[f"layer1-conv1/{each}"] for each in ("weight", "bias")])
    axes = figure.axes[0]
    padded = np.pad(image_for(model), ((2, 2), (2, 2), (0, 0)))
    conv1 = oracle.relu(oracle.convolution(padded[np.newaxis], weights, 1, "VALID") + biases)[0]
    np.testing.assert_allclose(values["layer1-conv1"], conv1, atol=1e-5)
    # Image, padded image, then the maps of each layer from the back to the front, then the nodes.
    shown = [np.asarray(each.get_array()) for each in axes.images]
    assert [each.shape for each in shown[:2]] == [(28, 28), (32, 32)]
    sizes = [28] * 6 + [14] * 6 + [10] * 16 + [5] * 16
    assert [each.shape for each in shown[2:46]] == [(each, each) for each in sizes]
    order = np.roll(np.arange(6), -int(conv1.max(axis=(0, 1)).argmax()))[::-1]
    for image, number in zip(shown[2:8], order, strict=True):
        np.testing.assert_allclose(image, conv1[..., number], atol=1e-5)
    for block, nodes in zip(shown[46:], (120, 84, 10), strict=True):
        assert np.isfinite(block).sum() == nodes
    captions = [each.get_text() for each in axes.texts]
    for text in ("layer1-conv1", "28 x 28 x 6", "Conv2D 5 x 5", "stride 1, VALID", "156 parameters", "48,120"):
        assert text in captions


def test_the_marked_window_is_what_the_greatest_value_is_computed_from() -> None:
    model = models.get("lenet-5")
    with untrained(model) as (session, found):
        figure, values = drawn_row(session, found, model)
    axes = figure.axes[0]
    row, column, _ = np.unravel_index(values["layer1-conv1"].argmax(), values["layer1-conv1"].shape)
    left, right, _, top = axes.images[1].get_extent()  # the padded image, 32 x 32
    pixel = (right - left) / 32
    marked = [each for each in axes.patches if each.get_linewidth() == 1]
    window = marked[0]
    assert (window.get_x() - left) / pixel == pytest.approx(column)
    assert (window.get_y() - top) / pixel == pytest.approx(row)
    assert (window.get_width() / pixel, window.get_height() / pixel) == pytest.approx((5, 5))
