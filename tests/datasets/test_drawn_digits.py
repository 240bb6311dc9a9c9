"""The drawn digits: the same for a seed, balanced, varied, in the frame, and digits that can be told apart."""

from __future__ import annotations

import numpy as np
import pytest

from lowlevel_cnn.datasets.drawn_digits import draw

Drawn = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw(2000, seed=1)


def test_images_and_labels_are_uint8_as_mnist_has_them(drawn: Drawn) -> None:
    images, labels = drawn
    assert images.shape == (2000, 28, 28, 1)
    assert labels.shape == (2000,)
    assert images.dtype == labels.dtype == np.uint8
    assert images.min() == 0
    assert images.max() == 255


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501])
def test_a_larger_count_starts_with_the_same_images(drawn: Drawn, count: int) -> None:
    images, labels = draw(count, seed=1)
    assert images.tobytes() == drawn[0][:count].tobytes()
    assert labels.tobytes() == drawn[1][:count].tobytes()


def test_another_seed_draws_other_images(drawn: Drawn) -> None:
    images, labels = draw(500, seed=2)
    assert not np.array_equal(labels, drawn[1][:500])
    assert not (images == drawn[0][:500]).all(axis=(1, 2, 3)).any()


def test_no_image_comes_twice(drawn: Drawn) -> None:
    assert len({image.tobytes() for image in drawn[0]}) == len(drawn[0])


def test_every_ten_labels_are_the_ten_classes_in_random_order(drawn: Drawn) -> None:
    tens = drawn[1].reshape(-1, 10)
    assert (np.sort(tens, axis=1) == np.arange(10)).all()
    assert len(np.unique(tens, axis=0)) > 190


def test_strokes_are_as_bright_and_thick_as_those_of_mnist(drawn: Drawn) -> None:
    # MNIST's training images: a mean pixel of 33.3, and 13.2 % of the pixels above the half.
    assert 30 < drawn[0].mean() < 37
    assert 0.11 < (drawn[0] > 127).mean() < 0.15


def test_the_centre_of_mass_is_near_the_centre(drawn: Drawn) -> None:
    pixels = drawn[0][..., 0].astype(float)
    mass = pixels.sum(axis=(1, 2))
    rows = (pixels.sum(axis=2) * np.arange(28)).sum(axis=1) / mass
    columns = (pixels.sum(axis=1) * np.arange(28)).sum(axis=1) / mass
    assert np.abs(rows - 14).max() < 2.5
    assert np.abs(columns - 14).max() < 2.5
    assert 0.2 < rows.std() < 0.5
    assert 0.2 < columns.std() < 0.5


def test_no_digit_is_cut_by_the_frame_and_all_fit_the_box(drawn: Drawn) -> None:
    inked = drawn[0][..., 0] > 127
    for axis in (1, 2):
        places = np.nonzero(inked.any(axis=axis))
        extent = [np.ptp(places[1][places[0] == k]) + 1 for k in range(len(inked))]
        assert max(extent) <= 21
    assert not drawn[0][:, [0, 27]].any()
    assert not drawn[0][:, :, [0, 27]].any()


def test_the_digits_of_a_class_vary(drawn: Drawn) -> None:
    images, labels = drawn
    for digit in range(10):
        pixels = images[labels == digit].reshape(200, -1) / 255
        assert pixels.std(axis=0).max() > 0.3
        ink = pixels.sum(axis=1)
        assert ink.max() > 2 * ink.min()


def test_the_nearest_mean_image_of_one_seed_tells_the_digits_of_another(drawn: Drawn) -> None:
    images, labels = drawn
    means = np.stack([images[labels == digit].mean(axis=0).ravel() for digit in range(10)])
    others, answers = draw(1000, seed=2)
    distances = ((others.reshape(-1, 1, 784) - means) ** 2).sum(axis=2)
    assert (distances.argmin(axis=1) == answers).mean() > 0.6
