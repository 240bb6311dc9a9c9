"""The forward pass: the layers, in the open, and the book's network built of them.

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

import zlib
from collections.abc import Callable

from lowlevel_cnn.tensorflow_v1 import tf

IMAGE_SIZE = 28
NUM_CHANNELS = 1
NUM_LABELS = 10

CONV1_DEEP = 32
CONV1_SIZE = 5

CONV2_DEEP = 64
CONV2_SIZE = 5

FC_SIZE = 512

# A collection with (which, of how many) where a graph sees a slice of each batch; empty where it sees all of it.
SLICE_OF_BATCH = "slice_of_batch"

Regularizer = Callable[["tf.Tensor"], "tf.Tensor"]
Initializer = Callable[..., "tf.Tensor"]


def inference(
    images: tf.Tensor, train: bool, regularizer: Regularizer | None, weights_from: Initializer | None = None
) -> tf.Tensor:
    """The logits of the book's network.

    Args:
        images: `[batch, 28, 28, 1]` float32 in [0, 1]; the batch dimension is free.
        train: whether dropout is on.
        regularizer: of the fully connected weights; its values go into the collection `'losses'`. None: no loss.
        weights_from: initial values of the weights; None: the book's.

    Returns:
        Logits `[batch, 10]` float32.
    """
    with tf.variable_scope("layer1-conv1"):
        conv1 = convolution(images, CONV1_SIZE, CONV1_DEEP, weights_from=weights_from)
        relu1 = tf.nn.relu(conv1)

    with tf.name_scope("layer2-pool1"):
        pool1 = max_pool(relu1)

    with tf.variable_scope("layer3-conv2"):
        conv2 = convolution(pool1, CONV2_SIZE, CONV2_DEEP, weights_from=weights_from)
        relu2 = tf.nn.relu(conv2)

    with tf.name_scope("layer4-pool2"):
        pool2 = max_pool(relu2)
        reshaped = flatten(pool2)

    with tf.variable_scope("layer5-fc1"):
        fc1 = tf.nn.relu(fully_connected(reshaped, FC_SIZE, regularizer, weights_from))
        if train:
            fc1 = dropout(fc1, rate=0.5)

    with tf.variable_scope("layer6-fc2"):
        logits = fully_connected(fc1, NUM_LABELS, regularizer, weights_from)

    return logits


def predictions(logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Classes `[batch]` int64 and probabilities `[batch, 10]` float32, under the sources' name `softmax_tensor`."""
    return tf.argmax(logits, axis=1, name="classes"), tf.nn.softmax(logits, name="softmax_tensor")


def l2_regularizer(scale: float) -> Regularizer:
    """What `tf.contrib.layers.l2_regularizer` was: `scale` times half the sum of the squared weights."""
    return lambda weights: scale * tf.nn.l2_loss(weights)


def convolution(
    images: tf.Tensor,
    size: int,
    deep: int,
    padding: str = "SAME",
    weights_from: Initializer | None = None,
    biases_from: Initializer | None = None,
) -> tf.Tensor:
    """A `size` x `size` convolution with stride 1, `deep` filters and a bias, without activation.

    Creates `weight` `[size, size, channels, deep]` and `bias` `[deep]` in the current variable scope, by default
    with the book's initial values: truncated normal with standard deviation 0.1, and 0.0.
    """
    channels = images.shape[3]
    weights_from = weights_from or tf.truncated_normal_initializer(stddev=0.1)
    weights = tf.get_variable("weight", [size, size, channels, deep], initializer=weights_from)
    biases = tf.get_variable("bias", [deep], initializer=biases_from or tf.constant_initializer(0.0))
    conv = tf.nn.conv2d(images, weights, strides=[1, 1, 1, 1], padding=padding)
    return tf.nn.bias_add(conv, biases)


def max_pool(images: tf.Tensor, padding: str = "SAME") -> tf.Tensor:
    """The largest of each 2 x 2 square, with stride 2: height and width are halved."""
    return tf.nn.max_pool(images, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding=padding)


