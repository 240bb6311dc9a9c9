"""Mastering TensorFlow 1.x, chapter 9: the MNIST network, built with TensorFlow's own operations.

The chapter's page and the notebook published with the book, ch-09a, have the same settings, which are these, and print
different runs: a mean loss in the first epoch of 1.4183 and an accuracy of 98.84 % on the page, 2.1428 and 98.54 % in
the notebook.
"""

from __future__ import annotations

from lowlevel_cnn.mnist_inference import Regularizer
from lowlevel_cnn.models import Model
from lowlevel_cnn.models.mastering import CHAPTER, network, tensorflow_initial_values
from lowlevel_cnn.tensorflow_v1 import tf


def inference(images: tf.Tensor, train: bool, regularizer: Regularizer | None, num_labels: int = 10) -> tf.Tensor:
    """Return logits `[batch, labels]` of images `[batch, 28, 28, 1]` float32 in [0, 1]; never any dropout."""
    return network(images, regularizer, tensorflow_initial_values(stddev=0.1), num_labels)


MODEL = Model(
    name="mastering-mnist-tf",
    title="two 4x4 convolutions, initial values as in the TensorFlow version",
    source=CHAPTER,
    dataset="mnist",
    image_shape=(28, 28, 1),
    inference=inference,
    parameters=3_255_914,
    batch_size=100,
    optimizer="adam",
    learning_rate_base=0.001,
    moving_average_decay=0.99,
    training_steps=5_500,
    reported_accuracy=0.9884,
    lines="mastering",
)
