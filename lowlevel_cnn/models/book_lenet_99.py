"""The book's network on the shortest way to 99 % of the MNIST test images: 300 steps, about half an epoch.

Half an epoch has no time to overfit, so that dropout only slows it down; label smoothing allows a learning rate four
times that of `book-lenet-fast`. All else is as there.
"""

from __future__ import annotations

from lowlevel_cnn import mnist_inference
from lowlevel_cnn.mnist_inference import Regularizer
from lowlevel_cnn.models import Model
from lowlevel_cnn.tensorflow_v1 import tf


def inference(images: tf.Tensor, train: bool, regularizer: Regularizer | None) -> tf.Tensor:
    """Return logits `[batch, 10]` of images `[batch, 28, 28, 1]` float32 in [0, 1]; no dropout, even in training."""
    weight_initializer = tf.truncated_normal_initializer(stddev=0.05)
    return mnist_inference.inference(images, train, regularizer, weight_initializer, dropout_rate=0.0)


MODEL = Model(
    name="book-lenet-99",
    title="the book's network, trained to 99 % in half a minute",
    source="the network of 《TensorFlow:实战Google深度学习框架》 chapter 6; the training is ours",
    dataset="mnist",
    image_shape=(28, 28, 1),
    inference=inference,
    parameters=1_663_370,
    batch_size=100,
    optimizer="adam",
    learning_rate_base=0.008,
    learning_rate_schedule="warm-up-and-linear-decay",
    regularization_rate=0.0001,
    label_smoothing=0.1,
    moving_average_decay=0.99,
    training_steps=300,
    reported_accuracy=0.994,
    remark="300 steps, half an epoch, made for speed alone; the reported figure is the article's for this network",
)
