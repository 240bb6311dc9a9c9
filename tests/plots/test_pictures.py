"""What is drawn in the pictures of `plot`, against NumPy and the other commands' output."""

from __future__ import annotations

import json
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import STEPS
from helpers import numpy_oracle as oracle
from helpers.made_data import made_images
from helpers.processes import files_in, run, tensors

from lowlevel_cnn import models
from lowlevel_cnn.commands import parser
from lowlevel_cnn.datasets import class_names
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.mnist_eval import build_network
from lowlevel_cnn.plots import PICTURES
from lowlevel_cnn.tensorflow_v1 import tf

pytest.importorskip("matplotlib", reason="the pictures are drawn by matplotlib, which the extra `plots` installs")

from lowlevel_cnn.plots import activations, confusion, curves, drawing, filters, labels, mistakes, samples
from lowlevel_cnn.plots.trained_run import ImageFile, TrainedRun
from lowlevel_cnn.prediction.restored_model import RestoreOptions

AVERAGE = "/ExponentialMovingAverage"
FONT = ["DejaVu Sans"]
Drawn = tuple[Path, Path]


@contextmanager
def trained_run(directory: Path, data: Path, *words: str) -> Iterator[TrainedRun]:
    given = ["plot", "--checkpoint-dir", str(directory), "--data-dir", str(data), "--output", "unused", *words]
    options = parser.parse(given).options
    image = ImageFile(Path(options.image), options.polarity, "") if options.image else None
    with ExitStack() as stack, drawing.style(FONT):
        yield TrainedRun(options.of_run(0), "run", image, stack)


def png_size(path: Path) -> tuple[int, int]:
    contents = path.read_bytes()
    assert contents.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">2I", contents[16:24])
    return width, height


def header(figure: Any) -> str:
    return str(figure.get_suptitle())


def test_every_picture_is_a_png_file_of_a_size_to_look_at_and_no_other_file_is_written(drawn: Drawn) -> None:
    _, pictures = drawn
    assert sorted(files_in(pictures)) == sorted(f"{name}.png" for name in PICTURES)
    for name in PICTURES:
        width, height = png_size(pictures / f"{name}.png")
        assert 1_000 <= width <= 1_400 and (50 if name == "mistakes" else 300) <= height <= 2_500, name


def test_the_curves_are_what_trainer_and_evaluator_recorded(drawn: Drawn) -> None:
    directory, _ = drawn
    with drawing.style(FONT):
        figure: Any = curves.draw([curves.of_run(directory, "run")])
    losses, errors = figure.axes
    rows = [json.loads(line) for line in (directory / "train/metrics.jsonl").read_text().splitlines()]
    assert losses.lines[0].get_xydata().tolist() == [[row["step"], row["loss"]] for row in rows]
    scored = [json.loads(line) for line in (directory / "eval/validation/metrics.jsonl").read_text().splitlines()]
    for line, weights, dashes in zip(errors.lines, ("average", "raw"), ("-", "--"), strict=True):
        expected = sorted([row["step"], 100 * (1 - row["accuracy"])] for row in scored if row["weights"] == weights)
        assert len(expected) == 7 and line.get_xydata().tolist() == expected
        assert line.get_linestyle() == dashes
    assert [text.get_text() for text in errors.get_legend().get_texts()] == ["averaged weights", "raw weights"]


def test_the_confusion_matrix_and_the_worst_mistakes_are_those_of_predict(finished: Path, data: Path) -> None:
    directory = finished
    for step in STEPS[2:]:
        # Later in this run there are no mistakes.
        (directory / f"model.ckpt-{step}.index").unlink()
    words = ("predict", "--split", "test", "--json", "--checkpoint-dir", directory, "--data-dir", data)
    found = json.loads("\n".join(run(*words, cwd=directory).out))
    expected = np.zeros((10, 10), int)
    for each in found:
        expected[each["true_label"], each["guesses"][0]["label"]] += 1
    with trained_run(directory, data) as trained:
        matrix: Any = confusion.draw(trained)
        worst: Any = mistakes.draw(trained)
    shown = [int(text.get_text().replace(",", "")) for text in matrix.axes[0].texts]
    assert np.array_equal(np.reshape(shown, (10, 10)), expected)
    assert np.array_equal(
        matrix.axes[0].images[0].get_array(), expected / np.maximum(expected.sum(axis=1, keepdims=True), 1)
    )
    right = expected.trace()
    assert header(matrix).endswith(f"{right} of 620 test images are classified correctly: accuracy {right / 620:.4f}")

    wrong = [each for each in found if each["true_label"] != each["guesses"][0]["label"]]
    wrong.sort(key=lambda each: (-each["guesses"][0]["probability"], each["image"]))
    assert len(wrong) > 25 and f"\n{len(wrong)} of 620 test images" in header(worst)
    images, _ = made_images(620, seed=1)
    for axes, each in zip(worst.axes, wrong[:25], strict=True):
        taken_for, is_label, image = axes.get_title().splitlines()
        assert taken_for == f"{each['guesses'][0]['name']}: {each['guesses'][0]['probability']:.2%}"
        assert is_label.startswith(f"is {each['true_label']}: ") and image == f"image {each['image']}"
        assert np.array_equal(axes.images[0].get_array(), scale(images[each["image"]])[..., 0])


