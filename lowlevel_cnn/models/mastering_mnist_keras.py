"""Mastering TensorFlow 1.x, chapter 9: the MNIST network as the chapter builds it with Keras; here without Keras.

The chapter's page and the notebook published with the book, ch-09a, have the same settings, which are these, and print
different runs: 97.85 % on the page, 97.96 % in the notebook.
"""

from __future__ import annotations

from dataclasses import replace

from lowlevel_cnn.mnist_inference import Regularizer
from lowlevel_cnn.models.mastering import keras_initial_values, network
from lowlevel_cnn.models.mastering_mnist_tf import MODEL as TENSORFLOW_VERSION
from lowlevel_cnn.tensorflow_v1 import tf


def inference(images: tf.Tensor, train: bool, regularizer: Regularizer | None, num_labels: int = 10) -> tf.Tensor:
    """Return logits `[batch, labels]` of images `[batch, 28, 28, 1]` float32 in [0, 1]; never any dropout."""
    return network(images, regularizer, keras_initial_values(), num_labels)


MODEL = replace(
    TENSORFLOW_VERSION,
    name="mastering-mnist-keras",
    title="two 4x4 convolutions, initial values as in the Keras version",
    inference=inference,
    optimizer="gradient-descent",
    learning_rate_base=0.01,
    reported_accuracy=0.9785,
    lines="keras",
)
