"""The book's training loop as a script of TensorFlow 1.x: `book_loop.py STEPS tf1|plain [--data-dir DATA]`.

With `plain` it is what one makes of it by hand today: `compat.v1`, and regularizer and images from elsewhere.
"""

import json
import sys
import time
from typing import Any

import numpy as np

STEPS, BATCH_SIZE = int(sys.argv[1]), 100
if sys.argv[2] == "tf1":
    import tensorflow as tf
    from tensorflow.examples.tutorials.mnist import input_data

    mnist = input_data.read_data_sets("MNIST_data", one_hot=True)
    next_batch, count = mnist.train.next_batch, mnist.train.num_examples
    regularizer = tf.contrib.layers.l2_regularizer(0.0001)
else:
    import tensorflow.compat.v1 as tf

    from lowlevel_cnn import datasets

    tf.disable_v2_behavior()
    split = datasets.load("mnist", sys.argv[4] if len(sys.argv) > 4 else None).train
    count, order = len(split), np.random.RandomState(1)
    pixels = split.images.reshape(count, -1).astype(np.float32) / 255
    classes = np.eye(10)[split.labels]

    def next_batch(size: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = order.choice(count, size, replace=False)
        return pixels[chosen], classes[chosen]

    def regularizer(weights: Any) -> Any:
        return 0.0001 * tf.nn.l2_loss(weights)


def weight(shape: list[int], is_regularized: bool = False) -> Any:
    made = tf.get_variable("weight", shape, initializer=tf.truncated_normal_initializer(stddev=0.1))
    if is_regularized:
        tf.add_to_collection("losses", regularizer(made))
    return made


def layer(name: str, inputs: Any, shape: list[int], is_regularized: bool = False) -> Any:
    with tf.variable_scope(name):
        weights = weight(shape, is_regularized)
        biases = tf.get_variable("bias", shape[-1:], initializer=tf.constant_initializer(0.1))
        if len(shape) == 2:
            return tf.matmul(inputs, weights) + biases
        convolved = tf.nn.relu(tf.nn.conv2d(inputs, weights, strides=[1, 1, 1, 1], padding="SAME") + biases)
        return tf.nn.max_pool(convolved, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")


x = tf.placeholder(tf.float32, [None, 28, 28, 1])
y_ = tf.placeholder(tf.float32, [None, 10])
pooled = layer("layer3-conv2", layer("layer1-conv1", x, [5, 5, 1, 32]), [5, 5, 32, 64])
hidden = tf.nn.relu(layer("layer5-fc1", tf.reshape(pooled, [-1, 3136]), [3136, 512], True))
y = layer("layer6-fc2", tf.nn.dropout(hidden, 0.5), [512, 10], True)
global_step = tf.Variable(0, trainable=False)
averages = tf.train.ExponentialMovingAverage(0.99, global_step).apply(tf.trainable_variables())
entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=y, labels=tf.argmax(y_, 1))
loss = tf.reduce_mean(entropy) + tf.add_n(tf.get_collection("losses"))
rate = tf.train.exponential_decay(0.01, global_step, count / BATCH_SIZE, 0.99, staircase=True)
train_step = tf.train.GradientDescentOptimizer(rate).minimize(loss, global_step=global_step)
with tf.control_dependencies([train_step, averages]):
    train_op = tf.no_op(name="train")

with tf.Session() as sess:
    tf.global_variables_initializer().run()
    # The first steps choose algorithms and fill caches.
    for i in range(-20, STEPS):
        if i == 0:
            started = time.monotonic()
        xs, ys = next_batch(BATCH_SIZE)
        _, loss_value, step = sess.run([train_op, loss, global_step], {x: np.reshape(xs, (-1, 28, 28, 1)), y_: ys})
print(json.dumps({"milliseconds": 1000 * (time.monotonic() - started) / STEPS, "loss": float(loss_value)}))