def test_the_layers_of_the_first_test_image_are_those_that_numpy_computes(drawn: Drawn, data: Path) -> None:
    directory, _ = drawn
    image = scale(made_images(620, seed=1)[0][:1])
    values = {
        name.removesuffix(AVERAGE): each
        for name, each in tensors(directory / "model.ckpt-60").items()
        if AVERAGE in name
    }
    conv1 = oracle.relu(
        oracle.convolution(image, values["layer1-conv1/weight"], 1, "SAME") + values["layer1-conv1/bias"]
    )
    pool1 = oracle.max_pool(conv1, 2, 2, "SAME")
    logits = oracle.book_logits(image, values)[0]
    with trained_run(directory, data) as trained:
        shown, _ = trained.image
        session, network = trained.restored.session, trained.restored.network
        layers, probabilities = activations.of_image(session, network, shown)
        figure: Any = activations.draw(trained)
    assert np.array_equal(shown, image[0])
    assert [layer.name for layer in layers] == [
        "layer1-conv1",
        "layer2-pool1",
        "layer3-conv2",
        "layer4-pool2",
        "layer5-fc1",
    ]
    assert layers[0].values == pytest.approx(conv1[0], abs=1e-5)
    assert layers[1].values == pytest.approx(pool1[0], abs=1e-5)
    assert probabilities == pytest.approx(np.exp(logits) / np.exp(logits).sum(), abs=1e-5)
    # In the picture: the image, the probabilities, and a row a layer, whose first tile is its first map.
    picture = np.asarray(figure.axes[2].images[0].get_array())
    assert picture[:28, :28] == pytest.approx(conv1[0, ..., 0], abs=1e-5)
    assert picture[:28, 30:58] == pytest.approx(conv1[0, ..., 1], abs=1e-5)
    assert [bar.get_width() for bar in figure.axes[1].patches] == pytest.approx(probabilities.tolist())


def test_the_filters_are_the_averaged_or_the_raw_weights_of_the_first_convolution(drawn: Drawn, data: Path) -> None:
    values = tensors(drawn[0] / "model.ckpt-60")
    for weights, suffix in (("average", AVERAGE), ("raw", "")):
        with trained_run(drawn[0], data, "--weights", weights) as trained:
            figure: Any = filters.draw(trained)
        shown, expected = figure.axes[0].images[0].get_array(), values[f"layer1-conv1/weight{suffix}"]
        # Enlarged six times, with gaps of two pixels: the tenth filter stands in the second row, second column.
        assert np.array_equal(shown[32:62:6, 32:62:6], expected[:, :, 0, 9])
        assert header(figure).startswith(f"run, step 60, {'averaged' if suffix else 'raw'} weights\n")


def test_the_samples_are_the_first_training_images_with_their_classes(drawn: Drawn, data: Path) -> None:
    with trained_run(drawn[0], data) as trained:
        figure: Any = samples.draw(trained)
    images, truth = made_images(600, seed=0)
    for axes, image, label in zip(figure.axes, images[50:75], truth[50:75], strict=True):
        assert axes.get_title() == class_names("mnist")[label]
        assert np.array_equal(axes.images[0].get_array(), scale(image)[..., 0])


