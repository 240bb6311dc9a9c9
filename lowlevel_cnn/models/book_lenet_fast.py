"""The book's network, trained the way one would today: 99.4 % on the MNIST test images in five epochs.

The layers are the book's; only the training differs: initial weights of standard deviation 0.05 instead of 0.1, and
Adam with a warm-up and a linear decay to zero instead of gradient descent.
"""

from __future__ import annotations

from lowlevel_cnn import mnist_inference
from lowlevel_cnn.mnist_inference import Regularizer
from lowlevel_cnn.models import Model
from lowlevel_cnn.tensorflow_v1 import tf


def inference(
    images: tf.Tensor,
    train: bool,
    regularizer: Regularizer | None,
    num_labels: int = 10,
    dropout_rate: float = 0.5,
) -> tf.Tensor:
    """Return logits `[batch, labels]` of images `[batch, 28, 28, 1]` float32 in [0, 1]."""
    weight_initializer = tf.truncated_normal_initializer(stddev=0.05)
    return mnist_inference.inference(
        images, train, regularizer, weight_initializer, dropout_rate=dropout_rate, num_labels=num_labels
    )


MODEL = Model(
    name="book-lenet-fast",
    title="the book's network, trained as one would today",
    source="the network of 《TensorFlow:实战Google深度学习框架》 chapter 6; the training is ours",
    dataset="mnist",
    image_shape=(28, 28, 1),
    inference=inference,
    parameters=1_663_370,
    batch_size=100,
    optimizer="adam",
    learning_rate_base=0.002,
    learning_rate_schedule="warm-up-and-linear-decay",
    regularization_rate=0.0001,
    moving_average_decay=0.99,
    training_steps=2_750,
    reported_accuracy=0.994,
    remark='its training is ours; the figure under "reported" is the article\'s for this network',
)
