"""MNIST as in chapter 9 of Mastering TensorFlow 1.x: plain variables, softmax cross entropy, Adam, epochs of batches."""
import sys

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

tf.set_random_seed(123)
np.random.seed(123)

n_epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
mnist = input_data.read_data_sets("datasets/mnist", one_hot=True)
X_test, Y_test = mnist.test.images, mnist.test.labels
n_classes, n_width, n_height, n_depth = 10, 28, 28, 1
n_inputs = n_height * n_width * n_depth
learning_rate = 0.001
batch_size = 100
n_batches = int(mnist.train.num_examples / batch_size)

x = tf.placeholder(dtype=tf.float32, name="x", shape=[None, n_inputs])
y = tf.placeholder(dtype=tf.float32, name="y", shape=[None, n_classes])
x_ = tf.reshape(x, shape=[-1, n_width, n_height, n_depth])

layer1_w = tf.Variable(tf.random_normal(shape=[4, 4, n_depth, 32], stddev=0.1), name="l1_w")
layer1_b = tf.Variable(tf.random_normal([32]), name="l1_b")
layer1_conv = tf.nn.relu(tf.nn.conv2d(x_, layer1_w, strides=[1, 1, 1, 1], padding="SAME") + layer1_b)
layer1_pool = tf.nn.max_pool(layer1_conv, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")

layer2_w = tf.Variable(tf.random_normal(shape=[4, 4, 32, 64], stddev=0.1), name="l2_w")
layer2_b = tf.Variable(tf.random_normal([64]), name="l2_b")
layer2_conv = tf.nn.relu(tf.nn.conv2d(layer1_pool, layer2_w, strides=[1, 1, 1, 1], padding="SAME") + layer2_b)
layer2_pool = tf.nn.max_pool(layer2_conv, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")

layer3_w = tf.Variable(tf.random_normal(shape=[64 * 7 * 7 * 1, 1024], stddev=0.1), name="l3_w")
layer3_b = tf.Variable(tf.random_normal([1024]), name="l3_b")
layer3 = tf.nn.relu(tf.matmul(tf.reshape(layer2_pool, [-1, 64 * 7 * 7 * 1]), layer3_w) + layer3_b)

layer4_w = tf.Variable(tf.random_normal(shape=[1024, n_classes], stddev=0.1), name="l")
layer4_b = tf.Variable(tf.random_normal([n_classes]), name="l4_b")
model = tf.matmul(layer3, layer4_w) + layer4_b

entropy = tf.nn.softmax_cross_entropy_with_logits(logits=model, labels=y)
loss = tf.reduce_mean(entropy)
optimizer = tf.train.AdamOptimizer(learning_rate).minimize(loss)

with tf.Session() as tfs:
    tf.global_variables_initializer().run()
    for epoch in range(n_epochs):
        total_loss = 0.0
        for batch in range(n_batches):
            batch_x, batch_y = mnist.train.next_batch(batch_size)
            batch_loss, _ = tfs.run([loss, optimizer], feed_dict={x: batch_x, y: batch_y})
            total_loss += batch_loss
        print("Epoch: {0:04d}   loss = {1:0.6f}".format(epoch, total_loss / n_batches))
    print("Model Trained.")

    predictions_check = tf.equal(tf.argmax(model, 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(predictions_check, tf.float32))
    print("Accuracy:", accuracy.eval(feed_dict={x: X_test, y: Y_test}))
