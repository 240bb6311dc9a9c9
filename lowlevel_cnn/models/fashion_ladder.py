"""The ladder of 用 TensorFlow 实现时尚 MNIST 的卷积神经网络: what the article tries before it arrives at `fashion-cnn`.

Each rung changes one thing: the optimizer, a third convolution, more steps. All have the dropout of 0.4 after
the first fully connected layer; the last rung, "two additional" dropouts of 0.25 after the pooling layers, is
`fashion-cnn` itself. The article's figures are 29 %, 69 %, 73 %, 82 % and 89-90 %.
"""

from __future__ import annotations

from dataclasses import replace

from lowlevel_cnn.mnist_inference import Regularizer
from lowlevel_cnn.models.fashion_cnn import MODEL as FASHION_CNN
from lowlevel_cnn.models.fashion_cnn import network
from lowlevel_cnn.tensorflow_v1 import tf


def two_convolutions(
    images: tf.Tensor, train: bool, regularizer: Regularizer | None, num_labels: int = 10
) -> tf.Tensor:
    """Return logits `[batch, labels]` of images `[batch, 28, 28, 1]` float32 in [0, 1]."""
    return network(images, train, regularizer, num_labels, convolutions=2)


def three_convolutions(
    images: tf.Tensor, train: bool, regularizer: Regularizer | None, num_labels: int = 10
) -> tf.Tensor:
    """Return logits `[batch, labels]` of images `[batch, 28, 28, 1]` float32 in [0, 1]."""
    return network(images, train, regularizer, num_labels)


SGD = replace(
    FASHION_CNN,
    name="fashion-ladder-sgd",
    title="two convolutions, gradient descent, 1,000 steps",
    inference=two_convolutions,
    parameters=3_274_634,
    optimizer="gradient-descent",
    training_steps=1_000,
    reported_accuracy=0.29,
    remark="",
)
ADAM = replace(
    SGD,
    name="fashion-ladder-adam",
    title="the same with Adam",
    optimizer="adam",
    reported_accuracy=0.69,
)
CONVOLUTION = replace(
    ADAM,
    name="fashion-ladder-convolution",
    title="the same with a third convolution",
    inference=three_convolutions,
    parameters=FASHION_CNN.parameters,
    reported_accuracy=0.73,
)
STEPS = replace(
    CONVOLUTION,
    name="fashion-ladder-steps",
    title="the same, 1,500 steps",
    training_steps=1_500,
    reported_accuracy=0.82,
)
