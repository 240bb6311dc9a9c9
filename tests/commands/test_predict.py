"""`predict`: image files brought into MNIST's form, their classes, and the mistakes in a split."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import made_images
from helpers.numpy_oracle import book_logits
from helpers.processes import BOOK_SHAPES, Ended, run, tensors

from lowlevel_cnn.commands import parser
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.datasets.drawn_digits import draw
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.tensorflow_v1 import tf

AVERAGE = "/ExponentialMovingAverage"


def write_png(path: Path, pixels: np.ndarray) -> Path:
    path.write_bytes(tf.io.encode_png(pixels.astype(np.uint8)).numpy())
    return path


def a_seven(size: int = 200, left: int = 30, top: int = 20) -> np.ndarray:
    """Black on white, `[size, size, 1]`: a bar, and a leaning stem below its right end."""
    page = np.full((size, size, 1), 255)
    page[top : top + 12, left : left + 60] = 0
    for row in range(80):
        page[top + row, left + 55 - row // 3 : left + 65 - row // 3] = 0
    return page


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def test_a_digit_fits_20_by_20_pixels_and_its_centre_of_mass_is_in_the_middle_of_28_by_28(
    reader: Reader, tmp_path: Path
) -> None:
    image = reader.read(write_png(tmp_path / "7.png", a_seven()), "mnist").image
    assert (image.shape, image.dtype, image.min(), image.max()) == ((28, 28, 1), np.dtype(np.float32), 0.0, 1.0)
    rows, columns = np.nonzero(image[..., 0] > 0.2)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    grid_rows, grid_columns = np.indices((28, 28))
    centre = [(grid * image[..., 0]).sum() / image.sum() for grid in (grid_rows, grid_columns)]
    assert centre == pytest.approx([13.5, 13.5], abs=0.5)


def test_place_size_colour_and_polarity_change_nothing(reader: Reader, tmp_path: Path) -> None:
    page = a_seven()
    plain = reader.read(write_png(tmp_path / "plain.png", page), "mnist")
    assert plain.polarity == "dark-on-light"
    transparent = np.concatenate([np.zeros((200, 200, 3)), 255 - page], axis=2)
    for name, pixels in {
        "elsewhere": a_seven(400, left=250, top=300),
        "colour": np.repeat(page, 3, axis=2),
        "transparent": transparent,
        "inverted": 255 - page,
    }.items():
        found = reader.read(write_png(tmp_path / f"{name}.png", pixels), "mnist")
        assert found.polarity == ("light-on-dark" if name == "inverted" else "dark-on-light"), name
        assert np.abs(found.image - plain.image).max() < 1e-5, name
    twice = reader.read(write_png(tmp_path / "twice.png", page.repeat(2, axis=0).repeat(2, axis=1)), "mnist")
    assert np.abs(twice.image - plain.image).mean() < 0.01
    (tmp_path / "7.jpg").write_bytes(tf.io.encode_jpeg(page.astype(np.uint8), quality=90).numpy())
    assert np.abs(reader.read(tmp_path / "7.jpg", "mnist").image - plain.image).mean() < 0.02


def test_an_image_made_as_mnist_makes_them_is_taken_as_it_is(reader: Reader, tmp_path: Path) -> None:
    image = reader.read(write_png(tmp_path / "7.png", a_seven()), "mnist").image
    again = reader.read(write_png(tmp_path / "28.png", np.round(image * 255)), "mnist").image
    assert np.abs(again - image).max() <= 0.5 / 255 + 1e-6


def test_a_given_polarity_overrules_what_is_seen(reader: Reader, tmp_path: Path) -> None:
    framed = a_seven()
    framed[:2] = framed[-2:] = 0
    framed[:, :2] = framed[:, -2:] = 0
    path = write_png(tmp_path / "framed.png", framed)
    assert reader.read(path, "mnist").polarity == "light-on-dark"
    with pytest.raises(InputError, match="nothing on it is dark-on-light"):
        reader.read(path, "mnist", "dark-on-light")
    assert reader.read(write_png(tmp_path / "7.png", a_seven()), "mnist", "dark-on-light").image.max() == 1


def test_a_garment_has_its_longest_edge_as_long_as_the_image_and_a_photograph_keeps_its_colours(
    reader: Reader, tmp_path: Path
) -> None:
    garment = reader.read(write_png(tmp_path / "7.png", a_seven()), "fashion-mnist").image
    assert np.ptp(np.nonzero(garment[..., 0] > 0.2)[0]) + 1 == 28
    sky = np.zeros((64, 100, 3))
    sky[..., 2] = 255
    photograph = reader.read(write_png(tmp_path / "sky.png", sky), "cifar10")
    assert photograph.image.shape == (32, 32, 3)
    assert photograph.polarity == ""
    assert np.array_equal(photograph.image[5, 5], [0, 0, 1])


@pytest.mark.parametrize(
    "contents, said",
    [
        (b"", "neither PNG nor JPEG"),
        (b"GIF89a" + bytes(100), "neither PNG nor JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "is damaged"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x7f\xff\xff\xff" * 2, "too large"),
    ],
)
def test_what_is_no_image_is_one_line(contents: bytes, said: str, reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "image.png").write_bytes(contents)
    with pytest.raises(InputError, match=f"image.png: .*{said}") as raised:
        reader.read(tmp_path / "image.png", "mnist")
    assert "\n" not in str(raised.value)


def test_a_blank_page_is_refused(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is blank"):
        reader.read(write_png(tmp_path / "white.png", np.full((50, 50, 1), 255)), "mnist")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of five drawn digits as files, one file that is no image, and one that is none of ours."""
    folder = tmp_path_factory.mktemp("pages")
    images, _ = draw(5, seed=4)
    for number, image in enumerate(images):
        write_png(folder / f"{number}.png", image)
    (folder / "broken.png").write_bytes(b"nothing")
    (folder / "notes.txt").write_text("not looked at")
    return folder