def flatten(images: tf.Tensor) -> tf.Tensor:
    """`[batch, height, width, channels]` as `[batch, height * width * channels]`.

    The book writes the batch size into the reshape; here the batch dimension stays free.
    """
    return tf.reshape(images, [-1, images.shape[1] * images.shape[2] * images.shape[3]])


def fully_connected(
    inputs: tf.Tensor,
    size: int,
    regularizer: Regularizer | None,
    weights_from: Initializer | None = None,
    biases_from: Initializer | None = None,
) -> tf.Tensor:
    """`inputs` times a matrix, plus a bias, without activation: `[batch, size]`.

    Creates `weight` `[nodes, size]` and `bias` `[size]` in the current variable scope, by default with the book's
    initial values: truncated normal with standard deviation 0.1, and 0.1. The regularizer's value of the weights
    goes into the collection `'losses'`.
    """
    weights_from = weights_from or tf.truncated_normal_initializer(stddev=0.1)
    weights = tf.get_variable("weight", [inputs.shape[1], size], initializer=weights_from)
    if regularizer is not None:
        tf.add_to_collection("losses", regularizer(weights))
    biases = tf.get_variable("bias", [size], initializer=biases_from or tf.constant_initializer(0.1))
    return tf.matmul(inputs, weights) + biases


def dropout(inputs: tf.Tensor, rate: float) -> tf.Tensor:
    """Sets a share `rate` of the inputs to zero and scales the others by 1 / (1 - rate). For training only.

    The book's `tf.nn.dropout` draws from a state that a checkpoint does not hold, so a resumed run would see other
    masks. Here the mask is a function of the graph's seed, the global step and the layer's name.
    """
    if not tf.get_collection(SLICE_OF_BATCH):
        return tf.nn.experimental.stateless_dropout(inputs, rate=rate, seed=_seed_of_this_step())

    def masks(count: tf.Tensor) -> tf.Tensor:
        ones = tf.ones([count, *inputs.shape[1:]])
        return tf.nn.experimental.stateless_dropout(ones, rate=rate, seed=_seed_of_this_step())

    return inputs * _for_each(inputs, masks)


def random_shift(images: tf.Tensor, pixels: int) -> tf.Tensor:
    """Moves each image by up to `pixels` in both directions, filling with zeros. For training only; not in the book.

    As with `dropout`, the shifts are a function of the graph's seed, the global step and the layer's name.
    """
    height, width = images.shape[1], images.shape[2]
    padded = tf.pad(images, [[0, 0], [pixels, pixels], [pixels, pixels], [0, 0]])

    def draw(count: tf.Tensor) -> tf.Tensor:
        return tf.random.stateless_uniform([count, 2], _seed_of_this_step(), 0, 2 * pixels + 1, dtype=tf.int32)

    offsets = _for_each(images, draw)
    rows = tf.gather(padded, offsets[:, :1] + tf.range(height), axis=1, batch_dims=1)
    shifted = tf.gather(rows, offsets[:, 1:] + tf.range(width), axis=2, batch_dims=1)
    return tf.ensure_shape(shifted, images.shape)


def _for_each(images: tf.Tensor, draw: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
    """Random values for each image of a batch. Who sees a slice of it draws for the whole batch and takes its own."""
    count, sliced = tf.shape(images)[0], tf.get_collection(SLICE_OF_BATCH)
    if not sliced:
        return draw(count)
    [(part, parts)] = sliced
    return draw(count * parts)[part * count : (part + 1) * count]


def _seed_of_this_step() -> tf.Tensor:
    layer = zlib.crc32(tf.get_default_graph().get_name_scope().encode())
    seed = tf.get_default_graph().seed or 0
    step = tf.train.get_or_create_global_step()
    return tf.random.experimental.stateless_fold_in(tf.stack([tf.constant(seed, tf.int64), step]), layer)
