"""The book's network, trained to get as many of the MNIST test images right as it can.

The layers are the book's; the training images are distorted anew at every step, as Simard, Steinkraus and Platt did in
2003, who reached 99.6 % with a network of two convolutions.
"""

from __future__ import annotations

from lowlevel_cnn import mnist_inference
from lowlevel_cnn.distortions import Distortions
from lowlevel_cnn.mnist_inference import Regularizer
from lowlevel_cnn.models import Model
from lowlevel_cnn.tensorflow_v1 import tf


def inference(images: tf.Tensor, train: bool, regularizer: Regularizer | None) -> tf.Tensor:
    """Return logits `[batch, 10]` of images `[batch, 28, 28, 1]` float32 in [0, 1]."""
    weight_initializer = tf.truncated_normal_initializer(stddev=0.05)
    return mnist_inference.inference(images, train, regularizer, weight_initializer, dropout_rate=0.5)


MODEL = Model(
    name="book-lenet-best",
    title="the book's network, trained on distorted digits",
    source="the network of 《TensorFlow:实战Google深度学习框架》 chapter 6; the training is ours, after Simard, "
    "Steinkraus and Platt 2003",
    dataset="mnist",
    image_shape=(28, 28, 1),
    inference=inference,
    parameters=1_663_370,
    batch_size=100,
    optimizer="adam",
    learning_rate_base=0.002,
    learning_rate_schedule="warm-up-and-linear-decay",
    regularization_rate=0.0003,
    label_smoothing=0.0,
    moving_average_decay=0.999,
    training_steps=30_000,
    reported_accuracy=0.994,
    distortions=Distortions(shift=2.0, rotation=10.0, scale=0.1, shear=0.1, elastic_alpha=21.0, elastic_sigma=5.0),
    remark="its training images are distorted; the reported figure is the article's for this network",
)
