"""The layers: TensorFlow's and ours agree with the textbooks' loops, and with what the sources worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from helpers import numpy_oracle as oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn import mnist_inference
from lowlevel_cnn.tensorflow_v1 import tf

BOOK_MATRIX = np.array([[1, -1, 0], [-1, 2, 1], [0, 2, -2]], np.float32).reshape(1, 3, 3, 1)
BOOK_FILTER = np.array([[1, -1], [0, 2]], np.float32).reshape(2, 2, 1, 1)

PADDINGS = pytest.mark.parametrize("padding", ["SAME", "VALID"])
STRIDES = pytest.mark.parametrize("stride", [1, 2])
SIZES = pytest.mark.parametrize("height, width", [(5, 5), (6, 6), (7, 10), (28, 28)])


def made(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def of_tensorflow(name: str, images: np.ndarray, window: int, stride: int, padding: str) -> np.ndarray:
    pool = getattr(tf.nn, name)
    return np.asarray(pool(images, [1, window, window, 1], [1, stride, stride, 1], padding))


def convolved(images: np.ndarray, filters: np.ndarray, stride: int, padding: str) -> np.ndarray:
    return np.asarray(tf.nn.conv2d(images, filters, strides=[1, stride, stride, 1], padding=padding))


def run(build: Callable[[], tf.Tensor]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The value of a graph with random variables, and those."""
    with tf.Graph().as_default(), tf.Session() as session:
        result = build()
        session.run(tf.global_variables_initializer())
        for seed, variable in enumerate(tf.trainable_variables()):
            variable.load(made(*variable.shape.as_list(), seed=seed), session)
        value, variables = session.run([result, {each.op.name: each for each in tf.trainable_variables()}])
    return value, variables


@PADDINGS
@STRIDES
@SIZES
@pytest.mark.parametrize("window", [2, 3, 5])
def test_convolution_is_what_the_textbooks_describe(
    height: int, width: int, window: int, stride: int, padding: str
) -> None:
    images, filters = made(2, height, width, 2), made(window, window, 2, 3, seed=1)
    expected = oracle.convolution(images, filters, stride, padding)
    np.testing.assert_allclose(convolved(images, filters, stride, padding), expected, rtol=1e-5, atol=1e-5)


@PADDINGS
@STRIDES
@SIZES
@pytest.mark.parametrize("window", [2, 3])
def test_pooling_is_what_the_textbooks_describe(
    height: int, width: int, window: int, stride: int, padding: str
) -> None:
    images = made(2, height, width, 3)
    for name, expected in (("max_pool", oracle.max_pool), ("avg_pool", oracle.average_pool)):
        result = of_tensorflow(name, images, window, stride, padding)
        np.testing.assert_allclose(result, expected(images, window, stride, padding), rtol=1e-5, atol=1e-5)


