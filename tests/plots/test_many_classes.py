"""Pictures of networks that tell more than ten classes apart."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from lowlevel_cnn import models
from lowlevel_cnn.mnist_eval import build_network
from lowlevel_cnn.tensorflow_v1 import tf

pytest.importorskip("matplotlib", reason="the pictures are drawn by matplotlib, which the extra `plots` installs")

from lowlevel_cnn.plots import activations, confusion, drawing, network


@pytest.fixture(autouse=True)
def style() -> Iterator[None]:
    with drawing.style(["DejaVu Sans"]):
        yield


def made_probabilities(count: int) -> np.ndarray:
    return np.asarray(np.random.default_rng(0).dirichlet(np.ones(count)))


@pytest.mark.parametrize(("count", "has_counts"), [(10, True), (26, True), (62, False), (300, False)])
def test_in_a_confusion_matrix_no_count_or_name_is_written_over_the_next(count: int, has_counts: bool) -> None:
    matrix = np.random.default_rng(0).integers(0, 1000, [count, count])
    figure = confusion.draw_matrix(matrix, [f"name {number}" for number in range(count)], "header")
    figure.draw_without_rendering()
    axes = figure.axes[0]
    assert len(axes.texts) == (count**2 if has_counts else 0)
    # The names on the x axis are as far apart as those on the y axis, and stand at an angle.
    assert len(axes.get_xticklabels()) == len(axes.get_yticklabels())
    for texts, side in ((axes.texts[:count], "x"), (axes.get_yticklabels(), "y")):
        boxes = [each.get_window_extent() for each in texts]
        ends = sorted(((box.x0, box.x1) if side == "x" else (box.y0, box.y1)) for box in boxes)
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(ends))
    assert max(figure.get_size_inches()) < 22


def test_of_many_classes_the_most_probable_ones_are_shown_largest_first() -> None:
    probabilities, names = made_probabilities(26), [chr(ord("a") + number) for number in range(26)]
    figure = activations.draw_layers(np.zeros([28, 28, 1]), [], probabilities, names, "header")
    axes = figure.axes[1]
    order = np.argsort(-probabilities)[:12]
    assert [each.get_text() for each in axes.get_yticklabels()] == [names[each] for each in order]
    assert [each.get_text() for each in axes.texts] == [f"{probabilities[each]:.2%}" for each in order]
    assert axes.get_title("left") == "Probabilities of the 12 most probable of 26 classes"


@pytest.mark.parametrize("count", [10, 15, 26, 32, 100])
def test_in_the_row_of_arrays_the_classes_stand_above_the_captions_and_their_names_apart(count: int) -> None:
    model = models.get("lenet-5")
    model = replace(model, num_labels=count, inference=functools.partial(model.inference, num_labels=count))
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(0)
        found = build_network(model, "raw")
        session.run(tf.global_variables_initializer())
        shown, values, probabilities = network.of_image(session, found, np.ones([28, 28, 1], np.float32))
    names = [f"name {number}" for number in range(count)]
    figure = network.draw_row(shown, values, probabilities, names, "header")
    figure.draw_without_rendering()
    axes = figure.axes[0]
    written = [each for each in axes.texts if each.get_text().startswith("name ")]
    assert any(each.get_text().startswith(f"name {probabilities.argmax()}: ") for each in written)
    assert len(written) == (count if count <= 15 else 1)
    boxes = sorted((each.get_window_extent() for each in written), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 1 for below, above in itertools.pairwise(boxes))
    highest = max(each.get_window_extent().y1 for each in axes.texts if each.get_text() == "layer7-fc3")
    assert axes.images[-1].get_window_extent().y0 >= highest


@pytest.mark.parametrize("shape", [(784, 16), (28, 256), (300, 300)])
def test_in_the_row_of_arrays_the_values_of_many_time_steps_stay_in_their_column(shape: tuple[int, int]) -> None:
    model = models.get("lenet-5")
    with tf.Graph().as_default(), tf.Session() as session:
        found = build_network(model, "raw")
        session.run(tf.global_variables_initializer())
        shown, values, probabilities = network.of_image(session, found, np.ones([28, 28, 1], np.float32))
    figure = network.draw_row(
        shown, [values[0], np.ones([*shape, 1]), *values[2:]], probabilities, "0123456789", "header"
    )
    figure.draw_without_rendering()
    axes = figure.axes[0]
    box = axes.images[1].get_window_extent()
    captions = {each.get_text(): each.get_window_extent() for each in axes.texts}
    assert box.y0 >= captions["layer0-input"].y1 and box.y1 <= figure.bbox.y1
    middles = [(captions[name].x0 + captions[name].x1) / 2 for name in ("x-input", "layer0-input")]
    assert box.width <= middles[1] - middles[0]
