"""Image files as people have them: photographs that lie on their side, shades of 16 bits, colours that are transparent,
halves of files."""

from __future__ import annotations

import json
import os
import struct
import threading
import time
import zlib
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from helpers.pages_with_digits import a_seven, write_png
from helpers.processes import Ended

from lowlevel_cnn.commands import parser
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import Decoder
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.plots.trained_run import ImageFile, TrainedRun
from lowlevel_cnn.prediction.restored_model import RestoreOptions
from lowlevel_cnn.tensorflow_v1 import tf

# EXIF 2.32, 4.6.4: which side of the scene the first row of pixels is, and which the first column.
SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def as_a_camera_stores(scene: np.ndarray, orientation: int) -> np.ndarray:
    """The scene's pixels in the order of rows and columns that the orientation stands for."""
    height, width = scene.shape[:2]
    places = {"top": range(height), "bottom": range(height)[::-1], "left": range(width), "right": range(width)[::-1]}
    first_row, first_column = SIDES[orientation]
    rows, columns = places[first_row], places[first_column]
    if first_row in ("top", "bottom"):
        return np.array([[scene[row, column] for column in columns] for row in rows])
    return np.array([[scene[row, column] for row in columns] for column in rows])


def exif(orientation: int, order: str = "<") -> bytes:
    """EXIF data of a maker and an orientation."""
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}IH", 8, 2)
    maker = struct.pack(f"{order}HHI4s", 0x010F, 2, 4, b"abc\0")
    return head + maker + struct.pack(f"{order}HHIHxxI", 0x0112, 3, 1, orientation, 0)


def jpeg(pixels: np.ndarray, exif_data: bytes = b"", *, progressive: bool = False) -> bytes:
    encoded: bytes = tf.io.encode_jpeg(pixels.astype(np.uint8), quality=95, progressive=progressive).numpy()
    segment = b"\xff\xe1" + struct.pack(">H", len(exif_data) + 8) + b"Exif\0\0" + exif_data
    # Behind the JFIF segment, as image editors have it.
    end_of_first = 4 + int.from_bytes(encoded[4:6], "big")
    return encoded[:end_of_first] + segment + encoded[end_of_first:] if exif_data else encoded


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(pixels: np.ndarray, *before_pixels: bytes, after_pixels: bytes = b"") -> bytes:
    encoded: bytes = tf.io.encode_png(pixels).numpy()
    start, end = encoded.index(b"IDAT") - 4, encoded.index(b"IEND") - 4
    return b"".join([encoded[:start], *before_pixels, encoded[start:end], after_pixels, encoded[end:]])


def gif(*frames: np.ndarray) -> bytes:
    """The GIF file of frames `[height, width]` with levels 0 to 127, not compressed."""
    height, width = frames[0].shape
    size = struct.pack("<2H", width, height)
    contents = b"GIF89a" + size + b"\xe6\0\0" + bytes(2 * level for level in range(128) for _ in range(3))
    for frame in frames:
        codes = bytearray()
        for start in range(0, frame.size, 100):
            # Clearing the table again and again keeps all codes at 8 bits.
            codes += b"\x80" + frame.ravel()[start : start + 100].astype(np.uint8).tobytes()
        codes += b"\x81"
        blocks = [bytes(codes[start : start + 255]) for start in range(0, len(codes), 255)]
        contents += b"," + bytes(4) + size + b"\0\7" + b"".join(bytes([len(each)]) + each for each in blocks) + b"\0"
    return contents + b";"


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder()


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.mark.parametrize("orientation", SIDES)
def test_a_photograph_lying_on_its_side_or_mirrored_is_read_upright(
    orientation: int, decoder: Decoder, tmp_path: Path
) -> None:
    scene = np.zeros((24, 40, 3), np.uint8)
    scene[:8, :8], scene[:8, -8:], scene[-8:, :8] = (200, 0, 0), (0, 200, 0), (0, 0, 200)
    stored = as_a_camera_stores(scene, orientation)
    for number, contents in enumerate(
        (
            jpeg(stored, exif(orientation, "<")),
            jpeg(stored, exif(orientation, ">"), progressive=True),
            png(stored, chunk(b"eXIf", exif(orientation, ">"))),
            png(stored, after_pixels=chunk(b"eXIf", exif(orientation, "<"))),
        )
    ):
        (tmp_path / f"{number}.jpg").write_bytes(contents)
        found = decoder.read(tmp_path / f"{number}.jpg")
        assert found.shape == scene.shape
        assert np.abs(found.astype(float) - scene).mean() < 3, number


def test_a_seven_photographed_with_the_camera_turned_is_the_same_seven(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "upright.jpg").write_bytes(jpeg(a_seven()))
    upright = reader.read(tmp_path / "upright.jpg", "mnist").image
    for orientation in SIDES:
        stored = as_a_camera_stores(a_seven(), orientation)
        (tmp_path / "turned.jpg").write_bytes(jpeg(stored, exif(orientation)))
        assert np.abs(reader.read(tmp_path / "turned.jpg", "mnist").image - upright).mean() < 0.02, orientation


@pytest.mark.parametrize(
    "data",
    [
        exif(0),
        exif(9),
        exif(6)[:-10],
        exif(6)[:8],
        b"II*\0" + b"\xff" * 4,
        b"MM\0*\0\0\0\x08" + b"\xff" * 40,
        b"http://ns.adobe.com/xap/1.0/\0",
    ],
)
def test_exif_data_that_make_no_sense_leave_the_picture_as_it_is(data: bytes, decoder: Decoder, tmp_path: Path) -> None:
    scene = np.zeros((16, 32, 3), np.uint8)
    scene[:8, :16] = 200
    for contents in (jpeg(scene, data), png(scene, chunk(b"eXIf", data))):
        (tmp_path / "picture.jpg").write_bytes(contents)
        assert np.abs(decoder.read(tmp_path / "picture.jpg").astype(float) - scene).mean() < 3


