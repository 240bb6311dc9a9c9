"""Build the forward pass: the layers, written out, and the book's network made of them.

The network is the LeNet-5-like one of 《TensorFlow:实战Google深度学习框架》, chapter 6, and of the article
深入浅出TensorFlow(四): convolution, pooling, convolution, pooling, two fully connected layers.

| layer         | output                 | parameters                       |
| ------------- | ---------------------- | -------------------------------- |
| layer1-conv1  | `[batch, 28, 28, 32]`  | 5 * 5 * 1 * 32 + 32 = 832        |
| layer2-pool1  | `[batch, 14, 14, 32]`  |                                  |
| layer3-conv2  | `[batch, 14, 14, 64]`  | 5 * 5 * 32 * 64 + 64 = 51,264    |
| layer4-pool2  | `[batch, 7, 7, 64]`    |                                  |
| layer5-fc1    | `[batch, 512]`         | 3136 * 512 + 512 = 1,606,144     |
| layer6-fc2    | `[batch, 10]`          | 512 * 10 + 10 = 5,130            |
"""

from __future__ import annotations

from collections.abc import Callable

from lowlevel_cnn.stateless_random import dropout
from lowlevel_cnn.tensorflow_v1 import tf

IMAGE_SIZE = 28
NUM_CHANNELS = 1
NUM_LABELS = 10

CONV1_DEEP = 32
CONV1_SIZE = 5

CONV2_DEEP = 64
CONV2_SIZE = 5

FC_SIZE = 512

Regularizer = Callable[["tf.Tensor"], "tf.Tensor"]
Initializer = Callable[..., "tf.Tensor"]


def inference(
    images: tf.Tensor,
    train: bool,
    regularizer: Regularizer | None,
    weight_initializer: Initializer | None = None,
    dropout_rate: float = 0.5,
) -> tf.Tensor:
    """Build the book's network and return its logits, `[batch, 10]` float32.

    Args:
        images: `[batch, 28, 28, 1]` float32 in [0, 1]; the batch dimension is free.
        train: whether dropout is on.
        regularizer: of the fully connected weights; its values are added to the collection `'losses'`. None: none.
        weight_initializer: initializer of the weights; None: the book's.
        dropout_rate: the share of the nodes of layer5-fc1 that dropout sets to zero.
    """
    with tf.variable_scope("layer1-conv1"):
        conv1 = convolution(images, CONV1_SIZE, CONV1_DEEP, weight_initializer=weight_initializer)
        relu1 = tf.nn.relu(conv1)

    with tf.name_scope("layer2-pool1"):
        pool1 = max_pool(relu1)

    with tf.variable_scope("layer3-conv2"):
        conv2 = convolution(pool1, CONV2_SIZE, CONV2_DEEP, weight_initializer=weight_initializer)
        relu2 = tf.nn.relu(conv2)

    with tf.name_scope("layer4-pool2"):
        pool2 = max_pool(relu2)
        reshaped = flatten(pool2)

    with tf.variable_scope("layer5-fc1"):
        fc1 = tf.nn.relu(fully_connected(reshaped, FC_SIZE, regularizer, weight_initializer))
        if train:
            fc1 = dropout(fc1, dropout_rate)

    with tf.variable_scope("layer6-fc2"):
        return fully_connected(fc1, NUM_LABELS, regularizer, weight_initializer)


def predictions(logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return classes `[batch]` int64 and probabilities `[batch, 10]` float32, the sources' `softmax_tensor`."""
    return tf.argmax(logits, axis=1, name="classes"), tf.nn.softmax(logits, name="softmax_tensor")


def l2_regularizer(scale: float) -> Regularizer:
    """Return what `tf.contrib.layers.l2_regularizer` did: `scale` times half the sum of the squared weights."""
    return lambda weights: scale * tf.nn.l2_loss(weights)


def convolution(
    images: tf.Tensor,
    size: int,
    deep: int,
    padding: str = "SAME",
    weight_initializer: Initializer | None = None,
    bias_initializer: Initializer | None = None,
) -> tf.Tensor:
    """Build a `size` x `size` convolution with stride 1, `deep` filters and a bias, without activation.

    Creates `weight` `[size, size, channels, deep]` and `bias` `[deep]` in the current variable scope, by default
    with the book's initial values: truncated normal with standard deviation 0.1, and 0.0.
    """
    channels = images.shape[3]
    weight_initializer = weight_initializer or tf.truncated_normal_initializer(stddev=0.1)
    weights = tf.get_variable("weight", [size, size, channels, deep], initializer=weight_initializer)
    biases = tf.get_variable("bias", [deep], initializer=bias_initializer or tf.constant_initializer(0.0))
    conv = tf.nn.conv2d(images, weights, strides=[1, 1, 1, 1], padding=padding)
    return tf.nn.bias_add(conv, biases)


def max_pool(images: tf.Tensor, padding: str = "SAME") -> tf.Tensor:
    """Take the maximum of each 2 x 2 square, with stride 2: height and width are halved."""
    return tf.nn.max_pool(images, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding=padding)


def flatten(images: tf.Tensor) -> tf.Tensor:
    """Reshape `[batch, height, width, channels]` to `[batch, height * width * channels]`.

    The book writes the batch size into the reshape; here the batch dimension stays free.
    """
    return tf.reshape(images, [-1, images.shape[1] * images.shape[2] * images.shape[3]])


def fully_connected(
    inputs: tf.Tensor,
    size: int,
    regularizer: Regularizer | None,
    weight_initializer: Initializer | None = None,
    bias_initializer: Initializer | None = None,
) -> tf.Tensor:
    """Multiply `inputs` by a matrix and add a bias, without activation: `[batch, size]`.

    Creates `weight` `[nodes, size]` and `bias` `[size]` in the current variable scope, by default with the book's
    initial values: truncated normal with standard deviation 0.1, and 0.1. The weights' regularization is added to
    the collection `'losses'`.
    """
    weight_initializer = weight_initializer or tf.truncated_normal_initializer(stddev=0.1)
    weights = tf.get_variable("weight", [inputs.shape[1], size], initializer=weight_initializer)
    if regularizer is not None:
        tf.add_to_collection("losses", regularizer(weights))
    biases = tf.get_variable("bias", [size], initializer=bias_initializer or tf.constant_initializer(0.1))
    return tf.matmul(inputs, weights) + biases
