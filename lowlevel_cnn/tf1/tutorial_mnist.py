"""`tensorflow.examples.tutorials.mnist.mnist`: the network with two hidden layers of TensorFlow's own tutorial."""

from __future__ import annotations

import math

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["IMAGE_PIXELS", "IMAGE_SIZE", "NUM_CLASSES", "evaluation", "inference", "loss", "training"]

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images: tf.Tensor, hidden1_units: int, hidden2_units: int) -> tf.Tensor:
    """Return the logits, `[batch, 10]`, of images `[batch, 784]`."""
    hidden1 = tf.nn.relu(_layer("hidden1", images, IMAGE_PIXELS, hidden1_units))
    hidden2 = tf.nn.relu(_layer("hidden2", hidden1, hidden1_units, hidden2_units))
    return _layer("softmax_linear", hidden2, hidden2_units, NUM_CLASSES)


def loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Return the mean cross-entropy, a scalar, for labels `[batch]` of any integer type."""
    return tf.losses.sparse_softmax_cross_entropy(labels=tf.cast(labels, tf.int64), logits=logits)


def training(loss: tf.Tensor, learning_rate: float) -> tf.Operation:
    """Return the operation of one step of gradient descent; the loss gets a summary, the graph a `global_step`."""
    tf.summary.scalar("loss", loss)
    global_step = tf.Variable(0, name="global_step", trainable=False)
    return tf.train.GradientDescentOptimizer(learning_rate).minimize(loss, global_step=global_step)


def evaluation(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Return how many of the batch are classified right, a scalar int32."""
    return tf.reduce_sum(tf.cast(tf.nn.in_top_k(logits, labels, 1), tf.int32))


def _layer(name: str, inputs: tf.Tensor, count_inputs: int, count_outputs: int) -> tf.Tensor:
    with tf.name_scope(name):
        initial = tf.truncated_normal([count_inputs, count_outputs], stddev=1 / math.sqrt(count_inputs))
        weights = tf.Variable(initial, name="weights")
        biases = tf.Variable(tf.zeros([count_outputs]), name="biases")
        return tf.matmul(inputs, weights) + biases