def test_predict_on_a_folder_and_plot_turn_photographs_upright(
    uninterrupted: tuple[Path, Ended], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "upright.png").write_bytes(png(a_seven().astype(np.uint8)))
    stored = as_a_camera_stores(a_seven(), 6).astype(np.uint8)
    (tmp_path / "turned.png").write_bytes(png(stored, chunk(b"eXIf", exif(6))))
    words = ["predict", "--checkpoint-dir", str(uninterrupted[0]), "--json", str(tmp_path)]
    assert parser.parse(words).run() == 0
    turned, upright = json.loads(capsys.readouterr().out)
    assert turned["guesses"] == upright["guesses"]

    images: list[np.ndarray] = []
    for name in ("turned.png", "upright.png"):
        options = RestoreOptions(checkpoint_dir=str(uninterrupted[0]))
        with ExitStack() as stack:
            run = TrainedRun(options, "run", ImageFile(tmp_path / name, "auto", name), stack)
            images.append(run.image[0])
    assert np.array_equal(images[0], images[1])


def test_a_faint_drawing_in_a_png_of_16_bits_keeps_all_its_shades(decoder: Decoder, tmp_path: Path) -> None:
    shades = np.arange(0, 1200).reshape(30, 40, 1).astype(np.uint16)
    (tmp_path / "faint.png").write_bytes(png(shades))
    seen, _ = decoder.read_at_least(tmp_path / "faint.png", 400, faint=True)
    assert np.abs(seen - shades * (255 / 1199)).max() <= 0.5 + 1e-6
    # In a folder of pictures to train on, all keep their levels.
    assert np.abs(decoder.read(tmp_path / "faint.png") - shades / 257).max() <= 0.5 + 1e-6
    plain = np.linspace(0, 65535, 1200).reshape(30, 40, 1).astype(np.uint16)
    (tmp_path / "plain.png").write_bytes(png(plain))
    assert np.abs(decoder.read(tmp_path / "plain.png") - plain / 257).max() <= 0.5 + 1e-6


def test_of_a_gif_that_moves_the_first_frame_is_read(decoder: Decoder, tmp_path: Path) -> None:
    first = np.arange(600).reshape(20, 30) % 128
    (tmp_path / "moving.gif").write_bytes(gif(first, 127 - first))
    assert np.array_equal(decoder.read(tmp_path / "moving.gif")[..., 0], 2 * first)


def test_a_colour_that_a_png_names_as_transparent_is_seen_through(decoder: Decoder, tmp_path: Path) -> None:
    for pixels, named in (
        (np.array([[[0], [7], [200]]], np.uint8), struct.pack(">H", 7)),
        (np.array([[[0, 0, 0], [7, 8, 9], [200, 0, 0]]], np.uint8), struct.pack(">3H", 7, 8, 9)),
    ):
        (tmp_path / "transparent.png").write_bytes(png(pixels, chunk(b"tRNS", named)))
        found = decoder.read(tmp_path / "transparent.png")
        assert found[0, 1].tolist() == [255, 255, 255]
        assert np.array_equal(found[0, ::2], np.broadcast_to(pixels[0, ::2], (2, 3)))


@pytest.mark.parametrize("progressive", [False, True])
def test_a_truncated_jpeg_is_one_line_and_nothing_of_the_decoder_s_own_reaches_the_terminal(
    progressive: bool,
    uninterrupted: tuple[Path, Ended],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    whole = jpeg(a_seven(), progressive=progressive)
    for name, part in {"half": len(whole) // 2, "head": 200, "almost": -2}.items():
        (tmp_path / f"{name}.jpg").write_bytes(whole[:part])
    write_png(tmp_path / "whole.png", a_seven())
    assert parser.parse(["predict", "--checkpoint-dir", str(uninterrupted[0]), str(tmp_path)]).run() == 2
    said = capfd.readouterr()
    assert len(said.out.splitlines()) == 1
    assert said.err.splitlines() == [
        f"warning: {tmp_path / name}.jpg: is damaged; give an intact PNG, JPEG, BMP or GIF file"
        for name in ("almost", "half", "head")
    ]


def test_a_jpeg_of_which_a_part_can_be_shown_is_read_with_a_warning_that_names_it(
    decoder: Decoder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = jpeg(a_seven())
    (tmp_path / "part.jpg").write_bytes(whole[: len(whole) // 2] + b"\xff\xd9")
    assert decoder.read(tmp_path / "part.jpg").shape == (200, 200, 3)
    said = f"warning: {tmp_path / 'part.jpg'}: Corrupt JPEG data: premature end of data segment\n"
    assert capfd.readouterr().err == said


def test_no_line_of_another_thread_is_lost_while_damaged_images_are_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "half.jpg").write_bytes(jpeg(a_seven())[:2_000])
    written: list[int] = []

    def read() -> None:
        decoder = Decoder()
        for _ in range(40):
            with pytest.raises(InputError):
                decoder.read(tmp_path / "half.jpg")

    readers = [threading.Thread(target=read) for _ in range(2)]

    def write() -> None:
        while any(reader.is_alive() for reader in readers):
            os.write(2, b"error %d\n" % len(written))
            written.append(len(written))
            time.sleep(0.001)

    for thread in (*readers, writer := threading.Thread(target=write)):
        thread.start()
    for thread in (*readers, writer):
        thread.join()
    assert len(written) > 10
    # Those that were held back for a moment may come after some that were not.
    assert sorted(capfd.readouterr().err.splitlines()) == sorted(f"error {number}" for number in written)
