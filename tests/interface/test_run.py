"""A run as an object: trained, scored, asked and looked into, with the same files as the commands."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.commands_here import run_here
from helpers.made_pictures import png_bytes
from helpers.processes import same_bits, steps_in, tensors

import lowlevel_cnn as cnn
from lowlevel_cnn.datasets.batches import Split, scale
from lowlevel_cnn.datasets.drawn_digits import draw
from lowlevel_cnn.mnist_inference import convolution, flatten, fully_connected
from lowlevel_cnn.runs import metrics
from lowlevel_cnn.tensorflow_v1 import tf

# The learning rate of `lenet-5` itself depends on the last step.
STEADY = replace(cnn.get_model("lenet-5"), learning_rate_schedule="exponential-decay", batch_size=20)
SETTINGS: dict[str, Any] = {"model": "lenet-5", "batch_size": 20}


@pytest.fixture(scope="module")
def mnist(data: Path) -> cnn.Dataset:
    return cnn.load_dataset("mnist", str(data))


@pytest.fixture(scope="module")
def run(mnist: cnn.Dataset, tmp_path_factory: pytest.TempPathFactory) -> cnn.Run:
    """A run of three steps. Not to be changed."""
    trained = cnn.Run(tmp_path_factory.mktemp("interface") / "run", dataset=mnist, **SETTINGS)
    assert trained.train(3, save_every=1, summary_every=0).step == 3
    return trained


def test_a_run_from_python_has_the_bits_and_the_record_of_a_run_from_the_command_line(
    run: cnn.Run, trained_here: Path
) -> None:
    assert steps_in(run.directory) == steps_in(trained_here)
    assert same_bits(run.directory / "model.ckpt-3", trained_here / "model.ckpt-3")
    assert (run.directory / "run.json").read_text() == (trained_here / "run.json").read_text()
    assert [row.loss for row in metrics.read_training(run.directory)] == [
        row.loss for row in metrics.read_training(trained_here)
    ]


def test_a_second_call_of_train_goes_on_and_one_to_the_same_step_does_nothing(
    mnist: cnn.Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at_once, twice = (cnn.Run(tmp_path / name, STEADY, mnist) for name in ("at once", "twice"))
    trained = at_once.train(3, summary_every=0)
    assert twice.train(1, summary_every=0) == cnn.Training(1, metrics.read_training(at_once.directory)[0].loss)
    assert twice.train(3, summary_every=0) == trained
    assert twice.step == 3
    before = (twice.directory / "model.ckpt-3.index").stat().st_mtime_ns
    assert twice.train() == trained
    assert "is already trained: 3 step(s) of 3" in capsys.readouterr().out
    assert (twice.directory / "model.ckpt-3.index").stat().st_mtime_ns == before
    assert same_bits(twice.directory / "model.ckpt-3", at_once.directory / "model.ckpt-3")
    with pytest.raises(cnn.InputError, match=r"its moving_average_decay is 0\.5, but the run in .* has 0\.999"):
        cnn.Run(twice.directory, replace(STEADY, moving_average_decay=0.5), mnist).train(4)


def test_fresh_moves_the_run_aside(mnist: cnn.Dataset, tmp_path: Path) -> None:
    small = replace(STEADY, name="small", inference=two_convolutions)
    for seed in (0, 1):
        cnn.Run(tmp_path / "run", small, mnist, seed=seed).train(1, summary_every=0, fresh=bool(seed))
    assert json.loads((tmp_path / "run/run.json").read_text())["seed"] == 1
    assert len(list(tmp_path.glob("run.*/run.json"))) == 1


def test_evaluate_scores_as_the_command_does_and_records_it(
    run: cnn.Run, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    found = run.evaluate("test", weights="raw")
    ours = capsys.readouterr()
    given = ("--once", "--split", "test", "--weights", "raw", "--data-dir", data, "--checkpoint-dir", run.directory)
    assert run_here("eval", *given) == 0
    theirs = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("Extracting")]
    assert ours.out.splitlines() == theirs
    assert (found.step, found.split, found.weights, found.images) == (3, "test", "raw", 620)
    (row,) = metrics.read(run.directory, "test", "raw")
    assert (row.accuracy, row.loss) == (found.accuracy, found.loss)


def test_every_checkpoint_is_scored_once_for_the_curves(run: cnn.Run, capsys: pytest.CaptureFixture[str]) -> None:
    last = run.evaluate(every_checkpoint=True)
    assert (last.step, last.split) == (3, "validation")
    assert [row.step for row in metrics.read(run.directory, "validation", "average")] == [1, 2, 3]
    assert "Waiting" not in capsys.readouterr().err
    assert run.evaluate(every_checkpoint=True) == last
    assert len(metrics.read(run.directory, "validation", "average")) == 3


def test_the_accuracy_is_the_share_of_right_predictions(run: cnn.Run, mnist: cnn.Dataset) -> None:
    right = run.predict(mnist.test.images).labels == mnist.test.labels
    assert run.evaluate("test").accuracy == pytest.approx(right.mean())


def test_images_may_be_bytes_or_floats_one_or_several_with_a_channel_without_or_in_a_row(
    run: cnn.Run, mnist: cnn.Dataset
) -> None:
    images = mnist.test.images[:3]
    expected = run.predict(images)
    assert expected.probabilities.sum(axis=1) == pytest.approx(1)
    assert expected.names == [expected.class_names[label] for label in expected.labels]
    for form in (scale(images), images[..., 0], images.reshape(3, 784), scale(images).astype(np.float64)):
        assert np.array_equal(run.predict(form).probabilities, expected.probabilities)
    for one in (images[0], images[0, ..., 0], images[0].ravel()):
        assert run.predict(one).probabilities == pytest.approx(expected.probabilities[:1], abs=1e-6)


def test_files_are_classified_as_predict_does(run: cnn.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = draw(2, seed=7)[0]
    paths = [tmp_path / f"{number}.png" for number in range(2)]
    for path, image in zip(paths, drawn, strict=True):
        path.write_bytes(png_bytes(image))
    capsys.readouterr()
    assert run_here("predict", "--json", "--checkpoint-dir", run.directory, *paths) == 0
    theirs = [each["guesses"][0] for each in json.loads(capsys.readouterr().out)]
    found = run.predict(paths)
    assert found.names == [each["name"] for each in theirs]
    assert found.probabilities.max(axis=1) == pytest.approx([each["probability"] for each in theirs])
    assert run.predict(str(paths[0])).names == found.names[:1]


def test_the_weights_are_those_of_the_checkpoint(run: cnn.Run) -> None:
    values = tensors(run.directory / "model.ckpt-3")
    raw, averages = run.weights("raw"), run.weights()
    assert list(raw)[:2] == ["layer1-conv1/weight", "layer1-conv1/bias"]
    for name in raw:
        assert np.array_equal(raw[name], values[name])
        assert np.array_equal(averages[name], values[f"{name}/ExponentialMovingAverage"])
        assert not np.array_equal(averages[name], raw[name])


def test_the_activations_are_those_that_the_weights_compute(run: cnn.Run, mnist: cnn.Dataset) -> None:
    image, weights = mnist.test.images[0], run.weights()
    found = run.activations(image)
    assert list(found)[:4] == ["layer1-conv1", "layer2-pool1", "layer3-conv2", "layer4-pool2"]
    with tf.Graph().as_default(), tf.Session() as session:
        padded = np.pad(scale(image), [(2, 2), (2, 2), (0, 0)])[np.newaxis]
        convolved = tf.nn.conv2d(padded, weights["layer1-conv1/weight"], 1, "VALID") + weights["layer1-conv1/bias"]
        by_hand = session.run(tf.nn.relu(convolved))[0]
    assert found["layer1-conv1"] == pytest.approx(by_hand, abs=1e-5)
    logits = found["layer6-fc2"] @ weights["layer7-fc3/weight"] + weights["layer7-fc3/bias"]
    assert found["layer7-fc3"] == pytest.approx(logits, abs=1e-5)
    assert logits.argmax() == run.predict(image).labels[0]
    several = run.activations(mnist.test.images[:2])
    assert {name: value.shape for name, value in several.items()} == {
        name: (2, *value.shape) for name, value in found.items()
    }


@pytest.mark.parametrize("picture", ["curves", "filters", "activations"])
def test_a_picture_is_a_figure_that_a_notebook_shows(picture: str, run: cnn.Run, mnist: cnn.Dataset) -> None:
    figure_module = pytest.importorskip("matplotlib.figure")
    figure = run.plot(picture, image=mnist.test.images[1] if picture == "activations" else None)
    assert isinstance(figure, figure_module.Figure)
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_the_first_samples_of_a_data_set_have_their_class_names(mnist: cnn.Dataset) -> None:
    pytest.importorskip("matplotlib")
    figure = cnn.plot_samples(mnist)
    labels = np.concatenate([mnist.validation.labels, mnist.train.labels])[:20]
    assert [axes.get_title() for axes in figure.axes] == [str(label) for label in labels]


def two_convolutions(images: Any, train: bool, regularizer: Any) -> Any:
    """A network as a notebook's cell might have it: two convolutions in one scope."""
    with tf.variable_scope("features"):
        with tf.variable_scope("first"):
            features = tf.nn.relu(convolution(images, 3, 4))
        with tf.variable_scope("second"):
            features = tf.nn.relu(convolution(features, 3, 4))
    with tf.variable_scope("output"):
        return fully_connected(flatten(features), 10, regularizer)


