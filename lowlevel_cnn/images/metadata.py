"""Read the metadata of PNG and JPEG files that TensorFlow's decoders ignore.

Sources: EXIF 2.32 (CIPA DC-008), 4.6.4, Orientation; PNG, third edition, the chunks `tRNS` and `eXIf`; ITU T.81, B.1.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
UPRIGHT = 1

_ORIENTATION = 0x0112
_SHORT = 3
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_APP1, _START_OF_SCAN, _FILL = 0xE1, 0xDA, 0xFF
_OPAQUE_KINDS = (0, 2, 3)  # PNG's grey, colour and palette
_FRAMES = (0xC0, 0xC1, 0xC2)  # JPEG's sequential and progressive frames, coded as Huffman's
# The headers of frames in all kinds of coding; the numbers left out are other segments.
_STARTS_OF_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# How to turn pixels upright: swap rows and columns, then reverse the rows, then the columns.
_TURNS = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def orientation(contents: bytes) -> int:
    """Return how the camera was held, 1 to 8 as numbered by EXIF; `UPRIGHT` if the file does not say."""
    blocks = _png_chunks(contents) if contents.startswith(PNG) else _jpeg_segments(contents)
    candidates = (block.removeprefix(b"Exif\0\0") for kind, block in blocks if kind in (b"eXIf", _APP1))
    exif = next((each for each in candidates if each[:4] in _BYTE_ORDERS), b"")
    return _orientation_in(exif) if exif else UPRIGHT


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn pixels `[height, width, channels]` of this orientation upright."""
    transposed, rows_reversed, columns_reversed = _TURNS[orientation]
    if transposed:
        pixels = pixels.swapaxes(0, 1)
    return pixels[:: -1 if rows_reversed else 1, :: -1 if columns_reversed else 1]


def has_transparency(contents: bytes) -> bool:
    """Return whether a PNG file declares transparent colours, apart from its pixels."""
    return any(kind == b"tRNS" for kind, _ in _png_chunks(contents))


def has_16_bits(contents: bytes) -> bool:
    """Return whether a PNG file has 16 bits for each of a pixel's values."""
    return contents[24:25] == b"\x10"


def jpeg_size(contents: bytes) -> tuple[int, int]:
    """Return the width and height that a JPEG file announces; (0, 0) if it is cut off before."""
    frame = next((block for marker, block in _jpeg_segments(contents) if marker in _STARTS_OF_FRAMES), b"")
    height, width = struct.unpack(">HH", frame[1:5].ljust(4, b"\0"))
    return width, height


def plain_size(contents: bytes) -> tuple[int, int] | None:
    """Return height and width of a PNG or JPEG file whose decoded pixels are what is meant to be seen, else None.

    It has 8 bits, no transparency, is grey or of red, green and blue, and upright.
    """
    if contents.startswith(PNG):
        width, height, bits, kind = struct.unpack(">IIBB", contents[16:26].ljust(10, b"\xff"))
        is_plain = bits <= 8 and kind in _OPAQUE_KINDS and not has_transparency(contents)
    elif contents.startswith(JPEG):
        frames = (block for marker, block in _jpeg_segments(contents) if marker in _FRAMES)
        bits, height, width, components = struct.unpack(">BHHB", next(frames, b"")[:6].ljust(6, b"\xff"))
        is_plain = bits == 8 and components in (1, 3)
    else:
        return None
    return (height, width) if is_plain and orientation(contents) == UPRIGHT else None


def _png_chunks(contents: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks of a PNG file, as far as they are complete, each with its type."""
    place = len(PNG)
    while place + 8 <= len(contents):
        length, kind = struct.unpack_from(">I4s", contents, place)
        yield kind, contents[place + 8 : place + 8 + length]
        place += 12 + length


def _jpeg_segments(contents: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the segments of a JPEG file before its pixels, as far as they are complete, each with its marker."""
    place = 2
    while place + 4 <= len(contents) and contents[place] == _FILL:
        marker, length = contents[place + 1], int.from_bytes(contents[place + 2 : place + 4], "big")
        if marker == _FILL:
            place += 1
            continue
        if marker == _START_OF_SCAN:
            return
        yield marker, contents[place + 4 : place + 2 + length]
        place += 2 + length


def _orientation_in(exif: bytes) -> int:
    """Return the orientation in the first directory of EXIF data; `UPRIGHT` if it has no valid one."""
    order = _BYTE_ORDERS[exif[:4]]
    try:
        (directory,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, directory)
        for place in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, place)
            if tag == _ORIENTATION and kind == _SHORT and value in _TURNS:
                return int(value)
    except struct.error:
        # It is truncated.
        pass
    return UPRIGHT
