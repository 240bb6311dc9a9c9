"""Digits on paper as people photograph it: shadow, rules, frames, specks, neighbours; and pictures without a digit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn.datasets.drawn_digits import draw
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.images.resampling import resized, shrunk
from lowlevel_cnn.images.strokes import stroke_width, thickened
from lowlevel_cnn.images.transparency import without_transparency

DIGITS = draw(20, seed=7)[0][..., 0]
_READER = Reader()


@pytest.fixture
def reader() -> Reader:
    return _READER


def paper(digit: int = 0, *, size: tuple[int, int] = (300, 240), top: int = 60, left: int = 40) -> np.ndarray:
    """Grey levels of light paper, `[height, width]` float, with a drawn digit about 115 pixels high."""
    page = np.full(size, 225.0)
    ink = np.clip(resized(DIGITS[digit] / np.float32(255), 160, 160), 0, 1)
    page[top : top + 160, left : left + 160] -= 180 * ink
    return page


def pixels(grey: np.ndarray) -> np.ndarray:
    return np.repeat(np.clip(np.rint(grey), 0, 255).astype(np.uint8)[..., np.newaxis], 3, axis=2)


def prepared(reader: Reader, grey: np.ndarray) -> np.ndarray:
    return reader.prepared(pixels(grey), "mnist").image[..., 0]


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The mean difference of two images, of which one may be a pixel off, as centres of mass are rounded."""
    places = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return min(float(np.abs(np.roll(one, place, axis=(0, 1)) - other).mean()) for place in places)


def with_shadow(page: np.ndarray) -> np.ndarray:
    rows, columns = np.indices(page.shape)
    return np.asarray(page * (1 - 0.45 / (1 + np.exp(-(columns + rows / 3 - 170) / 25))))


def with_rules(page: np.ndarray) -> np.ndarray:
    ruled = page.copy()
    for row in range(40, page.shape[0] - 30, 45):
        ruled[row : row + 2] = np.minimum(ruled[row : row + 2], 90)
    return ruled


def with_frame(page: np.ndarray) -> np.ndarray:
    framed = page.copy()
    framed[:5] = framed[-5:] = 20
    framed[:, :5] = framed[:, -5:] = 20
    return framed


def with_box(page: np.ndarray) -> np.ndarray:
    boxed = page.copy()
    boxed[20:24, 20:-20] = boxed[-24:-20, 20:-20] = 20
    boxed[20:-20, 20:24] = boxed[20:-20, -24:-20] = 20
    return boxed


def with_specks(page: np.ndarray) -> np.ndarray:
    random = np.random.default_rng(0)
    noisy = page + random.normal(0, 6, page.shape)
    for row, column in random.integers(0, 230, (8, 2)):
        noisy[row : row + 2, column : column + 2] = 60
    return np.asarray(noisy)


def with_neighbour(page: np.ndarray) -> np.ndarray:
    cut = page.copy()
    cut[80:200, -14:-4] = 45
    cut[80:90, -14:] = 45
    return cut


@pytest.mark.parametrize("change", [with_shadow, with_rules, with_frame, with_box, with_specks, with_neighbour])
def test_what_paper_has_besides_a_digit_changes_little(
    change: Callable[[np.ndarray], np.ndarray], reader: Reader
) -> None:
    for digit in range(0, 20, 3):
        plain = prepared(reader, paper(digit))
        assert difference(prepared(reader, change(paper(digit))), plain) < 0.06, digit


