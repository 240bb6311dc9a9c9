"""Draw learning curves of one or more runs: the loss on the training batch, and the error of each checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.plots import end_labels, error_axis
from lowlevel_cnn.plots.drawing import COLOURS, MARKERS, new_figure
from lowlevel_cnn.plots.end_labels import End
from lowlevel_cnn.plots.labels import wrapped
from lowlevel_cnn.runs import metrics

_WIDTH, _PANEL_HEIGHT, _LINE_HEIGHT = 8.0, 2.9, 0.19
_AROUND_AXES = 0.9  # inches of a panel's height
_KEY_INCHES = 0.7  # of the legend, beside a run's name
# A loss whose smallest value is below this share of the largest is drawn on a logarithmic scale.
_LOGARITHMIC_FROM = 1 / 20
_RAW = "--"  # the line of raw weights
_MOST_STEPS, _MOST_LOSS = 2**53, 1e30

Points = list[tuple[int, float]]


@dataclass(frozen=True)
class Curves:
    """The curves of one run: points of step and value, lowest step first.

    Attributes:
        label: the run's name in the picture.
        loss: the loss on the training batch, at each checkpoint.
        split: the split of the errors: `validation`, or `test` if there are none for validation images.
        average: errors of the averaged weights: misclassified images, in per cent.
        raw: errors of the raw weights.
    """

    label: str
    loss: Points
    split: str
    average: Points
    raw: Points

    @property
    def has_errors(self) -> bool:
        return bool(self.average or self.raw)


def of_run(directory: Path, label: str) -> Curves:
    """Read what the trainer and the evaluator have recorded in a run directory."""
    losses = ((row.step, row.loss) for row in metrics.read_training(directory) if 0 <= row.loss < _MOST_LOSS)
    for split in ("validation", "test"):
        average, raw = (
            _points(
                (row.step, 100 * (1 - row.accuracy))
                for row in metrics.read(directory, split, weights)
                if _is_share(row)
            )
            for weights in ("average", "raw")
        )
        if average or raw:
            break
    return Curves(label, _points(losses), split, average, raw)


def draw(runs: Sequence[Curves]) -> Figure:
    """Draw one panel of losses and one of errors; a panel without recorded values is left out.

    Raises:
        InputError: nothing was recorded.
    """
    ends = [end for number, run in enumerate(runs) for end in _ends(number, run)]
    panels = {_draw_losses: _PANEL_HEIGHT} if any(run.loss for run in runs) else {}
    if ends:
        panels[_draw_errors] = max(_PANEL_HEIGHT, _AROUND_AXES + end_labels.LINE_HEIGHT * len(ends))
    if not panels:
        raise InputError("neither the trainer nor the evaluator has recorded anything; run `lowlevel-cnn eval --all`")
    names = [wrapped(run.label, _WIDTH - _KEY_INCHES, rcParams["font.size"]) for run in runs]
    # matplotlib shrinks the panels to fit the legend, so its height is added here.
    legend_lines = sum(1 + name.count("\n") for name in names)
    heights = list(panels.values())
    figure = new_figure(_WIDTH, sum(heights) + _LINE_HEIGHT * (legend_lines + 1), "Learning curves")
    all_axes = figure.subplots(len(panels), 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
    for axes, panel in zip(all_axes, panels, strict=True):
        axes.grid(color="#E0E0E0", linewidth=0.6)
        axes.set_axisbelow(True)
        panel(axes, runs)
    all_axes[-1].set_xlabel("training step")
    all_axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    all_axes[-1].xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    _add_legend(figure, names)
    if ends:
        end_labels.add(figure, all_axes[-1], ends)
    return figure


def _draw_losses(axes: Axes, runs: Sequence[Curves]) -> None:
    axes.set_title("Loss on the training batch, at each checkpoint", loc="left")
    axes.set_ylabel("loss")
    for number, run in enumerate(runs):
        _draw_line(axes, number, run.loss)
    values = [value for run in runs for _, value in run.loss]
    if 0 < min(values) < _LOGARITHMIC_FROM * max(values):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _draw_errors(axes: Axes, runs: Sequence[Curves]) -> None:
    splits = " or ".join(sorted({run.split for run in runs if run.has_errors}, reverse=True))
    axes.set_title(f"Error on the {splits} images: the share classified wrongly", loc="left")
    axes.set_ylabel("error")
    for number, run in enumerate(runs):
        _draw_line(axes, number, run.average)
        _draw_line(axes, number, run.raw, linestyle=_RAW, markerfacecolor="none")
    error_axis.use(axes, [error for run in runs for _, error in (*run.average, *run.raw)])
    drawn: list[tuple[str, dict[str, Any]]] = [
        (text, {"linestyle": line, "markerfacecolor": face})
        for text, line, face, is_there in (
            ("averaged weights", "-", "black", any(run.average for run in runs)),
            ("raw weights", _RAW, "none", any(run.raw for run in runs)),
        )
        if is_there
    ]
    keys = [Line2D([], [], color="black", marker="o", markersize=4, label=text, **looks) for text, looks in drawn]
    axes.legend(handles=keys, loc="best", framealpha=0.8)


def _ends(number: int, run: Curves) -> list[End]:
    """Return the last error with each kind of weights."""
    colour = _looks_of_run(number)["color"]
    return [
        End(points[-1], f"{error_axis.per_cent(points[-1][1])}{word}", colour)
        for points, word in ((run.average, ""), (run.raw, " raw"))
        if points
    ]


def _draw_line(axes: Axes, number: int, points: Points, **looks: Any) -> None:
    if points:
        steps, values = np.array(points).T
        axes.plot(steps, values, linewidth=1.4, **_looks_of_run(number), **looks)


def _looks_of_run(number: int) -> dict[str, Any]:
    marker = MARKERS[number % len(MARKERS)]
    return {"color": COLOURS[number % len(COLOURS)], "marker": marker, "markersize": 4.5}


def _add_legend(figure: Figure, names: Sequence[str]) -> None:
    handles = [Line2D([], [], **_looks_of_run(number)) for number in range(len(names))]
    legend = figure.legend(handles, ["run"] * len(names), loc="outside lower left", frameon=False)
    for text, name in zip(legend.get_texts(), names, strict=True):
        # Not as a label, since matplotlib omits those that begin with "_"; and "$" does not begin a formula here.
        text.set_parse_math(False)
        text.set_text(name)


def _points(rows: Iterable[tuple[int, float]]) -> Points:
    """Return one point per step, from its latest row; steps that no trainer could reach are left out."""
    return sorted({step: float(value) for step, value in rows if 0 <= step < _MOST_STEPS}.items())


def _is_share(row: metrics.Row) -> bool:
    return 0 <= row.accuracy <= 1