def test_a_network_defined_in_a_notebook_trains_and_its_settings_are_the_run_s_own(
    mnist: cnn.Dataset, tmp_path: Path
) -> None:
    model = replace(
        cnn.get_model("lenet-5"), name="my-own", inference=two_convolutions, training_steps=2, batch_size=10
    )
    mine = cnn.Run(tmp_path / "run", model, mnist)
    assert mine.train(summary_every=0).step == 2
    assert mine.predict(mnist.test.images[:2]).probabilities.shape == (2, 10)
    assert list(mine.activations(mnist.test.images[0])) == ["features/first", "features/second", "output"]
    assert cnn.build_graph(model).parameters == sum(values.size for values in mine.weights().values())
    assert json.loads((tmp_path / "run/run.json").read_text())["hyper_parameters"]["batch_size"] == 10
    with pytest.raises(cnn.InputError, match="model is 'my-own'"):
        cnn.Run(tmp_path / "run", dataset=mnist).train(4)
    assert "my-own" not in cnn.model_names()


def test_a_data_set_in_memory_is_split_as_the_model_wants_it_and_may_be_a_part(
    mnist: cnn.Dataset, data: Path, tmp_path: Path
) -> None:
    all_images = replace(cnn.get_model("lenet-5"), validation_count=0)
    for name, dataset in (("given", mnist), ("named", "mnist")):
        cnn.Run(tmp_path / name, all_images, dataset, data_dir=data, batch_size=20).train(2, summary_every=0)
    # The order of 600 images is another than that of 550.
    assert same_bits(tmp_path / "given/model.ckpt-2", tmp_path / "named/model.ckpt-2")
    part = replace(mnist, train=Split(mnist.train.images[:50], mnist.train.labels[:50]))
    small = cnn.Run(tmp_path / "part", dataset=part, **SETTINGS)
    assert small.train(1, summary_every=0).step == 1
    with pytest.raises(cnn.InputError, match="data_dir: the images or labels are not the ones"):
        cnn.Run(tmp_path / "part", dataset=mnist, **SETTINGS).train(2)


