"""A Guide to TF Layers (使用Tensorflow建立一个卷积神经网络): the MNIST network of TensorFlow's own guide.

The guide builds it with `tf.layers`, which is gone; here the layers are `mnist_inference`'s, with `tf.layers`' initial
values: Glorot uniform weights, zero biases.
"""

from __future__ import annotations

from lowlevel_cnn.mnist_inference import Regularizer, convolution, flatten, fully_connected, max_pool
from lowlevel_cnn.models import Model
from lowlevel_cnn.stateless_random import dropout
from lowlevel_cnn.tensorflow_v1 import tf


def inference(images: tf.Tensor, train: bool, regularizer: Regularizer | None) -> tf.Tensor:
    """Return logits `[batch, 10]` of images `[batch, 28, 28, 1]` float32 in [0, 1]."""
    initial_values = tf.glorot_uniform_initializer(), tf.zeros_initializer()
    with tf.variable_scope("layer1-conv1"):
        conv1 = tf.nn.relu(convolution(images, 5, 32, "SAME", *initial_values))
    with tf.name_scope("layer2-pool1"):
        pool1 = max_pool(conv1)
    with tf.variable_scope("layer3-conv2"):
        conv2 = tf.nn.relu(convolution(pool1, 5, 64, "SAME", *initial_values))
    with tf.name_scope("layer4-pool2"):
        pool2_flat = flatten(max_pool(conv2))
    with tf.variable_scope("layer5-fc1"):
        dense = tf.nn.relu(fully_connected(pool2_flat, 1024, regularizer, *initial_values))
        if train:
            dense = dropout(dense, rate=0.4)
    with tf.variable_scope("layer6-fc2"):
        return fully_connected(dense, 10, regularizer, *initial_values)


MODEL = Model(
    name="layers-guide",
    title="the network of TensorFlow's guide to its layers",
    source="A Guide to TF Layers (使用Tensorflow建立一个卷积神经网络)",
    dataset="mnist",
    image_shape=(28, 28, 1),
    inference=inference,
    parameters=3_274_634,
    batch_size=100,
    optimizer="gradient-descent",
    learning_rate_base=0.001,
    moving_average_decay=0.99,
    training_steps=20_000,
    reported_accuracy=0.9733,
    lines="estimator",
    remark="one to three tenths of a point lower than reported, as the guide's network in plain `tf.compat.v1` calls "
    "is (see above): its learning rate of 0.001 is too low for its 20,000 steps; with 0.01 the guide's figure is "
    "passed after 3,001 steps, and 5,500 give 98.20 % (seed 0)",
)
