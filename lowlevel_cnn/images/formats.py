"""Recognise image files by their contents, whatever their names say, and read the sizes that their headers announce."""

from __future__ import annotations

import re
import struct

from lowlevel_cnn.images.metadata import JPEG, PNG, jpeg_size

READ = "PNG, JPEG, BMP or GIF"
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif")

_READ = {PNG: "PNG", JPEG: "JPEG", b"GIF8": "GIF", b"BM": "BMP"}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_SVG = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:svg|\?xml[^>]*>(?:\s|<!--.*?-->|<!DOCTYPE[^>]*>)*<svg)", re.DOTALL)


def format_of(contents: bytes) -> str:
    """Return the format that `Decoder` reads; "" if it is none of them."""
    return next((name for start, name in _READ.items() if contents.startswith(start)), "")


def other_format(contents: bytes) -> str:
    """Return the name of a known format that cannot be read; "" if it is unknown."""
    if contents[:4] == b"RIFF" and contents[8:12] == b"WEBP":
        return "WebP"
    if contents.startswith(_TIFF):
        return "TIFF"
    if contents[4:8] == b"ftyp":
        return "AVIF" if contents[8:12] in (b"avif", b"avis") else "HEIC" if contents[8:12] in _HEIC else ""
    if contents.startswith(b"%PDF"):
        return "PDF"
    return "SVG" if _SVG.match(contents[:4096]) else ""


def announced_size(contents: bytes) -> tuple[int, int]:
    """Return the width and height from the header of a format that is read; (0, 0) if it is cut off."""
    try:
        match format_of(contents):
            case "PNG":
                width, height = struct.unpack_from(">II", contents, 16)
            case "GIF":
                width, height = struct.unpack_from("<HH", contents, 6)
            case "BMP":
                width, height = map(abs, struct.unpack_from("<ii", contents, 18))
            case _:
                return jpeg_size(contents)
    except struct.error:
        return 0, 0
    return width, height
