"""Files that are decoded together give the pixels that each gives alone, and the same errors."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.made_pictures import png_bytes

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.batch_decoding import BatchDecoder
from lowlevel_cnn.images.decoding import Decoder
from lowlevel_cnn.tensorflow_v1 import tf


def noise(height: int, width: int, channels: int, most: int = 256) -> np.ndarray:
    return np.random.default_rng(height * width).integers(0, most, (height, width, channels))


def png_of(pixels: np.ndarray) -> bytes:
    encoded: bytes = tf.io.encode_png(pixels).numpy()
    return encoded


def jpeg(pixels: np.ndarray, orientation: int = 0, *, progressive: bool = False) -> bytes:
    """A JPEG file, perhaps with EXIF data that says how the camera was held."""
    encoded: bytes = tf.io.encode_jpeg(pixels.astype(np.uint8), progressive=progressive).numpy()
    if not orientation:
        return encoded
    data = b"Exif\0\0II*\0" + struct.pack("<IHHHIHxxI", 8, 1, 0x0112, 3, 1, orientation, 0)
    return encoded[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(data)) + data + encoded[2:]


def palette_png(*transparent: bytes) -> bytes:
    """A PNG of 4 bits a pixel with a palette, perhaps with a transparent colour."""
    header, palette = struct.pack(">IIBBBBB", 4, 2, 4, 3, 0, 0, 0), bytes(range(48))
    lines = zlib.compress(b"\0\x01\x23\0\x45\x67")
    chunks = [(b"IHDR", header), (b"PLTE", palette), *((b"tRNS", each) for each in transparent)]
    chunks += [(b"IDAT", lines), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


FILES: dict[str, Callable[[], bytes]] = {
    "grey.png": lambda: png_bytes(noise(9, 8, 1).astype(np.uint8)),
    "colour.png": lambda: png_bytes(noise(9, 8, 3).astype(np.uint8)),
    "sixteen bits.png": lambda: png_of(noise(7, 7, 3, 1 << 16).astype(np.uint16)),
    "transparent.png": lambda: png_of(noise(6, 7, 4).astype(np.uint8)),
    "palette.png": palette_png,
    "transparent palette.png": lambda: palette_png(b"\xff\0\x80"),
    "photo.jpg": lambda: jpeg(noise(30, 20, 3)),
    "grey.jpg": lambda: jpeg(noise(30, 20, 1)),
    "progressive.jpg": lambda: jpeg(noise(30, 20, 3), progressive=True),
    "on its side.jpg": lambda: jpeg(noise(30, 20, 3), 6),
    "upright.jpg": lambda: jpeg(noise(30, 20, 3), 1),
    # The wrong ending: what counts is the content.
    "photo.png": lambda: jpeg(noise(12, 13, 3)),
}


def read(paths: list[Path]) -> dict[int, np.ndarray]:
    return dict(BatchDecoder().read(paths, [path.stat().st_size for path in paths]))


def test_each_file_gives_the_pixels_that_it_gives_alone(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in FILES]
    for path in paths:
        path.write_bytes(FILES[path.name]())
    # More than fit into one run of the graph.
    many = paths * 7
    found = read(many)
    assert sorted(found) == list(range(len(many)))
    alone = [np.rint(Decoder().read(path)) for path in paths]
    for index, pixels in found.items():
        assert pixels.dtype == np.uint8
        np.testing.assert_array_equal(pixels, alone[index % len(paths)], err_msg=many[index].name)


@pytest.mark.parametrize("name", ["grey.png", "photo.jpg"])
def test_a_file_that_is_cut_is_named_whatever_is_decoded_beside_it(name: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}-{name}" for number in range(5)]
    for path in paths:
        path.write_bytes(FILES[name]())
    paths[3].write_bytes(paths[3].read_bytes()[:60])
    with pytest.raises(InputError, match=f"3-{name}: is damaged"):
        read(paths)


def test_a_file_with_a_warning_of_the_decoder_is_named_in_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content = bytearray(FILES["photo.jpg"]())
    content[-40:-30] = b"\xff\xd0" * 5  # markers in the midst of the pixels
    paths = [tmp_path / "sound.jpg", tmp_path / "odd.jpg"]
    paths[0].write_bytes(FILES["photo.jpg"]())
    paths[1].write_bytes(content)
    read(paths)
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("warning: ")]
    assert len(lines) == 1 and "odd.jpg" in lines[0]


def test_no_files_give_no_pictures() -> None:
    assert read([]) == {}
