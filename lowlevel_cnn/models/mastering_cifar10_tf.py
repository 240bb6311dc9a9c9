"""Mastering TensorFlow 1.x, chapter 9: the CIFAR-10 network, built with TensorFlow's own operations.

The chapter feeds `keep_prob` for the dropout after each pooling layer and leaves its value in training open; here a
share of 0.2 is dropped, as in the chapter's Keras version.
"""

from __future__ import annotations

from lowlevel_cnn.mnist_inference import Regularizer
from lowlevel_cnn.models import Model
from lowlevel_cnn.models.mastering import CHAPTER, network, tensorflow_initial_values
from lowlevel_cnn.tensorflow_v1 import tf


def inference(images: tf.Tensor, train: bool, regularizer: Regularizer | None) -> tf.Tensor:
    """Logits `[batch, 10]` of `[batch, 32, 32, 3]` float32 in [0, 1]."""
    return network(images, regularizer, tensorflow_initial_values(stddev=0.01))


MODEL = Model(
    name="mastering-cifar10-tf",
    title="two 4x4 convolutions with dropout, initial values as in the TensorFlow version",
    source=CHAPTER,
    dataset="cifar10",
    image_shape=(32, 32, 3),
    inference=inference,
    parameters=4_239_978,
    batch_size=100,
    optimizer="rmsprop",
    learning_rate_base=0.001,
    moving_average_decay=0.99,
    training_steps=10_000,
    reported_accuracy=0.6361,
    remark="the share that is dropped in training, 0.2, is chosen here",
    validation_count=0,
    prints_epoch_loss=True,
)