@settings(deadline=None, max_examples=60)
@given(st.data(), st.integers(1, 8), st.integers(1, 8), st.sampled_from(["SAME", "VALID"]), st.integers(1, 4))
def test_small_shapes_of_every_kind_agree(
    data: st.DataObject, height: int, width: int, padding: str, stride: int
) -> None:
    most = 5 if padding == "SAME" else min(height, width)
    window = data.draw(st.integers(1, most))
    channels, deep, seed = (data.draw(st.integers(1, 3)) for _ in range(3))
    images, filters = made(1, height, width, channels, seed=seed), made(window, window, channels, deep, seed=seed + 9)

    result = convolved(images, filters, stride, padding)
    assert result.shape[1:3] == tuple(oracle.output_size(size, window, stride, padding) for size in (height, width))
    np.testing.assert_allclose(result, oracle.convolution(images, filters, stride, padding), rtol=1e-5, atol=1e-5)
    for name, expected in (("max_pool", oracle.max_pool), ("avg_pool", oracle.average_pool)):
        result = of_tensorflow(name, images, window, stride, padding)
        np.testing.assert_allclose(result, expected(images, window, stride, padding), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("convolve", [convolved, oracle.convolution], ids=["tensorflow", "oracle"])
def test_the_book_s_convolution_worked_by_hand(convolve: Callable[..., np.ndarray]) -> None:
    result = convolve(BOOK_MATRIX, BOOK_FILTER, 2, "SAME") + 1
    np.testing.assert_array_equal(result[0, :, :, 0], [[7, 1], [-1, -1]])


def test_the_book_s_average_pooling_worked_by_hand() -> None:
    expected = [[0.25, 0.5], [1, -2]]
    np.testing.assert_array_equal(of_tensorflow("avg_pool", BOOK_MATRIX, 2, 2, "SAME")[0, :, :, 0], expected)
    np.testing.assert_array_equal(oracle.average_pool(BOOK_MATRIX, 2, 2, "SAME")[0, :, :, 0], expected)


def test_the_book_s_regularization_worked_by_hand() -> None:
    value = mnist_inference.l2_regularizer(0.5)(tf.constant([[1.0, -2.0], [-3.0, 4.0]]))
    assert float(value) == 7.5


@pytest.mark.parametrize(
    "size, window, stride, padding, expected",
    [
        (28, 5, 1, "SAME", 28),
        (28, 2, 2, "SAME", 14),
        (3, 2, 2, "SAME", 2),
        (32, 5, 1, "VALID", 28),
        (28, 2, 2, "VALID", 14),
        (3, 2, 2, "VALID", 1),
    ],
)
def test_the_size_rules_of_the_sources(size: int, window: int, stride: int, padding: str, expected: int) -> None:
    assert oracle.output_size(size, window, stride, padding) == expected
    assert convolved(made(1, size, size, 1), made(window, window, 1, 1), stride, padding).shape == (
        *(1, expected, expected),
        1,
    )


@PADDINGS
def test_our_convolution_has_stride_one_and_adds_its_bias(padding: str) -> None:
    images = made(2, 7, 6, 3, seed=8)
    result, variables = run(lambda: mnist_inference.convolution(tf.constant(images), 5, 4, padding))
    expected = oracle.convolution(images, variables["weight"], 1, padding) + variables["bias"]
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)
    assert {name: value.shape for name, value in variables.items()} == {"weight": (5, 5, 3, 4), "bias": (4,)}


@PADDINGS
def test_our_max_pool_halves_height_and_width(padding: str) -> None:
    images = made(2, 7, 6, 3)
    result, _ = run(lambda: mnist_inference.max_pool(tf.constant(images), padding))
    np.testing.assert_array_equal(result, oracle.max_pool(images, 2, 2, padding).astype(np.float32))


def test_flatten_keeps_the_order_of_rows_columns_and_channels() -> None:
    images = made(2, 3, 4, 5)
    result, _ = run(lambda: mnist_inference.flatten(tf.constant(images)))
    np.testing.assert_array_equal(result, [image.ravel() for image in images])


def test_fully_connected_is_a_matrix_product_plus_a_bias() -> None:
    inputs = made(3, 6)
    result, variables = run(lambda: mnist_inference.fully_connected(tf.constant(inputs), 4, None))
    expected = [[sum(row * column) for column in variables["weight"].T] for row in inputs] + variables["bias"]
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)
    assert {name: value.shape for name, value in variables.items()} == {"weight": (6, 4), "bias": (4,)}


def test_the_regularizer_is_half_the_sum_of_squares_of_the_weights_alone() -> None:
    def build() -> tf.Tensor:
        mnist_inference.fully_connected(tf.constant(made(3, 6)), 4, mnist_inference.l2_regularizer(0.01))
        (loss,) = tf.get_collection("losses")
        return loss

    loss, variables = run(build)
    np.testing.assert_allclose(loss, 0.01 * (variables["weight"].astype(np.float64) ** 2).sum() / 2, rtol=1e-5)