@pytest.mark.parametrize("name", models.all_names())
def test_of_every_model_filters_and_activations_are_drawn_without_a_warning(name: str) -> None:
    model = models.get(name)
    height, _, channels = model.image_shape
    image = scale(made_images(1, seed=0, size=height, channels=channels)[0])
    with tf.Graph().as_default(), tf.Session() as session, warnings.catch_warnings():
        network = build_network(model, "raw")
        session.run(tf.global_variables_initializer())
        warnings.simplefilter("error")
        layers, probabilities = activations.of_image(session, network, image[0])
        kernel = session.run(filters.first_kernel(network))
        weights, biases = session.run([network.variables[f"layer1-conv1/{each}"] for each in ("weight", "bias")])
        with drawing.style(FONT):
            of_layers = activations.draw_layers(image[0], layers, probabilities, class_names(model.dataset), "image")
            of_filters = filters.draw_filters(kernel, lambda text: text)
            assert drawing.png(of_layers).startswith(b"\x89PNG") and drawing.png(of_filters).startswith(b"\x89PNG")
    assert np.array_equal(kernel, weights)
    # LeNet-5 pads the images and then convolves only what is there.
    padded = np.pad(image, ((0, 0), (2, 2), (2, 2), (0, 0))) if name == "lenet-5" else image
    expected = oracle.relu(oracle.convolution(padded, weights, 1, "VALID" if name == "lenet-5" else "SAME") + biases)
    assert layers[0].values == pytest.approx(expected[0], abs=1e-4)
    # A convolution and a pooling in turn, then the fully connected layers; the last one has no activation.
    kinds = [layer.operation for layer in layers]
    dense = [layer for layer in layers if layer.values.ndim == 1]
    assert kinds == ["Relu", "MaxPool"] * ((len(layers) - len(dense)) // 2) + ["Relu"] * len(dense)
    assert len(of_layers.axes) == 2 + len(layers)
    texts = [of_layers.axes[number].get_title(loc="left") for number in range(2, 2 + len(layers))]
    assert all(re.match(r"layer\d-\w+, (Relu|MaxPool): \d+ (maps of \d+ x \d+|nodes), from ", each) for each in texts)


def test_colours_show_zero_as_grey_and_the_largest_weight_of_each_filter_in_full() -> None:
    kernel = np.random.default_rng(0).normal(size=(4, 4, 3, 5))
    kernel[..., 4] = 0
    images = filters.colours(kernel)
    assert images.shape == (5, 4, 4, 3)
    assert np.all(images[4] == 0.5)
    assert np.abs(images[:4] - 0.5).max(axis=(1, 2, 3)) == pytest.approx(0.5)
    assert images[2, 1, 3] == pytest.approx(0.5 + kernel[1, 3, :, 2] / np.abs(kernel[..., 2]).max() / 2)


@pytest.mark.parametrize("count", [0, 1, 3, 7, 25, 40])
def test_mistakes_are_drawn_most_confident_first_even_if_there_are_few_or_none(count: int) -> None:
    random = np.random.default_rng(count)
    probabilities = random.dirichlet(np.ones(10), 100)
    truth = probabilities.argmax(axis=1)
    wrong = random.choice(100, count, replace=False)
    truth[wrong] = (truth[wrong] + 1) % 10
    found = mistakes.worst(probabilities, truth)
    assert found.tolist() == sorted(wrong.tolist(), key=lambda place: -probabilities[place].max())
    shown = found[:25]
    with drawing.style(FONT), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure: Any = drawing.tiles(np.zeros((len(shown), 28, 28, 1)), ["caption"] * len(shown), "header", 3)
        assert drawing.png(figure).startswith(b"\x89PNG")
    assert sum(bool(axes.get_title()) for axes in figure.axes) == min(count, 25)


def test_equally_confident_mistakes_are_in_the_order_of_images() -> None:
    assert mistakes.worst(np.full((4, 2), 0.5), np.array([1, 0, 1, 1])).tolist() == [0, 2, 3]


def test_text_is_broken_at_spaces_where_there_are_some_and_no_letter_is_left_out() -> None:
    with drawing.style(FONT):
        assert labels.wrapped("one two three", 10.0, 10) == "one two three"
        broken = labels.wrapped("one two three four", 0.62, 10)
        assert broken.split("\n") == ["one two", "three", "four"]
        assert labels.wrapped("W" * 50, 1.0, 10).replace("\n", "") == "W" * 50


def test_class_names_that_no_font_can_show_are_drawn_as_escapes_without_a_warning(
    drawn: Drawn, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("\U000f1234 大", *"abcdefghi")
    monkeypatch.setattr(RestoreOptions, "class_names", lambda options: names)
    with trained_run(drawn[0], data) as found, warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing.png(confusion.draw_matrix(np.eye(10, dtype=int), found.class_names, ""))
        assert found.class_names[0].startswith("\\U000f1234 ") and found.class_names[1:] == names[1:]
