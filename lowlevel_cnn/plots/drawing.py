"""Helpers for all pictures: style, colours, and images arranged as tiles."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lowlevel_cnn.plots.labels import wrapped

# Distinct to colour-blind readers: Okabe and Ito, Color Universal Design; grey for their yellow, which is too pale.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8A8A8A")
# Their number is coprime to that of the colours: together they distinguish 72 runs.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "*")
DOTS_AN_INCH, DOTS_AN_INCH_INLINE = 150, 96
TILES_A_ROW = 5
MOST_IN_A_COLUMN = 32  # nodes; more form a block
_TILE_INCHES = 1.55
_HEADER_SIZE = 10
_STYLE: Any = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "image.interpolation": "nearest",
    # A `$` in the name of a class or a folder is no formula.
    "text.parse_math": False,
}


class InlineFigure(Figure):
    """A figure that a notebook shows without `pyplot`, whose backend is the notebook's own choice."""

    def _repr_png_(self) -> bytes:
        return png(self, DOTS_AN_INCH_INLINE)


@contextmanager
def style(families: Sequence[str]) -> Iterator[None]:
    """Draw with these fonts and our style, regardless of the user's matplotlib settings."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        matplotlib.rcParams["font.family"] = list(families)
        yield


def new_figure(width: float, height: float, header: str) -> Figure:
    """Return an empty figure with a header.

    Args:
        width: width of the figure, in inches.
        height: height of the area below the header, in inches.
        header: the text at the top, in lines of its own; lines that are too long are wrapped.
    """
    lines = [wrapped(line, width - 0.3, _HEADER_SIZE) for line in header.splitlines()]
    text = "\n".join(lines)
    figure = InlineFigure(figsize=(width, height + 0.2 * (1 + text.count("\n"))), layout="constrained")
    title = figure.suptitle(text, x=0.01, horizontalalignment="left", fontsize=_HEADER_SIZE)
    title.set_parse_math(False)
    return figure


def png(figure: Figure, dots_an_inch: int = DOTS_AN_INCH) -> bytes:
    """Return the figure as a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dots_an_inch, metadata={"Software": None})
    return buffer.getvalue()


def show_image(axes: Axes, image: np.ndarray) -> None:
    """Show an image `[height, width, 1 or 3]`, in [0, 1], as the network sees it: grey or in colour."""
    axes.imshow(image[..., 0] if image.shape[-1] == 1 else image, cmap="gray", vmin=0, vmax=1)
    axes.set_axis_off()


def tiles(images: np.ndarray, captions: Sequence[str], header: str, lines_a_caption: int) -> Figure:
    """Draw images `[count, height, width, 1 or 3]`, in [0, 1], five per row, each with a caption; if none, a header."""
    rows = -(-len(images) // TILES_A_ROW)
    height = _TILE_INCHES + 0.16 * lines_a_caption
    figure = new_figure(TILES_A_ROW * (_TILE_INCHES + 0.1), rows * height, header)
    places = figure.subplots(rows, TILES_A_ROW, squeeze=False).ravel() if rows else ()
    for axes in places:
        axes.set_axis_off()
    for axes, image, caption in zip(places, images, captions, strict=False):
        show_image(axes, image)
        axes.set_title(caption, fontsize=8)
    return figure


def as_maps(values: np.ndarray) -> np.ndarray:
    """Return values of a layer for one image as `[nodes]` or `[height, width, maps]`: two dimensions are one map."""
    return values if values.ndim == 1 else values.reshape(*values.shape[:2], -1)


def mosaic(maps: np.ndarray, columns: int, gap_value: float) -> np.ndarray:
    """Arrange maps `[count, height, width]`, or `[count, height, width, 3]`, in columns of one image, with gaps.

    Small maps are enlarged to about 28 pixels, so that the gaps look equally wide for all sizes.
    """
    count, height, width = maps.shape[:3]
    enlarged = max(1, round(28 / max(height, width)))
    maps = maps.repeat(enlarged, axis=1).repeat(enlarged, axis=2)
    height, width = height * enlarged + 2, width * enlarged + 2
    rows = -(-count // columns)
    image = np.full((rows * height - 2, columns * width - 2, *maps.shape[3:]), gap_value)
    for number, each in enumerate(maps):
        top, left = number // columns * height, number % columns * width
        image[top : top + height - 2, left : left + width - 2] = each
    return image


def block(nodes: np.ndarray) -> np.ndarray:
    """Arrange nodes `[nodes]` as an image of one column, or of several if there are many, with NaN in the gaps."""
    rows = len(nodes) if len(nodes) <= MOST_IN_A_COLUMN else math.ceil(math.sqrt(2 * len(nodes)))
    columns = -(-len(nodes) // rows)
    image = np.full(rows * columns, np.nan)
    image[: len(nodes)] = nodes
    return image.reshape(columns, rows).T
