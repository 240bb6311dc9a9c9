"""What the page is told about a picture, against TensorFlow's eager operations and the variables of the checkpoint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.commands_here import write_checkpoint
from helpers.processes import tensors

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.restoring import NotFiniteError
from lowlevel_cnn.datasets.drawn_digits import draw
from lowlevel_cnn.draw.following import FollowedRun, Kept
from lowlevel_cnn.draw.network import NetworkView
from lowlevel_cnn.draw.weights import WeightCache
from lowlevel_cnn.tensorflow_v1 import tf

AVERAGE = "/ExponentialMovingAverage"
LAYERS = ["layer1-conv1", "layer2-pool1", "layer3-conv2", "layer4-pool2", "layer5-fc1", "layer6-fc2"]


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    """A drawn 7, `[28, 28, 1]` in [0, 1]."""
    images, labels = draw(100, 5)
    return np.asarray(images[labels == 7][0] / 255, np.float32)


@pytest.fixture(scope="module")
def view() -> NetworkView:
    return NetworkView(models.get("book-lenet-fast"), "average", WeightCache())


def eager(values: dict[str, np.ndarray], image: np.ndarray, about: int | None) -> tuple[list[np.ndarray], np.ndarray]:
    """The output of each layer of the book's network, and gradient times input for a class."""
    tf2 = tf.compat.v2
    weights = {name.removesuffix(AVERAGE): value for name, value in values.items() if name.endswith(AVERAGE)}
    images = tf2.constant(image[np.newaxis])
    with tf2.GradientTape() as tape:
        tape.watch(images)
        found = [images]
        for name in LAYERS:
            weight, bias = weights.get(f"{name}/weight"), weights.get(f"{name}/bias")
            if weight is None:
                found.append(tf2.nn.max_pool2d(found[-1], 2, 2, "SAME"))
                continue
            if weight.ndim == 4:
                before = tf2.nn.conv2d(found[-1], weight, 1, "SAME") + bias
            else:
                before = tf2.reshape(found[-1], [1, -1]) @ weight + bias
            found.append(before if name == LAYERS[-1] else tf2.nn.relu(before))
        logits = found[-1][0]
        wanted = logits[int(tf2.argmax(logits)) if about is None else about]
    heat = (tape.gradient(wanted, images) * images).numpy()[0].sum(axis=2)
    return [each.numpy()[0] for each in found[1:]], heat


@pytest.mark.parametrize("about", [None, 1])
def test_layers_probabilities_and_heat_map_are_those_of_eager_operations(
    view: NetworkView, digit_run: Path, image: np.ndarray, about: int | None
) -> None:
    first, *_, last = FollowedRun(digit_run).kept()
    # One after the other in the same graph: each with its own weights.
    for kept in (last, first, last):
        found = view.look(kept, image, -1 if about is None else about)
        layers, heat = eager(tensors(kept.checkpoint.prefix), image, about)
        assert [each.name for each in view.layers] == LAYERS
        for each, expected in zip(found.activations, layers, strict=True):
            np.testing.assert_allclose(each, expected, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(found.heat, heat, rtol=1e-3, atol=1e-4)
        powers = np.exp(layers[-1] - layers[-1].max())
        np.testing.assert_allclose(found.probabilities, powers / powers.sum(), atol=1e-5)
        np.testing.assert_allclose(view.probabilities(kept, image[np.newaxis])[0], found.probabilities, atol=1e-6)


def test_a_map_s_filter_is_its_part_of_the_layer_s_weights(view: NetworkView, digit_run: Path) -> None:
    kept = FollowedRun(digit_run).kept()[-1]
    values = tensors(kept.checkpoint.prefix)
    filter_of_map = view.filter(kept, 2, 40)
    np.testing.assert_array_equal(filter_of_map.weights, values[f"layer3-conv2/weight{AVERAGE}"][..., 40])
    assert filter_of_map.window == (5, 5)
    pooling = view.filter(kept, 3, 40)
    assert (pooling.weights, pooling.window) == (None, (2, 2))
    node = view.filter(kept, 4, 100).weights
    assert node is not None and node.shape == (7, 7, 64)
    np.testing.assert_array_equal(node.ravel(), values[f"layer5-fc1/weight{AVERAGE}"][:, 100])


@pytest.mark.parametrize("name", models.names())
def test_every_network_is_seen_from_its_first_layer_to_its_logits(name: str, tmp_path: Path) -> None:
    model = models.get(name)
    view = NetworkView(model, "raw", WeightCache())
    random = np.random.default_rng(1)
    shapes = {each: variable.shape.as_list() for each, variable in view._network.variables.items()}
    values = {each: random.normal(0, 0.05, shape).astype(np.float32) for each, shape in shapes.items()}
    prefix = write_checkpoint(tmp_path / "model.ckpt-1", values)
    image = random.random(model.image_shape, np.float32)
    kept = Kept(Checkpoint(1, prefix), (0, 0))
    found = view.look(kept, image)
    assert [each.shape for each in found.activations] == [each.output_shape for each in view.layers]
    assert found.activations[-1].argmax() == found.probabilities.argmax()
    assert found.heat.shape == model.image_shape[:2]
    with_weights = [at for at, each in enumerate(view.layers) if each.parameters]
    assert sum(view.layers[at].parameters for at in with_weights) == model.parameters
    for at in with_weights:
        weights = view.filter(kept, at, 1).weights
        assert weights is not None and weights.size > 0


def test_weights_used_last_are_kept_and_the_others_are_read_again(digit_run: Path, image: np.ndarray) -> None:
    first, second, *_ = FollowedRun(digit_run).kept()
    size = sum(value.nbytes for name, value in tensors(first.checkpoint.prefix).items() if name.endswith(AVERAGE))
    for most, kept_there in ((2 * size, 2), (size, 1), (0, 1)):
        cache = WeightCache(most)
        view = NetworkView(models.get("book-lenet-fast"), "average", cache)
        for each in (first, second):
            view.probabilities(each, image[np.newaxis])
        assert cache.bytes_kept() == kept_there * size


def test_a_diverged_checkpoint_is_refused_and_the_one_before_it_still_answers(
    view: NetworkView, digit_run: Path, image: np.ndarray, tmp_path: Path
) -> None:
    good = FollowedRun(digit_run).kept()[-1]
    values = tensors(good.checkpoint.prefix)
    values[f"layer1-conv1/bias{AVERAGE}"][3] = np.nan
    bad = Kept(Checkpoint(5, write_checkpoint(tmp_path / "model.ckpt-5", values)), (0, 0))
    before = view.probabilities(good, image[np.newaxis])
    with pytest.raises(NotFiniteError, match="layer1-conv1/bias"):
        view.look(bad, image)
    np.testing.assert_array_equal(view.probabilities(good, image[np.newaxis]), before)
