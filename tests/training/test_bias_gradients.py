"""The bias gradient over whole rows: the same sums as TensorFlow's own."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints.saving import CheckpointSaver
from lowlevel_cnn.mnist_train import training_step
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training import bias_gradients
from lowlevel_cnn.training.faster_gradients import faster_gradients


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (7, 9, 8, 3), (2, 5, 4, 6), (3, 1, 9, 17), (0, 4, 4, 6)])
def test_it_is_the_sum_over_all_images_and_places(shape: tuple[int, ...]) -> None:
    output = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    ours = bias_gradients.bias_gradient(output := tf.constant(output))
    np.testing.assert_allclose(ours, output.numpy().sum(axis=(0, 1, 2)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [([None, 28, 28, 6], True), ([None, 28, 28, 32], False), ([None, None, None, 6], False), ([None, 10], False)],
)
def test_it_is_for_convolutions_whose_channels_do_not_fill_registers(shape: list[int | None], expected: bool) -> None:
    assert bias_gradients.pays(tf.TensorShape(shape)) is expected


def weights_after_a_step(name: str) -> dict[str, np.ndarray]:
    model, random = models.get(name), np.random.default_rng(0)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(0)
        step = training_step(model, 1000)
        session.run(tf.global_variables_initializer())
        feeds = {step.images: random.random((20, *model.image_shape)), step.labels: random.integers(0, 10, 20)}
        session.run(step.train_op, feeds)
        weights: dict[str, np.ndarray] = session.run({each.op.name: each for each in tf.trainable_variables()})
        return weights


def test_lenet_5_comes_to_the_same_weights_either_way() -> None:
    faster = weights_after_a_step("lenet-5")
    with patch.object(bias_gradients, "pays", lambda outputs: False):
        plain = weights_after_a_step("lenet-5")
    for name, weights in plain.items():
        np.testing.assert_allclose(faster[name], weights, rtol=1e-4, atol=1e-6, err_msg=name)


def test_channels_first_keep_tensorflow_s_own() -> None:
    with tf.Graph().as_default() as graph:
        images = tf.placeholder(tf.float32, [None, 3, 8, 8])
        with faster_gradients(100):
            outputs = tf.nn.bias_add(images, biases := tf.zeros([3]), data_format="NCHW")
        [gradient] = tf.gradients(outputs, biases)
        assert gradient.shape == [3] and gradient.op.get_attr("data_format") == b"NCHW"
        assert "Sum" not in {each.type for each in graph.get_operations()}


def test_another_program_can_compute_gradients_in_the_graph_of_a_meta_file(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        training_step(models.get("lenet-5"), 1000)
        session.run(tf.global_variables_initializer())
        CheckpointSaver().save(session, tmp_path, 1, keep=1, first_step=0)
    with tf.Graph().as_default() as graph:
        tf.train.import_meta_graph(str(tmp_path / "model.ckpt-1.meta"))
        before = {each.name for each in graph.get_operations()}
        [biases] = [each for each in tf.trainable_variables() if each.op.name == "layer1-conv1/bias"]
        loss = graph.get_tensor_by_name("loss_function/Mean:0")
        assert tf.gradients(loss, biases)[0] is not None
        assert "BiasAddGrad" in {each.type for each in graph.get_operations() if each.name not in before}