@given(digit=st.integers(0, 19), down=st.integers(0, 140), right=st.integers(0, 79), inverted=st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_digit_may_stand_anywhere_and_be_light_or_dark(digit: int, down: int, right: int, inverted: bool) -> None:
    page = paper(digit, size=(340, 270), top=20 + down, left=20 + right)
    found = prepared(_READER, 255 - page if inverted else page)
    assert difference(found, prepared(_READER, paper(digit))) < 0.02


@given(digit=st.integers(0, 19), scale=st.floats(0.3, 4))
@settings(max_examples=15, deadline=None)
def test_a_digit_may_be_small_or_large(digit: int, scale: float) -> None:
    page = paper(digit).astype(np.float32)
    found = prepared(_READER, resized(page, *(round(length * scale) for length in page.shape)))
    assert difference(found, prepared(_READER, page)) < 0.06


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    levels=st.sampled_from([1, 2, 3, 256]),
    share=st.sampled_from([0.02, 0.2, 1.0]),
)
@settings(max_examples=80, deadline=None)
def test_any_pixels_give_one_clear_line_or_an_image_like_those_of_the_data_set(
    seed: int, height: int, width: int, levels: int, share: float
) -> None:
    random = np.random.default_rng(seed)
    page = random.integers(0, levels, (height, width)) * (255 // max(1, levels - 1))
    page = np.where(random.random(page.shape) < share, page, 0)
    try:
        image = _READER.prepared(pixels(page), "mnist").image
    except InputError as error:
        assert str(error).startswith(("there is no digit", "is blank"))
    else:
        assert image.shape == (28, 28, 1)
        assert image.dtype == np.float32
        assert np.isfinite(image).all()
        assert 0 <= image.min() < image.max() == 1


def no_digit(kind: str, size: int) -> np.ndarray:
    random = np.random.default_rng(size)
    rows, columns = np.indices((size, size)) / size
    pictures = {
        "paper": 200 + random.normal(0, 3, (size, size)),
        "shaded paper": 220 - 60 * columns - 20 * rows + random.normal(0, 2, (size, size)),
        "noise": random.uniform(0, 255, (size, size)),
        "two levels of noise": 255.0 * (random.random((size, size)) < 0.3),
        "slope": 255 * columns,
        "diagonal slope": 127 * (rows + columns),
        "half black, half white": np.where(columns < 0.5, 0.0, 255.0),
        "even noise of two levels": 255.0 * (random.random((size, size)) < 0.5),
        "rules": np.where((rows * 10) % 1 < 0.08, 100.0, 240.0),
    }
    return np.asarray(pictures[kind])


KINDS = ("paper", "shaded paper", "noise", "two levels of noise", "slope", "diagonal slope")
TWO_LEVELS = ("half black, half white", "even noise of two levels")


@pytest.mark.parametrize(
    "kind, size",
    [
        ("rules", 200),
        *((kind, size) for kind in KINDS for size in (28, 200)),
        *((kind, size) for kind in TWO_LEVELS for size in (64, 200)),
    ],
)
def test_a_picture_without_a_digit_is_refused(kind: str, size: int, reader: Reader) -> None:
    with pytest.raises(InputError, match=r"there is no digit on it|is blank"):
        reader.prepared(pixels(no_digit(kind, size)), "mnist")


@pytest.mark.parametrize("digit", range(3))
def test_a_slope_of_light_over_a_picture_as_small_as_mnist_s_changes_little(digit: int, reader: Reader) -> None:
    small = resized(paper(digit, size=(240, 240), top=40).astype(np.float32), 28, 28)
    slope = 1 - np.indices(small.shape).sum(axis=0) / 120
    assert difference(prepared(reader, small * slope), prepared(reader, small)) < 0.03


def test_a_blot_is_unlike_all_digits_and_digits_are_not(reader: Reader) -> None:
    rows, columns = np.indices((200, 200))
    blot = np.where(np.hypot(rows - 100, columns - 90) < 28, 20.0, 230.0)
    assert reader.prepared(pixels(blot), "mnist").unlike == "a blot rather than strokes"
    assert not any(reader.prepared(pixels(paper(digit)), "mnist").unlike for digit in range(20))


def test_thin_strokes_get_the_width_of_mnist_s_and_thick_ones_keep_theirs() -> None:
    line = np.zeros((60, 60), np.float32)
    line[5:55, 28:31] = 1
    assert stroke_width(line) == pytest.approx(3, abs=0.3)
    for radius in (0.5, 1, 2.5):
        assert stroke_width(thickened(line, radius)) == pytest.approx(3 + 2 * radius, rel=0.13)
    assert stroke_width(thickened(line, -1)) == pytest.approx(1, abs=0.3)


def test_white_ink_with_a_transparent_margin_is_seen_and_so_is_ink_of_any_colour_on_nothing(reader: Reader) -> None:
    page = pixels(255 - paper())
    plain = reader.prepared(page, "mnist").image
    opaque = np.zeros((*page.shape[:2], 1), np.uint8)
    opaque[30:-20, 20:-20] = 255
    margin = without_transparency(np.concatenate([page, opaque], axis=2))
    assert difference(reader.prepared(margin, "mnist").image, plain) < 0.02
    ink = np.clip((225 - paper()) * 255 / 180, 0, 255).astype(np.uint8)[..., np.newaxis]
    for level in (0, 255):
        coloured = np.concatenate([np.full_like(page, level), ink], axis=2)
        found = reader.prepared(without_transparency(coloured), "mnist").image
        assert difference(found, plain) < 0.02, level


def test_a_number_is_several_digits_and_each_is_cut_out_in_reading_order(reader: Reader) -> None:
    page = np.concatenate([paper(digit)[:, :210] for digit in (3, 11, 5)], axis=1)
    assert reader.prepared(pixels(page), "mnist").digits == 3
    sheet = np.concatenate([page, page[:, ::-1]], axis=0)
    found = reader.each_of(pixels(sheet), "auto")
    assert len(found) == 6
    for number, digit in enumerate((3, 11, 5)):
        picture = found[number]
        assert difference(picture.image[..., 0], prepared(reader, paper(digit))) < 0.02
        assert picture.box is not None
        assert 210 * number <= picture.box[0] < 210 * (number + 1)


def test_a_large_picture_is_averaged_in_blocks_whatever_its_size() -> None:
    random = np.random.default_rng(0)
    large = random.integers(0, 256, (830, 1203, 3)).astype(np.uint8)
    small = shrunk(large, 400)
    assert small.shape == (276, 401, 3)
    expected = large[:828, :1203].reshape(276, 3, 401, 3, 3).mean(axis=(1, 3))
    assert np.abs(small - expected).max() <= 0.5 + 1e-3
    assert shrunk(np.zeros((1, 5000, 3), np.uint8), 400).shape == (1, 416, 3)
