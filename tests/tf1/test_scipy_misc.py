"""Pictures as `scipy.misc` saved, read and resized them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tf1 import scipy_misc


def test_floats_are_spread_over_all_greys_and_whole_pixels_stay() -> None:
    assert scipy_misc.bytescale(np.array([-1.0, 0, 1])).tolist() == [0, 128, 255]
    assert scipy_misc.bytescale(np.array([3, 200], np.uint8)).tolist() == [3, 200]
    assert scipy_misc.bytescale(np.array([0.5]), cmin=0, cmax=1).tolist() == [128]
    assert scipy_misc.bytescale(np.full(2, 0.7)).tolist() == [0, 0]


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3), (4, 6, 4)])
def test_what_is_saved_as_png_is_read_again(shape: tuple[int, ...], tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    scipy_misc.imsave(str(tmp_path / "x.png"), pixels)
    np.testing.assert_array_equal(scipy_misc.imread(str(tmp_path / "x.png")), pixels)
    grey = scipy_misc.imread(str(tmp_path / "x.png"), flatten=True)
    assert grey.shape == (4, 6) and grey.dtype == np.float32
    assert scipy_misc.imread(str(tmp_path / "x.png"), mode="RGB").shape == (4, 6, 3)


def test_a_picture_is_resized_to_a_size_by_a_factor_and_by_percents(tmp_path: Path) -> None:
    picture = np.kron(np.eye(2), np.ones((4, 4))) * 255
    for size in ((4, 4), 0.5, 50):
        assert scipy_misc.imresize(picture.astype(np.uint8), size, "nearest").tolist() == [
            [255, 255, 0, 0],
            [255, 255, 0, 0],
            [0, 0, 255, 255],
            [0, 0, 255, 255],
        ]
    large = np.kron(picture, np.ones((4, 4)))
    scipy_misc.imsave(str(tmp_path / "x.jpg"), large)
    assert abs(scipy_misc.imread(str(tmp_path / "x.jpg")).astype(float) - large).mean() < 5


@pytest.mark.parametrize(("name", "shape"), [("x.tif", (2, 2)), ("x.png", (2, 2, 5)), ("x.png", (3,))])
def test_what_is_no_picture_is_refused(name: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=name):
        scipy_misc.imsave(str(tmp_path / name), np.zeros(shape))
