"""Whole pictures become the size that a network takes, and those that have it stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn.images.scaling import scaled
from lowlevel_cnn.tensorflow_v1 import tf

sides = st.integers(1, 40)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_picture_of_the_right_size_keeps_every_pixel() -> None:
    colour = noise(20, 30)
    grey = colour[..., :1]
    np.testing.assert_array_equal(scaled(colour, (20, 30, 3)), colour)
    np.testing.assert_array_equal(scaled(grey.repeat(3, axis=2), (20, 30, 1)), grey)


def test_every_shade_of_grey_stays_the_same_shade() -> None:
    shades = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    np.testing.assert_array_equal(scaled(shades.repeat(3, axis=2), (16, 16, 1)), shades)


def test_colour_becomes_grey_by_its_luminance() -> None:
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]]], np.uint8)
    # 0.299 red + 0.587 green + 0.114 blue
    assert scaled(pixels, (1, 4, 1)).ravel().tolist() == [76, 150, 29, 18]


@pytest.mark.parametrize(("source", "target"), [((60, 60), (28, 28)), ((8, 8), (28, 28)), ((33, 99), (20, 60))])
def test_it_scales_as_tensorflow_does_with_antialiasing(source: tuple[int, int], target: tuple[int, int]) -> None:
    pixels = noise(*source)
    expected = tf.compat.v2.image.resize(pixels, target, antialias=True).numpy()
    np.testing.assert_allclose(scaled(pixels, (*target, 3)), expected, atol=0.51)


def test_a_wide_picture_stands_in_the_middle_between_the_colour_of_its_edge() -> None:
    pixels = np.full((10, 40, 3), (200, 100, 50), np.uint8)
    pixels[2:8, 10:30] = 0
    image = scaled(pixels, (20, 20, 3))
    assert (image[:7] == (200, 100, 50)).all() and (image[13:] == (200, 100, 50)).all()
    assert image[9, 10].max() < 50
    np.testing.assert_array_equal(image[:, 0], np.full((20, 3), (200, 100, 50)))


def test_a_thin_line_of_a_large_picture_fades_instead_of_vanishing() -> None:
    pixels = np.full((400, 400, 3), 255, np.uint8)
    pixels[:, 203] = 0
    columns = scaled(pixels, (28, 28, 1))[14, :, 0]
    assert 200 < columns.min() < 250


def test_a_side_of_a_hundred_thousand_pixels_takes_little_memory() -> None:
    pixels = np.zeros((1, 100_000, 3), np.uint8)
    pixels[:, 50_000:] = 255
    image = scaled(pixels, (4, 4, 1))
    dark, darker, lighter, light = image[1, :, 0].tolist()
    assert 0 == dark < darker < lighter < light == 255


@given(sides, sides, sides, sides, st.sampled_from((1, 3)), st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_a_blank_picture_of_any_size_stays_blank(
    height: int, width: int, rows: int, columns: int, channels: int, shade: int
) -> None:
    image = scaled(np.full((height, width, 3), shade, np.uint8), (rows, columns, channels))
    assert image.shape == (rows, columns, channels) and image.dtype == np.uint8
    assert (image == shade).all()
