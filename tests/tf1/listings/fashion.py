"""Clothes as in the article on Fashion-MNIST: the reader of the tutorials on another folder, and an Estimator."""
import sys

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

tf.logging.set_verbosity(tf.logging.INFO)
STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 1500

fashion_mnist = input_data.read_data_sets("data/fashion", one_hot=False)


def cnn_model(features, labels, mode):
    reshaped = tf.reshape(features["x"], [-1, 28, 28, 1])
    net = reshaped
    for filters in (32, 64, 128):
        net = tf.layers.conv2d(net, filters, [3, 3], padding="same", activation=tf.nn.relu)
        net = tf.layers.max_pooling2d(net, [2, 2], 2)
    net = tf.layers.flatten(net)
    net = tf.layers.dense(net, 1024, activation=tf.nn.relu)
    net = tf.layers.dropout(net, rate=0.4, training=(mode == tf.estimator.ModeKeys.TRAIN))
    logits = tf.layers.dense(net, 10)
    predictions = {"classes": tf.argmax(logits, 1), "probabilities": tf.nn.softmax(logits)}
    if mode == tf.estimator.ModeKeys.PREDICT:
        return tf.estimator.EstimatorSpec(mode, predictions=predictions)
    loss = tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=logits)
    if mode == tf.estimator.ModeKeys.TRAIN:
        train_op = tf.train.AdamOptimizer().minimize(loss, global_step=tf.train.get_global_step())
        return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)
    metrics = {"accuracy": tf.metrics.accuracy(labels, predictions["classes"])}
    return tf.estimator.EstimatorSpec(mode, loss=loss, eval_metric_ops=metrics)


classifier = tf.estimator.Estimator(model_fn=cnn_model, model_dir="fashion_model")
train_input_fn = tf.estimator.inputs.numpy_input_fn(
    {"x": fashion_mnist.train.images}, np.asarray(fashion_mnist.train.labels, dtype=np.int32),
    batch_size=100, num_epochs=None, shuffle=True)
classifier.train(train_input_fn, steps=STEPS)
eval_input_fn = tf.estimator.inputs.numpy_input_fn(
    {"x": fashion_mnist.test.images}, np.asarray(fashion_mnist.test.labels, dtype=np.int32),
    num_epochs=1, shuffle=False)
print(classifier.evaluate(eval_input_fn))
