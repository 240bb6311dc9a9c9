"""Label the last values of lines, in a column to the right of the axes, without overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

LINE_HEIGHT = 0.155  # inches
# Where the dotted lines end and the labels begin, in widths of the axes.
_LEADER_END, _COLUMN = 1.018, 1.025


@dataclass(frozen=True)
class End:
    """The last point of a line, and its label.

    Attributes:
        point: step and value.
        text: the label.
        colour: the colour of the line and the label.
    """

    point: tuple[float, float]
    text: str
    colour: str


def add(figure: Figure, axes: Axes, ends: Sequence[End]) -> None:
    """Label the ends of lines, in an otherwise complete figure; a dotted line leads from each end to its label."""
    inside = axes.transAxes
    labels = [axes.text(_COLUMN, 0.5, end.text, transform=inside, color=end.colour, va="center") for end in ends]
    # The height of the axes is known only after layout, which makes room for the labels.
    figure.draw_without_rendering()
    points = [inside.inverted().transform(axes.transData.transform(end.point)) for end in ends]
    line_height = LINE_HEIGHT * figure.dpi / axes.get_window_extent().height
    heights = spread([height for _, height in points], line_height)
    for end, label, (x, y), height in zip(ends, labels, points, heights, strict=True):
        label.set_y(height)
        leader = Line2D([x, _LEADER_END], [y, height], transform=inside, color=end.colour)
        leader.set(linestyle=":", linewidth=0.8)
        figure.add_artist(leader)


def spread(heights: Sequence[float], gap: float) -> np.ndarray:
    """Return positions from 0 to 1, at least `gap` apart, in the order of the wanted heights and close to them.

    If there is not enough room, they are closer together.
    """
    order = np.argsort(heights, kind="stable")
    gaps = min(gap, 1 / max(1, len(heights) - 1)) * np.arange(len(heights))
    # With the gaps below subtracted, positions must not decrease: push up, push down, and take the mean of both.
    wanted = np.asarray(heights)[order] - gaps
    pushed_up = np.maximum.accumulate(wanted)
    pushed_down = np.minimum.accumulate(wanted[::-1])[::-1]
    places = np.empty(len(heights))
    places[order] = np.clip((pushed_up + pushed_down) / 2, 0, 1 - gaps[-1]) + gaps
    return places
