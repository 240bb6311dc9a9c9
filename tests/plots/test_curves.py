"""Learning curves: which rows are drawn, and that their values can be read."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.processes import Ended, run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lowlevel_cnn.runs import metrics
from lowlevel_cnn.runs.metrics import Row

pytest.importorskip("matplotlib", reason="the pictures are drawn by matplotlib, which the extra `plots` installs")

from lowlevel_cnn.plots import curves, drawing, end_labels, error_axis, labels
from lowlevel_cnn.plots.curves import Curves

FONT = ["DejaVu Sans"]


def record_rows(directory: Path, split: str, accuracies: Mapping[int, float], weights: str = "average") -> Path:
    for step, accuracy in accuracies.items():
        metrics.append(directory, Row(step, split, weights, accuracy, 0.1, 10, 0.1, "now"))
    return directory


def test_runs_with_any_names_are_told_apart_in_one_picture_without_a_warning(tmp_path: Path) -> None:
    names = ("x/run", "y/run", "_begins so", "$a$ and $b", "z" * 200, "tab\there", "\u8bad\u7ec3", "last")
    directories = [
        record_rows(tmp_path / name, "validation", {1: 0.1, 5: 0.2 + at / 20}) for at, name in enumerate(names)
    ]
    for at, directory in enumerate(directories):
        metrics.append_training(directory, 5, 1.0 + at)
    words = [word for directory in directories for word in ("--checkpoint-dir", directory)]
    ended = run("plot", *words, "--output", tmp_path / "pictures", cwd=tmp_path)
    assert ended == Ended(0, [str(tmp_path / "pictures/curves.png")], [])

    plain = labels.of_directories(directories)
    assert plain == ["x/run", "y/run", *names[2:]]
    shown = [labels.displayable(each, FONT) for each in plain]
    assert shown[5:7] == ["tab\\there", "\\u8bad\\u7ec3"]
    with drawing.style(FONT), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure: Any = curves.draw([curves.of_run(*each) for each in zip(directories, shown, strict=True)])
        drawing.png(figure)
    legend = [text.get_text().replace("\n", "") for text in figure.legends[0].get_texts()]
    assert legend == shown
    looks = {(line.get_color(), line.get_marker()) for line in figure.axes[0].lines}
    assert len(looks) == len({colour for colour, _ in looks}) == 8
    # Nothing is cut off: all of the legend stands on the page.
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.width


def test_a_run_without_validation_images_shows_its_test_errors_and_one_checkpoint_is_a_point(
    tmp_path: Path,
) -> None:
    run_curves = curves.of_run(record_rows(tmp_path, "test", {300: 0.75}, "raw"), "run")
    with drawing.style(FONT):
        figure: Any = curves.draw([run_curves])
        drawing.png(figure)
    [axes] = figure.axes
    assert axes.get_title(loc="left") == "Error on the test images: the share classified wrongly"
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[300, 25]]]


def test_rows_that_no_evaluator_wrote_are_not_drawn(tmp_path: Path) -> None:
    wild = {10**400: 0.5, -1: 0.5, 5: 2.0, 6: float("nan"), 7: float("inf"), 8: 0.75}
    run_curves = curves.of_run(record_rows(tmp_path, "validation", wild), "run")
    assert run_curves.average == [(8, 25)]
    for step, loss in ((1, float("nan")), (2, float("inf")), (3, -1.0), (4, 0.5)):
        metrics.append_training(tmp_path, step, loss)
    assert curves.of_run(tmp_path, "run").loss == [(4, 0.5)]


def drawn(*runs: Curves) -> Any:
    """The curves as a figure that can be measured; a warning is an error."""
    with drawing.style(FONT), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure: Any = curves.draw(runs)
        drawing.png(figure)
        figure.draw_without_rendering()
    return figure


def of_errors(*errors: float, raw: tuple[float, ...] = ()) -> Curves:
    """A run with these errors, in per cent, at the steps 100, 200, ..."""
    average, others = ([(100 * (at + 1), error) for at, error in enumerate(each)] for each in (errors, raw))
    return Curves("run", [], "validation", average, others)


def ticks_of(axes: Any) -> list[str]:
    """What stands at the vertical axis."""
    low, high = axes.get_ylim()
    return [
        label.get_text()
        for place, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
        if low <= place <= high
    ]


def height_of(axes: Any, error: float) -> float:
    """Where an error stands: 0 is the foot of the axis, 1 its upper end."""
    return float(axes.transAxes.inverted().transform(axes.transData.transform((0, error)))[1])


def test_99_1_and_99_4_per_cent_can_be_told_apart_beside_a_first_checkpoint_of_9_per_cent(tmp_path: Path) -> None:
    record_rows(tmp_path, "validation", {1: 0.09, 101: 0.95, 201: 0.977, 501: 0.991, 1100: 0.994})
    [axes] = drawn(curves.of_run(tmp_path, "run")).axes
    assert axes.get_yscale() == "log"
    assert ticks_of(axes) == ["0.5 %", "1 %", "2 %", "5 %", "10 %", "20 %", "50 %", "100 %"]
    heights = [height_of(axes, error) for error in (0.6, 0.9, 5, 91)]
    assert heights[0] > 0 and heights[-1] < 1
    assert all(lower + 0.06 < upper for lower, upper in pairwise(heights))


def test_an_error_of_exactly_0_stands_at_the_foot_of_the_axis_where_0_per_cent_is_written(tmp_path: Path) -> None:
    record_rows(tmp_path, "validation", {1: 0.5, 2: 0.98, 3: 1.0})
    [axes] = drawn(curves.of_run(tmp_path, "run")).axes
    assert axes.lines[0].get_ydata()[-1] == 0
    assert ticks_of(axes) == ["0 %", "1 %", "2 %", "5 %", "10 %", "20 %", "50 %", "100 %"]
    heights = [height_of(axes, error) for error in (0, 1, 2, 10, 100)]
    assert 0 < heights[0] < 0.1 and all(lower + 0.08 < upper for lower, upper in pairwise(heights))
    assert [text.get_text() for text in axes.texts] == ["0 %"]


SHARES = st.floats(0, 100)


@settings(deadline=None, max_examples=40)
@given(st.lists(SHARES, min_size=1, max_size=4))
@example([0.0])
@example([0.0, 100.0])
@example([0.82, 0.84])
@example([1.0])
@example([1e-12, 5.0])
@example([0.001])
def test_whatever_the_errors_are_they_stand_between_two_ticks_or_more(errors: list[float]) -> None:
    with drawing.style(FONT):
        axes: Any = drawing.new_figure(4, 3, "").subplots()
        axes.plot(range(len(errors)), errors)
        error_axis.use(axes, errors)
    shown = ticks_of(axes)
    assert 2 <= len(shown) <= 17 and len(set(shown)) == len(shown)
    assert float(shown[0].removesuffix(" %")) <= min(errors) and max(errors) <= float(shown[-1].removesuffix(" %"))
    assert all(0 < height_of(axes, error) < 1 for error in errors)


def test_the_last_errors_are_written_at_the_ends_of_the_lines_with_three_digits(tmp_path: Path) -> None:
    record_rows(tmp_path, "validation", {1: 0.1, 1100: 0.9918})
    record_rows(tmp_path, "validation", {1: 0.1, 900: 0.69877}, "raw")
    figure = drawn(curves.of_run(tmp_path, "run"))
    [axes] = figure.axes
    assert [text.get_text() for text in axes.texts] == ["0.82 %", "30.1 % raw"]
    # A line leads from each last point to its value.
    for leader, text, point in zip(figure.artists, axes.texts, ((1100, 0.82), (900, 30.123)), strict=True):
        (first, last), pixels = leader.get_xydata(), axes.transData.transform(point)
        assert axes.transAxes.transform(first) == pytest.approx(pixels, abs=0.5)
        assert last[0] < text.get_position()[0] and last[1] == text.get_position()[1]


@pytest.mark.parametrize("count", [1, 3, 20])
def test_of_any_number_of_runs_no_last_value_is_written_over_another_or_off_the_page(count: int) -> None:
    # Most end at the same error, some before the others.
    runs = [of_errors(90, 2, *[0.84] * (1 + number % 3), raw=(91, 3, 0.86 + 0.1 * number)) for number in range(count)]
    figure = drawn(*runs)
    [axes] = figure.axes
    boxes = sorted((text.get_window_extent() for text in axes.texts), key=lambda box: box.y0)
    page, inside = figure.bbox, axes.get_window_extent()
    assert len(boxes) == 2 * count
    assert all(lower.y1 <= upper.y0 + 1 for lower, upper in pairwise(boxes))
    assert all(inside.x1 < box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1 for box in boxes)
    # The colour says whose line it is.
    assert [text.get_color() for text in axes.texts[::2]] == [line.get_color() for line in axes.lines[::2]]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0, 0.2))
def test_labels_are_moved_apart_in_the_order_of_their_values_and_no_farther_than_they_must(
    heights: list[float], gap: float
) -> None:
    places = end_labels.spread(heights, gap)
    order = np.argsort(heights, kind="stable")
    room = min(gap, 1 / max(1, len(heights) - 1))
    assert np.all(np.diff(places[order]) >= room - 1e-9)
    assert places.min() >= -1e-9 and places.max() <= 1 + 1e-9
    if np.all(np.diff(np.sort(heights)) >= gap + 1e-9):
        assert places == pytest.approx(np.array(heights), abs=1e-6)