def wrong_calls(run: cnn.Run, mnist: cnn.Dataset, nowhere: Path) -> dict[str, Callable[[], object]]:
    """Calls that cannot work, by what their error says."""
    again = cnn.Run(run.directory, seed=1, dataset=mnist)
    return {
        "there is no model 'no-such': ": lambda: cnn.Run(nowhere, model="no-such"),
        "there is no model": lambda: cnn.build_graph("no-such"),
        "dataset is 'no-such'; choose one of mnist": lambda: cnn.Run(nowhere, dataset="no-such"),
        "no data set named 'no-such'": lambda: cnn.load_dataset("no-such"),
        "set data_dir to a folder with mnist": lambda: cnn.load_dataset("mnist", str(nowhere)),
        "steps is 0; give a whole number of at least 1": lambda: run.train(0),
        "steps is 1.5": lambda: run.train(1.5),  # type: ignore[arg-type]
        "seed is -1": lambda: cnn.Run(nowhere, seed=-1),
        "learning_rate is nan": lambda: cnn.Run(nowhere, learning_rate=float("nan")),
        "lines is 'no-such'": lambda: run.train(lines="no-such"),
        "seed 1 (the run has 0)": lambda: again.train(9),
        "or start a new run with fresh=True": lambda: again.train(9),
        "leave the argument out": lambda: again.train(9),
        f"directory {nowhere}: there is no checkpoint": lambda: cnn.Run(nowhere).evaluate(),
        f"directory {nowhere}: no such directory": lambda: cnn.Run(nowhere).weights(),
        "split is 'train'": lambda: run.evaluate("train"),
        "weights is 'best'": lambda: run.weights("best"),
        "images have shape (3, 3)": lambda: run.predict(np.zeros((3, 3))),
        "images are int64": lambda: run.predict(np.zeros((28, 28), np.int64)),
        "outside [0, 1]": lambda: run.predict(np.full((28, 28), 255.0)),
        "no-such.png: cannot be read": lambda: run.predict(nowhere / "no-such.png"),
        "picture is 'no-such'; choose one of curves": lambda: run.plot("no-such"),
        "takes (32, 32, 3)": lambda: cnn.Run(nowhere, "mastering-cifar10-tf", mnist).train(1),
    }


def test_a_wrong_call_is_an_input_error_in_the_words_of_python_and_changes_nothing(
    run: cnn.Run, mnist: cnn.Dataset, tmp_path: Path
) -> None:
    for said, call in wrong_calls(run, mnist, tmp_path / "nowhere").items():
        with pytest.raises(cnn.InputError) as caught:
            call()
        assert said.removesuffix(": ") in str(caught.value)
        assert "--" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert run.step == 3


def test_a_run_in_training_is_not_trained_by_another_thread_too(mnist: cnn.Dataset, tmp_path: Path) -> None:
    run = cnn.Run(tmp_path / "run", dataset=mnist, **SETTINGS)
    refused: list[str] = []

    def progress(**arguments: Any) -> Any:
        """Called when the training has begun and holds the lock."""
        with pytest.raises(cnn.InputError) as caught:
            cnn.Run(tmp_path / "run", dataset=mnist, **SETTINGS).train(1)
        refused.append(str(caught.value))
        from tqdm import tqdm

        return tqdm(**arguments, disable=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lowlevel_cnn.interface.progress.progress_bar", lambda shown: progress)
        thread = threading.Thread(target=lambda: run.train(1, summary_every=0))
        thread.start()
        thread.join()
    assert run.step == 1
    assert "is training in it" in refused[0]
