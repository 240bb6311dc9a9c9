"""Distorted images against NumPy loops, worked out pixel by pixel; and that they depend on seed and step alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from lowlevel_cnn import distortions
from lowlevel_cnn.distortions import Distortions, bilinear, gaussian
from lowlevel_cnn.tensorflow_v1 import tf

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.random((3, 9, 7, 2), dtype=np.float32)
ALL_KINDS = Distortions(shift=1.5, rotation=20, scale=0.2, shear=0.3, elastic_alpha=8, elastic_sigma=1.5)


def value(image: np.ndarray, row: float, column: float) -> np.ndarray:
    """The value of an image at a place between four pixels, zero beyond the border of zeros around it."""
    total = np.zeros(image.shape[2])
    for y in (math.floor(row), math.floor(row) + 1):
        for x in (math.floor(column), math.floor(column) + 1):
            if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                total += image[y, x] * (1 - abs(row - y)) * (1 - abs(column - x))
    return total


def smoothed(field: np.ndarray, sigma: float) -> np.ndarray:
    """A field after convolution with a two-dimensional Gaussian whose values sum to one."""
    reach = np.arange(-20, 21)
    kernel = np.exp(-(reach[:, None] ** 2 + reach**2) / (2 * sigma**2))
    kernel /= kernel.sum()
    padded = np.pad(field, 20)
    return np.array(
        [
            [(padded[y : y + 41, x : x + 41] * kernel).sum() for x in range(field.shape[1])]
            for y in range(field.shape[0])
        ]
    )


def expected(image: np.ndarray, amounts: np.ndarray, fields: np.ndarray, kinds: Distortions) -> np.ndarray:
    """An image distorted by amounts and fields in [-1, 1)."""
    height, width, _ = image.shape
    most = [kinds.shift, kinds.shift, math.radians(kinds.rotation), kinds.scale, kinds.scale, kinds.shear]
    down, right, angle, taller, wider, shear = amounts * most
    matrix = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = matrix @ np.array([[1 + taller, 0], [shear, 1 + wider]])
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    moves = np.stack([kinds.elastic_alpha * smoothed(field, kinds.elastic_sigma) for field in fields], axis=-1)
    result = np.zeros(image.shape)
    for y in range(height):
        for x in range(width):
            place = matrix @ (np.array([y, x]) - centre) + centre + [down, right] + moves[y, x]
            result[y, x] = value(image, *place)
    return result


@pytest.mark.parametrize(
    "kinds",
    [
        Distortions(shift=1.5),
        Distortions(rotation=30),
        Distortions(scale=0.3),
        Distortions(shear=0.4),
        Distortions(elastic_alpha=8, elastic_sigma=1.5),
        ALL_KINDS,
    ],
    ids=["shift", "rotation", "scale", "shear", "elastic", "all"],
)
def test_a_distorted_image_has_the_values_worked_out_pixel_by_pixel(
    kinds: Distortions, monkeypatch: pytest.MonkeyPatch
) -> None:
    amounts = RANDOM.uniform(-1, 1, (3, 6)).astype(np.float32)
    fields = RANDOM.uniform(-1, 1, (3, 2, 9, 7)).astype(np.float32)

    def drawn(images: tf.Tensor, shape: Sequence[int]) -> tf.Tensor:
        return tf.constant(amounts if len(shape) == 1 else fields)

    monkeypatch.setattr(distortions, "random_uniform", drawn)
    found = kinds.distorted(tf.constant(IMAGES)).numpy()
    for image, result, amount, field in zip(IMAGES, found, amounts, fields, strict=True):
        np.testing.assert_allclose(result, expected(image, amount, field, kinds), atol=2e-5)


def test_between_pixels_and_far_beyond_the_edges_values_are_those_of_the_loop() -> None:
    rows = RANDOM.uniform(-30, 30, (3, 9, 7)).astype(np.float32)
    columns = RANDOM.uniform(-30, 30, (3, 9, 7)).astype(np.float32)
    # Near all edges, on pixels, and exactly on the border of zeros.
    rows[0], columns[0] = RANDOM.uniform(-1.5, 9.5, (9, 7)), RANDOM.uniform(-1.5, 7.5, (9, 7))
    rows[1, :4], columns[1, :4] = RANDOM.integers(-2, 11, (4, 7)), RANDOM.integers(-2, 9, (4, 7))
    found = bilinear(tf.constant(IMAGES), tf.constant(rows), tf.constant(columns)).numpy()
    for image in range(3):
        for y in range(9):
            for x in range(7):
                at = value(IMAGES[image], float(rows[image, y, x]), float(columns[image, y, x]))
                np.testing.assert_allclose(found[image, y, x], at, atol=1e-5)


def test_without_amounts_an_image_stays_as_it_is() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        same = Distortions().distorted(tf.constant(IMAGES))
        session.run(tf.global_variables_initializer())
        np.testing.assert_allclose(session.run(same), IMAGES, atol=1e-6)


def test_the_gaussian_keeps_the_sum_of_what_is_far_from_the_ends() -> None:
    np.testing.assert_allclose(gaussian(41, 2.0)[20].sum(), 1.0, rtol=1e-5)
    assert gaussian(41, 2.0)[20, 22] / gaussian(41, 2.0)[20, 20] == pytest.approx(math.exp(-0.5), rel=1e-5)


def distorted(seed: int = 1, step: int = 5, before: int | None = None) -> np.ndarray:
    """Three copies of an image, distorted at a step, in a graph and a session of its own."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(seed)
        images = tf.placeholder(tf.float32, [None, 9, 7, 2])
        result = ALL_KINDS.distorted(images)
        session.run(tf.global_variables_initializer())
        feeds = {images: np.repeat(IMAGES[:1], 3, axis=0)}
        for number in (before, step):
            if number is not None:
                tf.train.get_global_step().load(number, session)
                values = session.run(result, feeds)
        return np.asarray(values)


def test_a_step_distorts_alike_whenever_it_is_run_and_each_image_in_its_own_way() -> None:
    np.testing.assert_array_equal(distorted(), distorted(before=3))
    assert all(np.abs(distorted() - distorted(**other)).max() > 0.1 for other in ({"step": 6}, {"seed": 2}))
    first, second, third = distorted()
    assert min(np.abs(first - second).max(), np.abs(second - third).max()) > 0.1
