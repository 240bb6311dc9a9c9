"""The common parts of the four networks of Mastering TensorFlow 1.x, chapter 9 (九、TensorFlow 和 Keras 中的 CNN).

Two convolutions of 4x4 with 32 and 64 filters, each with a max pooling, a layer of 1024 and the logits. The chapter
builds them with TensorFlow's own operations and again with Keras; the two differ in initial values, dropout and
optimizer. Here both are built of `mnist_inference`'s layers.
"""

from __future__ import annotations

from lowlevel_cnn.mnist_inference import (
    Initializer,
    Regularizer,
    convolution,
    flatten,
    fully_connected,
    max_pool,
)
from lowlevel_cnn.stateless_random import dropout
from lowlevel_cnn.tensorflow_v1 import tf

CHAPTER = "Mastering TensorFlow 1.x, chapter 9 (九、TensorFlow 和 Keras 中的 CNN)"


def tensorflow_initial_values(stddev: float) -> tuple[Initializer, Initializer]:
    """Return the TensorFlow versions' initializers of weights and biases: normal, with stddev `stddev` and 1."""
    return tf.random_normal_initializer(stddev=stddev), tf.random_normal_initializer(stddev=1.0)


def keras_initial_values() -> tuple[Initializer, Initializer]:
    """Return the Keras versions' initializers of weights and biases: Glorot uniform, and zeros."""
    return tf.glorot_uniform_initializer(), tf.zeros_initializer()


def network(
    images: tf.Tensor,
    regularizer: Regularizer | None,
    initial_values: tuple[Initializer, Initializer],
    num_labels: int,
    pool_dropout: float = 0.0,
    dense_dropout: float = 0.0,
) -> tf.Tensor:
    """Return logits `[batch, labels]` of images `[batch, height, width, channels]`; a rate of 0 means no dropout."""
    with tf.variable_scope("layer1-conv1"):
        conv1 = tf.nn.relu(convolution(images, 4, 32, "SAME", *initial_values))
    with tf.name_scope("layer2-pool1"):
        pool1 = _dropout(max_pool(conv1), pool_dropout)
    with tf.variable_scope("layer3-conv2"):
        conv2 = tf.nn.relu(convolution(pool1, 4, 64, "SAME", *initial_values))
    with tf.name_scope("layer4-pool2"):
        pool2 = _dropout(max_pool(conv2), pool_dropout)
    with tf.variable_scope("layer5-fc1"):
        fc1 = tf.nn.relu(fully_connected(flatten(pool2), 1024, regularizer, *initial_values))
        fc1 = _dropout(fc1, dense_dropout)
    with tf.variable_scope("layer6-fc2"):
        return fully_connected(fc1, num_labels, regularizer, *initial_values)


def _dropout(inputs: tf.Tensor, rate: float) -> tf.Tensor:
    return dropout(inputs, rate) if rate else inputs
