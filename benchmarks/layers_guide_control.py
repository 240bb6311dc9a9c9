"""A control of `layers-guide`: the guide's network and settings in plain `tf.compat.v1` calls, nothing of this package.

    python -m benchmarks.layers_guide_control --data-dir DATA --seed 0

Only the images come from `lowlevel_cnn.datasets`. The guide's `tf.layers` and `tf.estimator` are gone; what they did is
written out: Glorot uniform weights and zero biases, batches drawn from a shuffled queue of 1,000 images
(`numpy_input_fn`), dropout of 0.4, gradient descent at 0.001, 20,000 steps, no moving averages.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.tensorflow_v1 import tf

BATCH_SIZE, LEARNING_RATE, STEPS, QUEUE = 100, 0.001, 20_000, 1_000


def weights(*shape: int) -> tuple[tf.Variable, tf.Variable]:
    """Weights and biases of a layer."""
    return tf.Variable(tf.glorot_uniform_initializer()(shape)), tf.Variable(tf.zeros([shape[-1]]))


def network(images: tf.Tensor, is_training: tf.Tensor) -> tf.Tensor:
    """The guide's logits `[batch, 10]` of `[batch, 28, 28, 1]` float32 in [0, 1]."""
    features = images
    for filters, channels in ((32, 1), (64, 32)):
        kernel, bias = weights(5, 5, channels, filters)
        features = tf.nn.relu(tf.nn.conv2d(features, kernel, [1, 1, 1, 1], "SAME") + bias)
        features = tf.nn.max_pool(features, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    kernel, bias = weights(7 * 7 * 64, 1024)
    dense = tf.nn.relu(tf.matmul(tf.reshape(features, [-1, 7 * 7 * 64]), kernel) + bias)
    dense = tf.cond(is_training, lambda: tf.nn.dropout(dense, rate=0.4), lambda: dense)
    kernel, bias = weights(1024, 10)
    return tf.matmul(dense, kernel) + bias


def shuffled(split: Split, seed: int) -> Iterator[int]:
    """Places of images without end: each is drawn from a queue of 1,000, which the data set refills in its order."""
    chance = np.random.default_rng(seed)
    queue = list(range(QUEUE))
    following = QUEUE
    while True:
        place = int(chance.integers(QUEUE))
        yield queue[place]
        queue[place] = following % len(split)
        following += 1


def main() -> None:
    """Trains and prints the accuracy on the test images, every 1,000 steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--seed", type=int, default=0)
    flags = parser.parse_args()
    data = datasets.load("mnist", flags.data_dir)

    tf.set_random_seed(flags.seed)
    images, labels = tf.placeholder(tf.float32, [None, 28, 28, 1]), tf.placeholder(tf.int64, [None])
    is_training = tf.placeholder(tf.bool, [])
    logits = network(images, is_training)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    train_op = tf.train.GradientDescentOptimizer(LEARNING_RATE).minimize(loss)
    correct = tf.reduce_sum(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.int64))

    places = shuffled(data.train, flags.seed)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for step in range(1, STEPS + 1):
            batch = [next(places) for _ in range(BATCH_SIZE)]
            pixels = data.train.images[batch] / np.float32(255)
            session.run(train_op, {images: pixels, labels: data.train.labels[batch], is_training: True})
            if step % 1_000 == 0:
                found = 0
                for start in range(0, len(data.test), 1_000):
                    part = slice(start, start + 1_000)
                    pixels = data.test.images[part] / np.float32(255)
                    found += session.run(correct, {images: pixels, labels: data.test.labels[part], is_training: False})
                print(f"step {step}: test accuracy {found / len(data.test):.4f}", flush=True)


if __name__ == "__main__":
    with tf.Graph().as_default():
        main()
