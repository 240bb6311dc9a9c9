"""Mastering TensorFlow 1.x, chapter 9: the CIFAR-10 network as the chapter builds it with Keras; here without Keras.

The optimizer is left open by the table of the chapter's results; here it is Adam at 0.001.
"""

from __future__ import annotations

from dataclasses import replace

from lowlevel_cnn.mnist_inference import Regularizer
from lowlevel_cnn.models.mastering import keras_initial_values, network
from lowlevel_cnn.models.mastering_cifar10_tf import MODEL as TENSORFLOW_VERSION
from lowlevel_cnn.tensorflow_v1 import tf


def inference(images: tf.Tensor, train: bool, regularizer: Regularizer | None) -> tf.Tensor:
    """Logits `[batch, 10]` of `[batch, 32, 32, 3]` float32 in [0, 1]."""
    rate = 0.2 if train else 0.0
    return network(images, regularizer, keras_initial_values(), pool_dropout=rate, dense_dropout=rate)


MODEL = replace(
    TENSORFLOW_VERSION,
    name="mastering-cifar10-keras",
    title="two 4x4 convolutions with dropout, initial values as in the Keras version",
    inference=inference,
    training_steps=5_000,
    reported_accuracy=0.7414,
    remark="the optimizer, Adam at 0.001, is chosen here",
)
