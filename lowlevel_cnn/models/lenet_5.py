"""LeNet-5 as the article 深入浅出TensorFlow(四) describes it, after LeCun et al. 1998.

| layer | output | parameters |
| --- | --- | --- |
| layer1-conv1, 5x5 VALID | `[batch, 28, 28, 6]` | 156 |
| layer2-pool1 | `[batch, 14, 14, 6]` | |
| layer3-conv2, 5x5 VALID | `[batch, 10, 10, 16]` | 2,416 |
| layer4-pool2 | `[batch, 5, 5, 16]` | |
| layer5-fc1 | `[batch, 120]` | 48,120 |
| layer6-fc2 | `[batch, 84]` | 10,164 |
| layer7-fc3 | `[batch, 10]` | 850 |

The article gives the layers and leaves the rest open. Chosen here: ReLU, max pooling, every map of the first pooling
connected to every filter of the second convolution (as the parameter counts imply), He's initial weights, Adam with
a warm-up and a linear decay over 20 epochs, moving averages, and shifts of the training images by up to one pixel.
"""

from __future__ import annotations

from lowlevel_cnn.mnist_inference import Regularizer, convolution, flatten, fully_connected, max_pool
from lowlevel_cnn.models import Model
from lowlevel_cnn.stateless_random import random_shift
from lowlevel_cnn.tensorflow_v1 import tf


def inference(images: tf.Tensor, train: bool, regularizer: Regularizer | None, num_labels: int = 10) -> tf.Tensor:
    """Return logits `[batch, labels]` of images `[batch, 28, 28, 1]` float32 in [0, 1], which are padded to 32x32."""
    initial_values = tf.initializers.he_normal(), tf.zeros_initializer()
    with tf.name_scope("layer0-input"):
        if train:
            images = random_shift(images, 1)
        padded = tf.pad(images, [[0, 0], [2, 2], [2, 2], [0, 0]])
    with tf.variable_scope("layer1-conv1"):
        conv1 = tf.nn.relu(convolution(padded, 5, 6, "VALID", *initial_values))
    with tf.name_scope("layer2-pool1"):
        pool1 = max_pool(conv1)
    with tf.variable_scope("layer3-conv2"):
        conv2 = tf.nn.relu(convolution(pool1, 5, 16, "VALID", *initial_values))
    with tf.name_scope("layer4-pool2"):
        pool2_flat = flatten(max_pool(conv2))
    with tf.variable_scope("layer5-fc1"):
        fc1 = tf.nn.relu(fully_connected(pool2_flat, 120, regularizer, *initial_values))
    with tf.variable_scope("layer6-fc2"):
        fc2 = tf.nn.relu(fully_connected(fc1, 84, regularizer, *initial_values))
    with tf.variable_scope("layer7-fc3"):
        return fully_connected(fc2, num_labels, regularizer, *initial_values)


MODEL = Model(
    name="lenet-5",
    title="LeNet-5",
    source="深入浅出TensorFlow(四), after LeCun et al. 1998",
    dataset="mnist",
    image_shape=(28, 28, 1),
    inference=inference,
    parameters=61_706,
    batch_size=100,
    optimizer="adam",
    learning_rate_base=0.002,
    learning_rate_schedule="warm-up-and-linear-decay",
    moving_average_decay=0.999,
    training_steps=11_000,
    reported_accuracy=0.992,
    remark="the article gives the layers only; ReLU, max pooling, Adam, 20 epochs and shifts by a pixel are ours",
)
