"""Decode PNG, JPEG, BMP and GIF files into pixels, as they are meant to be seen."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.formats import READ, announced_size, format_of, other_format
from lowlevel_cnn.images.metadata import has_16_bits, has_transparency, orientation, upright
from lowlevel_cnn.images.transparency import without_transparency
from lowlevel_cnn.system.messages import warn
from lowlevel_cnn.system.standard_error import filtered
from lowlevel_cnn.tensorflow_v1 import session_config, tf

_LARGEST_FILE = 64 << 20
_MOST_PIXELS = 100_000_000
_FAINT = 64  # levels of 8 bits
_LEVELS_OF_16_BITS = 257  # per level of 8 bits
_RATIOS = (8, 4, 2, 1)  # at which a JPEG file can be decoded smaller, with a fraction of the memory and the time
_STRIP = 256  # rows

# Messages logged by TensorFlow's decoders, and printed by libjpeg, on which one of them is built.
_OF_THE_DECODER = re.compile(
    rb".*\b(?:jpeg_mem|png_io|gif_io)\.cc:\d+\]|\s*$|"
    rb"Corrupt JPEG data|Premature end of|Bogus |Improper call to JPEG|Input file read error|Quantization table|"
    rb"Huffman table|Invalid (?:JPEG|component|progressive|SOS)|Unsupported (?:JPEG|marker|color)|JPEG datastream|"
    rb"Empty JPEG|Inconsistent progression|Didn't expect more|Unknown Adobe|Warning: unknown JFIF|Too many color|"
    rb"Sampling factors|Fractional sampling|Image too wide|Maximum supported image"
)
# Of colours and comments, which do not concern the pixels.
_HARMLESS = re.compile(r".*PNG warning: (?:iCCP|sRGB|cHRM|gAMA|tEXt|iTXt|zTXt|pHYs|bKGD|tIME|sBIT|hIST)\b.*")


class Decoder:
    """Reads image files with TensorFlow's own decoders, in a graph of its own."""

    def __init__(self) -> None:
        graph = tf.Graph()
        with graph.as_default():
            self._contents = tf.placeholder(tf.string, [])
            self._jpeg = {ratio: tf.image.decode_jpeg(self._contents, channels=3, ratio=ratio) for ratio in _RATIOS}
            self._png = {kind: tf.image.decode_png(self._contents, dtype=kind) for kind in (tf.uint8, tf.uint16)}
            # Transparency stored apart from the pixels is applied only if an alpha channel is requested.
            self._transparent_png = {
                kind: tf.image.decode_png(self._contents, channels=4, dtype=kind) for kind in (tf.uint8, tf.uint16)
            }
            self._first_frame = tf.image.decode_image(self._contents, channels=3, expand_animations=False)
        self._session = tf.Session(graph=graph, config=session_config())

    def read(self, path: Path) -> np.ndarray:
        """Return a file's pixels `[height, width, 3]` uint8; what is transparent has a ground put under it.

        Raises:
            InputError: it is of no format that can be read, is too large or damaged.
        """
        return self.read_at_least(path, _MOST_PIXELS)[0]

    def read_at_least(self, path: Path, longest: int, *, faint: bool = False) -> tuple[np.ndarray, int]:
        """Return a file's pixels, and how many times smaller they are than those of the file.

        Args:
            path: the file.
            longest: the pixels that the longer edge must have; a JPEG file with many more is decoded smaller.
            faint: whether few of 16 bits' levels are spread over all 8 bits, so that faint ink keeps its shades.

        Raises:
            InputError: as in `read`.
        """
        contents = _contents(path)
        larger = max(announced_size(contents)) // longest
        ratio = next(each for each in _RATIOS if each <= max(larger, 1)) if format_of(contents) == "JPEG" else 1
        pixels = upright(self._decoded(path, contents, ratio, faint), orientation(contents))
        if pixels.shape[2] in (2, 4):
            pixels = without_transparency(pixels)
        return np.broadcast_to(pixels, (*pixels.shape[:2], 3)), ratio

    def _decoded(self, path: Path, contents: bytes, ratio: int, faint: bool) -> np.ndarray:
        """Return `[height, width, 1 to 4]` uint8 as stored in the file; warn of damaged parts."""
        kind = format_of(contents)
        operation = self._jpeg[ratio] if kind == "JPEG" else self._first_frame
        if kind == "PNG":
            of_kind = self._transparent_png if has_transparency(contents) else self._png
            operation = of_kind[tf.uint16 if has_16_bits(contents) else tf.uint8]
        try:
            with filtered(_OF_THE_DECODER) as said:
                decoded = np.asarray(self._session.run(operation, {self._contents: contents}))
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
            raise InputError(f"{path}: is damaged; give an intact {READ} file") from None
        lines = [line for line in said if line and not _HARMLESS.match(line)]
        if lines:
            warn(f"{path}: {' '.join(lines)}")
        return _of_8_bits(decoded, faint) if decoded.dtype == np.uint16 else decoded


def _of_8_bits(pixels: np.ndarray, faint: bool) -> np.ndarray:
    """Round 16 bits to 8; if `faint`, spread the levels of a picture that has few of them over all 8 bits."""
    colours = pixels[..., : 1 if pixels.shape[2] < 3 else 3]
    lowest, highest = int(colours.min()), int(colours.max())
    is_faint = faint and 0 < highest - lowest < _FAINT * _LEVELS_OF_16_BITS
    start, level = (lowest, (highest - lowest) / 255) if is_faint else (0, _LEVELS_OF_16_BITS)
    rounded = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), _STRIP):
        strip = slice(top, top + _STRIP)
        rounded[strip] = np.rint(pixels[strip] / _LEVELS_OF_16_BITS)
        rounded[strip, :, : colours.shape[2]] = np.rint((colours[strip].astype(np.float32) - start) / level)
    return rounded


def _contents(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            contents = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give an image file") from None
    width, height = announced_size(contents)
    if len(contents) > _LARGEST_FILE or width * height > _MOST_PIXELS:
        raise InputError(f"{path}: is too large for an image; give a smaller one")
    if not format_of(contents):
        other = other_format(contents)
        what = f"is of the format {other}, which cannot be read" if other else f"is not a {READ} file"
        raise InputError(f"{path}: {what}; convert it to PNG or JPEG first")
    return contents