def test_a_folder_is_predicted_as_the_network_has_it_and_a_broken_file_costs_one_warning(
    pages: Path, uninterrupted: tuple[Path, Ended], reader: Reader, tmp_path: Path
) -> None:
    ended = run("predict", "--checkpoint-dir", uninterrupted[0], "--json", pages, cwd=tmp_path, fresh=True)
    assert (ended.code, len(ended.err)) == (2, 1), ended
    assert "broken.png: is neither PNG nor JPEG" in ended.err[0]
    found = json.loads("\n".join(ended.out))
    paths = [pages / f"{number}.png" for number in range(5)]
    assert [each["image"] for each in found] == [str(path) for path in paths]

    values = tensors(uninterrupted[0] / "model.ckpt-60")
    images = np.stack([reader.read(path, "mnist").image for path in paths])
    logits = book_logits(images, {name: values[name + AVERAGE] for name in BOOK_SHAPES})
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for each, expected in zip(found, probabilities, strict=True):
        order = np.argsort(-expected)[:3]
        assert [guess["label"] for guess in each["guesses"]] == order.tolist()
        assert [guess["name"] for guess in each["guesses"]] == [str(label) for label in order]
        assert [guess["probability"] for guess in each["guesses"]] == pytest.approx(expected[order], abs=1e-5)


def test_a_picture_that_is_named_twice_has_two_rows_in_the_order_of_the_arguments(
    pages: Path, uninterrupted: tuple[Path, Ended], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(pages)
    words = ["predict", "--checkpoint-dir", str(uninterrupted[0]), "--json", "1.png", "0.png", "./1.png", "1.png"]
    assert parser.parse(words).run() == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["image"] for row in rows] == ["1.png", "0.png", "1.png", "1.png"]
    assert rows[0] == rows[2] == rows[3] != rows[1]


def test_the_mistakes_in_a_split_are_those_of_the_evaluator(
    uninterrupted: tuple[Path, Ended], data: Path, tmp_path: Path
) -> None:
    words = ("predict", "--checkpoint-dir", uninterrupted[0], "--data-dir", data, "--split", "test", "--wrong")
    ended = run(*words, cwd=tmp_path)
    assert ended.code == 0, ended
    values = tensors(uninterrupted[0] / "model.ckpt-60")
    images, labels = made_images(620, seed=1)
    logits = book_logits(scale(images), {name: values[name + AVERAGE] for name in BOOK_SHAPES})
    wrong = np.flatnonzero(logits.argmax(axis=1) != labels)
    said = [int(line.split(":")[0].removeprefix("image ")) for line in ended.out[:-1]]
    assert said == wrong.tolist()
    assert all(line.endswith(f"(is {labels[number]})") for number, line in zip(said, ended.out, strict=False))
    assert ended.out[-1] == f"{len(said)} mistake(s)"


def test_a_call_that_makes_no_sense_is_one_line(uninterrupted: tuple[Path, Ended], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for words, said in (
        ((), "either image files or --split"),
        (("x.png", "--split", "test"), "either image files or --split"),
        (("x.png", "--wrong"), "add --split test"),
        (("x.png",), "no such file"),
        (("empty",), "contains no PNG or JPEG"),
    ):
        ended = run("predict", "--checkpoint-dir", uninterrupted[0], *words, cwd=tmp_path)
        assert (ended.code, ended.out, len(ended.err)) == (2, [], 1), ended
        assert said in ended.err[0]
