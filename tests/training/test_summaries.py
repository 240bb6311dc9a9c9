"""Event files: their values are those that were printed, saved and scored; writing them changes and stops nothing."""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from conftest import TRAIN
from helpers.event_reading import event_files, events, shown
from helpers.processes import BOOK_SHAPES, Ended, run, run_two_at_a_time, same_bits, tensors
from helpers.signalled_training import train_with_signals

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training.summaries import (
    TrainingSummaries,
    filter_image,
    merged_summaries,
    summarize_step,
    summarize_weights,
)

STEPS, SAVED = 60, 50  # the checkpoint of step 50 is that of a step with histograms
TRAIN_EVERY_STEP = (*TRAIN, "--save-every", 7, "--keep", 20, "--summary-every", 1, "--steps", STEPS)
LOSS = "loss/total"
SCALARS = {LOSS, "loss/cross_entropy", "loss/regularization", "learning_rate", "steps_per_second"}


@pytest.fixture(scope="module")
def summarized(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A run of 60 steps with scalars of every step, and what it printed. Not to be changed."""
    directory = tmp_path_factory.mktemp("summarized") / "run"
    ended = run(*TRAIN_EVERY_STEP, "--data-dir", data, "--checkpoint-dir", directory, cwd=directory.parent)
    assert ended.code == 0, ended
    return directory, ended


@pytest.fixture
def copied(summarized: tuple[Path, Ended], tmp_path: Path) -> Path:
    return Path(shutil.copytree(summarized[0], tmp_path / "run"))


def test_the_loss_of_a_step_is_the_one_printed_and_the_sum_of_its_parts(summarized: tuple[Path, Ended]) -> None:
    directory, ended = summarized
    found = shown(directory / "train")
    loss, cross_entropy = found.scalars(LOSS), found.scalars("loss/cross_entropy")
    regularization = found.scalars("loss/regularization")
    matches = [
        re.match(r"After (\d+) training step\(s\), loss on training batch is (.+)\.$", each) for each in ended.out
    ]
    printed = {int(match[1]): match[2] for match in matches if match}
    assert list(loss) == list(cross_entropy) == list(regularization) == list(range(1, STEPS + 1))
    assert {step: f"{loss[step]:g}" for step in printed} == printed and len(printed) == 10
    np.testing.assert_allclose(
        list(loss.values()), np.add(list(cross_entropy.values()), list(regularization.values())), rtol=1e-6
    )
    saved = tensors(directory / f"model.ckpt-{SAVED}")
    squares = [np.sum(np.square(saved[f"{layer}/weight"], dtype=np.float64)) for layer in ("layer5-fc1", "layer6-fc2")]
    # Of a step's loss before its update: the weights are those that the step before left.
    assert regularization[SAVED + 1] == pytest.approx(0.0001 * sum(squares) / 2, rel=1e-6)
    assert regularization[SAVED] != regularization[SAVED + 1]


def test_the_learning_rate_is_that_of_the_formula_and_steps_per_second_are_of_every_step(
    summarized: tuple[Path, Ended],
) -> None:
    found = shown(summarized[0] / "train")
    rates = found.scalars("learning_rate")
    # 550 images in batches of 20; the first step has the global step 0.
    expected = {step: 0.01 * 0.99 ** np.floor((step - 1) / 27.5) for step in range(1, STEPS + 1)}
    # Just two epochs have passed: whether the float32 quotient reaches 2 is open.
    del rates[56], expected[56]
    assert rates == pytest.approx(expected, rel=1e-6) and len(set(rates.values())) == 3
    speeds = found.scalars("steps_per_second")
    assert list(speeds) == list(range(1, STEPS + 1)) and min(speeds.values()) > 0
    assert {tag for tag in found.values if "/layer" not in tag} == SCALARS


def test_histograms_of_weights_and_of_their_averages_are_those_of_the_checkpoint_of_that_step(
    summarized: tuple[Path, Ended],
) -> None:
    directory, _ = summarized
    found, saved = shown(directory / "train"), tensors(directory / f"model.ckpt-{SAVED}")
    for name in BOOK_SHAPES:
        for tag, saved_name in (
            (f"weights/{name}", name),
            (f"moving_averages/{name}", f"{name}/ExponentialMovingAverage"),
        ):
            assert found.steps(tag) == [0, 10, 20, 30, 40, 50, 60]
            histogram, values = found.value(tag, SAVED).histo, saved[saved_name].astype(np.float64)
            assert (histogram.num, histogram.min, histogram.max) == (values.size, values.min(), values.max()), tag
            assert histogram.sum == pytest.approx(values.sum(), rel=1e-6)
            assert histogram.sum_squares == pytest.approx(np.square(values).sum(), rel=1e-6)
            below = [np.sum(values < limit) for limit in histogram.bucket_limit]
            assert np.cumsum(histogram.bucket).tolist() == below, tag


def test_the_image_of_the_filters_shows_every_weight_of_the_first_layer_in_its_place(
    summarized: tuple[Path, Ended],
) -> None:
    directory, _ = summarized
    image = shown(directory / "train").value("filters/layer1-conv1/image", SAVED).image
    # 32 filters of 5 x 5, eight in a row, with a space between two; a weight is 8 x 8 pixels.
    assert (image.height, image.width) == ((4 * 6 - 1) * 8, (8 * 6 - 1) * 8)
    with tf.Graph().as_default(), tf.Session() as session:
        pixels = session.run(tf.image.decode_png(image.encoded_image_string))[..., 0].astype(int)
    weights = tensors(directory / f"model.ckpt-{SAVED}")["layer1-conv1/weight"]
    for number in range(32):
        row, column = 48 * (number // 8), 48 * (number % 8)
        shades = 128 + 127 * weights[:, :, 0, number] / np.abs(weights).max()
        squares = pixels[row : row + 40, column : column + 40].reshape(5, 8, 5, 8)
        assert (squares == squares[:, :1, :, :1]).all(), number
        assert np.abs(squares[:, 0, :, 0] - shades).max() <= 1, number
    assert (pixels[40:48] >= 254).all() and (pixels[:, 40:48] >= 254).all()


def test_the_filters_of_colour_images_are_in_colour() -> None:
    filters = np.random.default_rng(0).random((2, 3, 3, 9), np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        image = session.run(filter_image(tf.constant(filters)))
    assert image.shape == (1, (2 * 3 - 1) * 8, (8 * 4 - 1) * 8, 3)
    np.testing.assert_array_equal(image[0, 3 * 8 : 5 * 8 : 8, : 3 * 8 : 8], filters[..., 8])
    assert (image[0, 3 * 8 :, 3 * 8 :] == filters.max()).all()


def test_a_run_with_summaries_ends_with_the_bits_of_one_without(
    data: Path, tmp_path: Path, summarized: tuple[Path, Ended], uninterrupted: tuple[Path, Ended]
) -> None:
    adam = ("train", "--model", "lenet-5", "--seed", 3, "--batch-size", 20, "--steps", 25, "--data-dir", data)
    book = (*TRAIN, "--steps", STEPS, "--data-dir", data)
    ends = run_two_at_a_time(
        [
            (*book, "--summary-every", 0, "--checkpoint-dir", "book"),
            (*adam, "--summary-every", 0, "--checkpoint-dir", "without"),
            (*adam, "--summary-every", 1, "--checkpoint-dir", "with"),
        ],
        cwd=tmp_path,
    )
    assert [each.code for each in ends] == [0, 0, 0], ends
    last = f"model.ckpt-{STEPS}"
    assert same_bits(summarized[0] / last, tmp_path / "book" / last)
    assert same_bits(summarized[0] / last, uninterrupted[0] / last)
    assert same_bits(tmp_path / "with" / "model.ckpt-25", tmp_path / "without" / "model.ckpt-25")
    assert not event_files(tmp_path / "book" / "train") and not event_files(tmp_path / "without" / "train")


@pytest.fixture(scope="module")
def killed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was killed at an event, far behind its last checkpoint, and went on to its end."""
    directory = tmp_path_factory.mktemp("killed") / "run"
    folder = directory / "train"
    words = (*TRAIN_EVERY_STEP, "--save-every", 1000, "--data-dir", data, "--checkpoint-dir", directory)
    killed = train_with_signals(23, signal.SIGKILL, words=words, cwd=directory.parent)
    assert killed.code == -signal.SIGKILL, killed
    [path] = event_files(folder)
    # As if in the middle of an event.
    with path.open("ab") as file:
        file.write(bytes([200, 0, 0]))
    before = path.read_bytes()
    ended = run(*words, cwd=directory.parent)
    assert ended.code == 0 and "from step 1 to 60" in ended.out[0] and not ended.warnings, ended
    assert path.read_bytes() == before and len(event_files(folder)) == 2
    return directory


def test_steps_that_are_done_again_after_a_kill_are_shown_once_with_the_values_of_an_uninterrupted_run(
    killed: Path, summarized: tuple[Path, Ended]
) -> None:
    written = [event.step for event in events(killed / "train") for value in event.summary.value if value.tag == LOSS]
    assert len(written) > STEPS
    found, expected = shown(killed / "train"), shown(summarized[0] / "train")
    for tag in SCALARS - {"steps_per_second"}:
        assert found.scalars(tag) == expected.scalars(tag), tag
    assert list(found.scalars("steps_per_second")) == list(range(1, STEPS + 1))
    histogram = "moving_averages/layer5-fc1/weight"
    assert found.steps(histogram) == expected.steps(histogram)
    assert found.value(histogram, 60).histo == expected.value(histogram, 60).histo
    last = f"model.ckpt-{STEPS}"
    assert same_bits(killed / last, summarized[0] / last)


def test_tensorboard_itself_shows_each_step_once(killed: Path) -> None:
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    folder = accumulators.EventAccumulator(str(killed / "train"))
    folder.Reload()
    assert [each.step for each in folder.Scalars(LOSS)] == list(range(1, STEPS + 1))
    assert folder.Tags()["graph"] and folder.Tags()["images"] == ["filters/layer1-conv1/image"]


def graphs(directory: Path) -> list[tf.GraphDef]:
    found = [event.graph_def for event in events(directory / "train") if event.graph_def]
    return [tf.GraphDef.FromString(each) for each in found]


def test_the_graph_is_there_once_a_run_with_the_scopes_of_the_book_and_shapes(
    killed: Path, summarized: tuple[Path, Ended]
) -> None:
    for directory in (killed, summarized[0]):
        [graph] = graphs(directory)
        layers = {name.partition("/")[0] for name in BOOK_SHAPES} | {"layer2-pool1", "layer4-pool2"}
        others = {"x-input", "y-input", "loss_function", "train_step", "moving_average", "global_step"}
        assert {node.name.partition("/")[0] for node in graph.node} == layers | others
        [images] = [node for node in graph.node if node.name == "x-input"]
        assert [each.size for each in images.attr["_output_shapes"].list.shape[0].dim] == [-1, 28, 28, 1]


def test_by_default_scalars_are_written_every_100_steps_and_weights_at_the_beginning_and_every_1000(
    tmp_path: Path, data: Path
) -> None:
    words = ("train", "--model", "lenet-5", "--batch-size", 2, "--save-every", 1000, "--steps", 1001)
    ended = run(*words, "--data-dir", data, "--checkpoint-dir", "run", cwd=tmp_path)
    assert ended.code == 0, ended
    found = shown(tmp_path / "run" / "train")
    assert found.steps(LOSS) == found.steps("steps_per_second") == list(range(100, 1001, 100))
    assert found.steps("weights/layer1-conv1/weight") == [0, 1000]


def test_where_a_folder_cannot_be_made_the_trainer_says_so_in_one_line_and_ends_with_the_same_bits(
    tmp_path: Path, data: Path, summarized: tuple[Path, Ended]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "train").write_text("mine")
    ended = run(*TRAIN_EVERY_STEP, "--data-dir", data, "--checkpoint-dir", "run", cwd=tmp_path)
    assert ended.code == 0
    assert [line for line in ended.err if "the loss of step" not in line and "not the published" not in line] == [
        "warning: run/train: TensorBoard summaries cannot be written (File exists); continuing without them"
    ]
    assert (tmp_path / "run" / "train").read_text() == "mine"
    last = f"model.ckpt-{STEPS}"
    assert same_bits(tmp_path / "run" / last, summarized[0] / last)


def test_a_diverging_run_ends_in_its_one_line_with_summaries_of_every_step(tmp_path: Path, data: Path) -> None:
    words = (*TRAIN_EVERY_STEP, "--learning-rate", "1e10", "--data-dir", data, "--checkpoint-dir", "run")
    ended = run(*words, cwd=tmp_path)
    assert ended.code == 1
    assert re.match(r"error: training diverged at step \d+: ", ended.err[-1])
    assert not ended.warnings and "Traceback" not in "".join(ended.err)


def test_weights_that_are_not_finite_are_left_out_without_an_error(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        weights = tf.get_variable("layer/weight", initializer=[np.inf, 1.0])
        averages = tf.train.ExponentialMovingAverage(0.9)
        averages.apply([weights])
        summarize_step(weights[0], weights[1], weights[1], weights[1])
        summarize_weights(averages)
        session.run(tf.global_variables_initializer())
        summaries = TrainingSummaries(session, merged_summaries(), tmp_path, 1)
        summaries.begin(0, [weights.op])
        values = session.run({"weight": weights[1], **summaries.fetches(10)})
        summaries.after_step(10, values)
        assert values["weight"] == 1.0
    found = shown(tmp_path / "train")
    assert found.scalars(LOSS) == {10: np.inf} and "weights/layer/weight" not in found.values
