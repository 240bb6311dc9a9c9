"""`predict`: image files brought into MNIST's form, their classes, and the mistakes in a split."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import made_images
from helpers.numpy_oracle import book_logits
from helpers.pages_with_digits import a_seven, write_png
from helpers.processes import BOOK_SHAPES, Ended, run, tensors

from lowlevel_cnn.commands import parser
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.datasets.drawn_digits import draw
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.tensorflow_v1 import tf

AVERAGE = "/ExponentialMovingAverage"


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
    assert reader.read(path, "mnist").polarity == "dark-on-light"
    with pytest.raises(InputError, match="nothing on it is dark-on-light"):
        reader.read(write_png(tmp_path / "light.png", 255 - a_seven()), "mnist", "dark-on-light")
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
        (b"", "is not a PNG, JPEG, BMP or GIF file"),
        (b"GIF89a" + bytes(100), "is damaged"),
        (b"BM" + bytes(100), "is damaged"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "is of the format WebP"),
        (b"II*\0" + bytes(100), "is of the format TIFF"),
        (b"\0\0\0\x18ftypheic" + bytes(100), "is of the format HEIC"),
        (b"\0\0\0\x18ftypavif" + bytes(100), "is of the format AVIF"),
        (b"%PDF-1.7", "is of the format PDF"),
        (b'<?xml version="1.0"?><!-- drawn --><svg/>', "is of the format SVG"),
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
    assert "broken.png: is not a PNG, JPEG, BMP or GIF file" in ended.err[0]
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


def test_each_digit_of_a_number_has_a_row_with_its_box_and_without_each_the_line_says_that_there_are_several(
    uninterrupted: tuple[Path, Ended], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = np.concatenate([a_seven(120), a_seven(120, left=10, top=10), a_seven(120)], axis=1)
    path = write_png(tmp_path / "777.png", page)
    words = ["predict", "--checkpoint-dir", str(uninterrupted[0]), str(path)]
    assert parser.parse([*words, "--each", "--json"]).run() == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["image"] for row in rows] == [str(path)] * 3
    assert [row["box"][:2] for row in rows] == [[30, 20], [130, 10], [270, 20]]
    assert parser.parse(words).run() == 0
    assert "3 digits on it, this is one; --each reads each" in capsys.readouterr().out
    assert parser.parse([*words, "--each"]).run() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"{path} [{row['box'][2]} x {row['box'][3]} at {row['box'][0]}, {row['box'][1]}]" for row in rows
    ]


def test_what_the_network_saw_is_written_beside_the_picture_and_never_over_a_file(
    uninterrupted: tuple[Path, Ended], reader: Reader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_png(tmp_path / name / "7.png", a_seven())
    folder = tmp_path / "seen"
    folder.mkdir()
    (folder / "7.png").write_bytes(b"another's")
    words = ["predict", "--checkpoint-dir", str(uninterrupted[0]), "--json", "--explain", str(folder)]
    assert parser.parse([*words, str(tmp_path / "one"), str(tmp_path / "two")]).run() == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["explanation"] for row in rows] == [str(folder / "7-2.png"), str(folder / "7-3.png")]
    assert (folder / "7.png").read_bytes() == b"another's"
    shown = tf.io.decode_png((folder / "7-2.png").read_bytes()).numpy()
    assert shown.shape == (280, 280 + 10 + 280, 3)
    seen = reader.read(tmp_path / "one" / "7.png", "mnist").image
    assert np.array_equal(shown[::10, 290::10, :1], np.rint(255 * seen))
    picture = a_seven().repeat(7, axis=0).repeat(7, axis=1).reshape(280, 5, 280, 5).mean(axis=(1, 3))
    assert np.abs(shown[:, :280, 0] - picture).mean() < 3


def test_a_guess_below_one_half_and_a_blot_are_not_sure(
    uninterrupted: tuple[Path, Ended], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, columns = np.indices((200, 200))
    blot = np.where(np.hypot(rows - 100, columns - 90) < 28, 20, 230)[..., np.newaxis]
    write_png(tmp_path / "blot.png", blot)
    write_png(tmp_path / "seven.png", a_seven())
    words = ["predict", "--checkpoint-dir", str(uninterrupted[0]), str(tmp_path)]
    assert parser.parse(words).run() == 0
    lines = capsys.readouterr().out.splitlines()
    assert parser.parse([*words, "--json"]).run() == 0
    found = json.loads(capsys.readouterr().out)
    assert not found[0]["sure"]
    assert found[1]["sure"] == (found[1]["guesses"][0]["probability"] >= 0.5)
    assert ["not sure" in line for line in lines] == [not each["sure"] for each in found]


def test_a_bmp_file_is_read_whatever_its_name_says(reader: Reader, tmp_path: Path) -> None:
    plain = reader.read(write_png(tmp_path / "7.png", a_seven()), "mnist").image
    page = np.repeat(a_seven(), 3, axis=2).astype(np.uint8)
    header = b"BM" + (54 + page.size).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    sizes = b"".join(each.to_bytes(4, "little") for each in (40, 200, 200))
    about = b"\1\0\x18\0" + bytes(4) + page.size.to_bytes(4, "little") + bytes(16)
    (tmp_path / "bmp.jpg").write_bytes(header + sizes + about + page[::-1].tobytes())
    assert np.abs(reader.read(tmp_path / "bmp.jpg", "mnist").image - plain).max() < 1e-6


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
        (("empty",), "contains no PNG, JPEG, BMP or GIF"),
    ):
        ended = run("predict", "--checkpoint-dir", uninterrupted[0], *words, cwd=tmp_path)
        assert (ended.code, ended.out, len(ended.err)) == (2, [], 1), ended
        assert said in ended.err[0]
