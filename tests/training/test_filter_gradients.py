"""The filter gradient as a forward convolution: the same sums as TensorFlow's own, on every processor."""

from __future__ import annotations

import numpy as np
import pytest

from lowlevel_cnn import models
from lowlevel_cnn.mnist_train import training_step
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training import filter_gradients
from lowlevel_cnn.training.faster_gradients import faster_gradients


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("height", [2, 3, 4, 5])
@pytest.mark.parametrize("width", [1, 4, 5])
def test_it_is_tensorflows_own_gradient(height: int, width: int, padding: str) -> None:
    random = np.random.default_rng(0)
    images = random.normal(size=(7, 9, 8, 3)).astype(np.float32)
    shape = tf.TensorShape([height, width, 3, 4])
    rows, columns = (9, 8) if padding == "SAME" else (10 - height, 9 - width)
    output = random.normal(size=(7, rows, columns, 4)).astype(np.float32)
    ours = filter_gradients.filter_gradient(images, shape, output, padding)
    theirs = tf.nn.conv2d_backprop_filter(images, shape, output, strides=[1, 1, 1, 1], padding=padding)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def gradients_of_a_step(monkeypatch: pytest.MonkeyPatch, instructions: str) -> tuple[dict[str, np.ndarray], set[str]]:
    """The weights after one step of the book's network, and the kinds of operations that its gradients have."""
    monkeypatch.setattr(filter_gradients, "vector_instructions", lambda: instructions)
    random = np.random.default_rng(0)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.set_random_seed(0)
        step = training_step(models.get("book-lenet"), 1000)
        session.run(tf.global_variables_initializer())
        feeds = {step.images: random.random((100, 28, 28, 1)), step.labels: random.integers(0, 10, 100)}
        session.run(step.train_op, feeds)
        kinds = {each.type for each in graph.get_operations() if "layer3-conv2/Conv2D_grad" in each.name}
        return session.run({each.op.name: each for each in tf.trainable_variables()}), kinds


def test_a_training_step_comes_to_the_same_weights_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, plain_kinds = gradients_of_a_step(monkeypatch, "avx512")
    faster, faster_kinds = gradients_of_a_step(monkeypatch, "avx2")
    assert "Conv2DBackpropFilter" in plain_kinds
    assert "Conv2DBackpropFilter" not in faster_kinds
    for name, weights in plain.items():
        np.testing.assert_allclose(faster[name], weights, rtol=1e-4, atol=1e-6, err_msg=name)


def test_a_gpu_keeps_its_own_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_gradients, "vector_instructions", lambda: "avx2")
    for gpus, kind in (([], "LowlevelCnnConv2D100"), (["/physical_device:GPU:0"], None)):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind, gpus=gpus: gpus)
        with tf.Graph().as_default(), faster_gradients(100):
            convolution = tf.nn.conv2d(tf.zeros([1, 4, 4, 1]), tf.zeros([3, 3, 1, 2]), 1, "SAME").op
        given = convolution.node_def.attr.get("_gradient_op_type")
        assert (given.s.decode() if given else None) == kind


@pytest.mark.parametrize(
    ("images", "weights", "batch_size", "expected"),
    [
        ((14, 14, 32), (5, 5, 32, 64), 100, True),
        ((28, 28, 1), (5, 5, 1, 32), 100, False),  # one channel: the images would be one
        ((14, 14, 32), (5, 5, 32, 64), 10, False),
        ((14, 14, 32), (5, 5, 32, 64), 500, False),
        ((16, 16, 32), (4, 4, 32, 64), 128, False),
    ],
)
def test_it_is_used_where_it_was_measured_to_be_faster(
    images: tuple[int, int, int], weights: tuple[int, int, int, int], batch_size: int, expected: bool
) -> None:
    assert filter_gradients.pays(tf.TensorShape([None, *images]), tf.TensorShape(weights), batch_size) is expected


@pytest.mark.parametrize(
    "settings",
    [
        {"strides": 2, "padding": "SAME"},
        {"strides": [1, 2, 1, 1], "padding": "VALID"},
        {"strides": 1, "padding": [[0, 0], [2, 1], [0, 1], [0, 0]]},
        {"strides": 1, "padding": "SAME", "dilations": 2},
    ],
    ids=str,
)
def test_convolutions_of_other_kinds_have_tensorflow_s_own_gradients(
    settings: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    images, weights = random.normal(size=(50, 8, 8, 32)), random.normal(size=(3, 3, 32, 4))
    found = []
    for instructions in ("avx512", "avx2"):
        monkeypatch.setattr(filter_gradients, "vector_instructions", lambda known=instructions: known)
        with tf.Graph().as_default(), tf.Session() as session:
            x, w = tf.constant(images, tf.float32), tf.constant(weights, tf.float32)
            with faster_gradients(50):
                output = tf.nn.conv2d(tf.placeholder_with_default(x, [None, 8, 8, 32]), w, **settings)
            found.append(session.run(tf.gradients(tf.nn.l2_loss(output), [x, w])))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-3)
