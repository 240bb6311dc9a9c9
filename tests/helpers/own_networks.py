"""Files with networks such as a reader may write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.tf1_scripts import leave_tensorflow_as_it_is

# The book's LeNet-5 in its style and with its calls: the batch's size in the reshape, the share to keep in the dropout.
BOOK = """\
# coding=utf-8
import tensorflow as tf

INPUT_NODE = 784
OUTPUT_NODE = 10

IMAGE_SIZE = 28
NUM_CHANNELS = 1
NUM_LABELS = 10

CONV1_DEEP = 32
CONV1_SIZE = 5
CONV2_DEEP = 64
CONV2_SIZE = 5
FC_SIZE = 512


def inference(input_tensor, train, regularizer):
    with tf.variable_scope('layer1-conv1'):
        conv1_weights = tf.get_variable("weight", [CONV1_SIZE, CONV1_SIZE, NUM_CHANNELS, CONV1_DEEP],
                                        initializer=tf.truncated_normal_initializer(stddev=0.1))
        conv1_biases = tf.get_variable("bias", [CONV1_DEEP], initializer=tf.constant_initializer(0.0))
        conv1 = tf.nn.conv2d(input_tensor, conv1_weights, strides=[1, 1, 1, 1], padding='SAME')
        relu1 = tf.nn.relu(tf.nn.bias_add(conv1, conv1_biases))
    with tf.name_scope('layer2-pool1'):
        pool1 = tf.nn.max_pool(relu1, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')
    with tf.variable_scope('layer3-conv2'):
        conv2_weights = tf.get_variable("weight", [CONV2_SIZE, CONV2_SIZE, CONV1_DEEP, CONV2_DEEP],
                                        initializer=tf.truncated_normal_initializer(stddev=0.1))
        conv2_biases = tf.get_variable("bias", [CONV2_DEEP], initializer=tf.constant_initializer(0.0))
        conv2 = tf.nn.conv2d(pool1, conv2_weights, strides=[1, 1, 1, 1], padding='SAME')
        relu2 = tf.nn.relu(tf.nn.bias_add(conv2, conv2_biases))
    with tf.name_scope('layer4-pool2'):
        pool2 = tf.nn.max_pool(relu2, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')
    pool_shape = pool2.get_shape().as_list()
    nodes = pool_shape[1] * pool_shape[2] * pool_shape[3]
    reshaped = tf.reshape(pool2, [pool_shape[0], nodes])
    with tf.variable_scope('layer5-fc1'):
        fc1_weights = tf.get_variable("weight", [nodes, FC_SIZE],
                                      initializer=tf.truncated_normal_initializer(stddev=0.1))
        if regularizer != None:
            tf.add_to_collection('losses', regularizer(fc1_weights))
        fc1_biases = tf.get_variable("bias", [FC_SIZE], initializer=tf.constant_initializer(0.1))
        fc1 = tf.nn.relu(tf.matmul(reshaped, fc1_weights) + fc1_biases)
        if train:
            fc1 = tf.nn.dropout(fc1, 0.5)
    with tf.variable_scope('layer6-fc2'):
        fc2_weights = tf.get_variable("weight", [FC_SIZE, NUM_LABELS],
                                      initializer=tf.truncated_normal_initializer(stddev=0.1))
        if regularizer != None:
            tf.add_to_collection('losses', regularizer(fc2_weights))
        fc2_biases = tf.get_variable("bias", [NUM_LABELS], initializer=tf.constant_initializer(0.1))
        logit = tf.matmul(fc1, fc2_weights) + fc2_biases
    return logit
"""

# Chapter 5's fully connected network, whose images are vectors and which has no dropout.
VECTORS = """\
import tensorflow as tf
INPUT_NODE = 784
OUTPUT_NODE = 10
LAYER1_NODE = 20
def get_weight_variable(shape, regularizer):
    weights = tf.get_variable("weights", shape, initializer=tf.truncated_normal_initializer(stddev=0.1))
    if regularizer != None: tf.add_to_collection('losses', regularizer(weights))
    return weights
def inference(input_tensor, regularizer):
    with tf.variable_scope('layer1'):
        weights = get_weight_variable([INPUT_NODE, LAYER1_NODE], regularizer)
        biases = tf.get_variable("biases", [LAYER1_NODE], initializer=tf.constant_initializer(0.0))
        layer1 = tf.nn.relu(tf.matmul(input_tensor, weights) + biases)
    with tf.variable_scope('layer2'):
        weights = get_weight_variable([LAYER1_NODE, OUTPUT_NODE], regularizer)
        biases = tf.get_variable("biases", [OUTPUT_NODE], initializer=tf.constant_initializer(0.0))
        layer2 = tf.matmul(layer1, weights) + biases
    return layer2
"""

# Small, and of layers that TensorFlow has no more, with all kinds of randomness.
LAYERS = """\
import tensorflow as tf
from sizes import IMAGE_SIZE, NUM_CHANNELS, NUM_LABELS
def inference(images, train, regularizer):
    features = images + tf.random_normal(tf.shape(images), stddev=0.01) if train else images
    net = tf.layers.conv2d(features, 4, 3, strides=2, activation=tf.nn.relu, kernel_regularizer=regularizer)
    net = tf.layers.batch_normalization(net, training=train)
    net = tf.layers.dropout(net, 0.25, training=train)
    net = tf.contrib.layers.flatten(net)
    net = tf.nn.dropout(net, keep_prob=0.5) if train else net
    assert net.shape[1].value == net.get_shape()[1]
    return tf.layers.dense(net, NUM_LABELS)
"""
SIZES = "IMAGE_SIZE = 28\nNUM_CHANNELS = 1\nNUM_LABELS = 10\n"

# One layer, whose parts a test replaces.
SMALL = """\
import tensorflow as tf
IMAGE_SIZE, NUM_CHANNELS, NUM_LABELS = 28, 1, 10
def inference(images, train, regularizer):
    flat = tf.reshape(images, [-1, 784])
    weights = tf.get_variable("weight", [784, 10])
    logits = tf.matmul(flat, weights)
    return logits
"""


def write_layers(folder: Path, name: str = "my net.py") -> Path:
    """Writes the network of old layers and the module that it imports, and returns its file."""
    (folder / "sizes.py").write_text(SIZES)
    return written(folder / name, LAYERS)


def written(path: Path, text: str) -> Path:
    """Writes a file and returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets files run here without a change of TensorFlow's behaviour: their shapes are those of TensorFlow 2."""
    leave_tensorflow_as_it_is(monkeypatch)
