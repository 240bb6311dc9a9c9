"""The network of TensorFlow's own tutorial: its values against NumPy, and that it learns."""

from __future__ import annotations

import numpy as np
from helpers.made_data import made_images

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import tutorial_mnist
from lowlevel_cnn.tf1.input_data import DataSet


def test_the_logits_and_the_loss_are_those_of_numpy() -> None:
    images = np.random.default_rng(0).random((6, tutorial_mnist.IMAGE_PIXELS), dtype=np.float32)
    labels = np.arange(6, dtype=np.int32)
    with tf.Graph().as_default(), tf.Session() as session:
        logits = tutorial_mnist.inference(tf.constant(images), 8, 4)
        loss = tutorial_mnist.loss(logits, tf.constant(labels))
        right = tutorial_mnist.evaluation(logits, tf.constant(labels))
        names = [each.op.name for each in tf.trainable_variables()]
        session.run(tf.global_variables_initializer())
        *values, found_logits, found_loss, found_right = session.run([*tf.trainable_variables(), logits, loss, right])
    scopes = ("hidden1", "hidden2", "softmax_linear")
    assert names == [f"{scope}/{kind}" for scope in scopes for kind in ("weights", "biases")]
    hidden1 = np.maximum(images @ values[0] + values[1], 0)
    hidden2 = np.maximum(hidden1 @ values[2] + values[3], 0)
    expected = hidden2 @ values[4] + values[5]
    np.testing.assert_allclose(found_logits, expected, rtol=1e-4, atol=1e-5)
    probabilities = np.exp(expected) / np.exp(expected).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found_loss, -np.log(probabilities[range(6), labels]).mean(), rtol=1e-4)
    # A label is right if no other has a larger logit: of equal ones, as a dead hidden layer gives, each is.
    assert found_right == (expected <= expected[range(6), labels][:, np.newaxis]).all(axis=1).sum()


def test_the_network_learns_as_the_tutorial_trains_it() -> None:
    data = DataSet(*made_images(300, seed=0), seed=0)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(0)
        images = tf.placeholder(tf.float32, [None, tutorial_mnist.IMAGE_PIXELS])
        labels = tf.placeholder(tf.int32, [None])
        logits = tutorial_mnist.inference(images, 64, 32)
        loss = tutorial_mnist.loss(logits, labels)
        step = tutorial_mnist.training(loss, learning_rate=0.2)
        right = tutorial_mnist.evaluation(logits, labels)
        summaries = tf.get_collection(tf.GraphKeys.SUMMARIES)
        session.run(tf.global_variables_initializer())
        for _ in range(150):
            session.run(step, dict(zip((images, labels), data.next_batch(50), strict=True)))
        assert session.run(right, {images: data.images, labels: data.labels}) > 285
        [steps] = [each for each in tf.global_variables() if each.op.name == "global_step"]
        assert session.run(steps) == 150
    assert [each.op.name for each in summaries] == ["loss"]
