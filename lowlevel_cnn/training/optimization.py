"""Build the loss, and learning rate schedules and optimizers by their names in `Model` and `run.json`."""

from __future__ import annotations

from lowlevel_cnn.models import Model
from lowlevel_cnn.tensorflow_v1 import tf

WARM_UP = 0.15


def cross_entropy(logits: tf.Tensor, labels: tf.Tensor, label_smoothing: float) -> tf.Tensor:
    """Return the cross entropy of each image, `[batch]`.

    Label smoothing is that of Szegedy et al. (2015): this share of the probability is expected to be spread evenly over
    all classes, and only the rest to be the label's.
    """
    if not label_smoothing:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(logits=logits, labels=labels)
    classes = logits.shape[1]
    expected = tf.one_hot(labels, classes) * (1 - label_smoothing) + label_smoothing / classes
    return tf.nn.softmax_cross_entropy_with_logits_v2(labels=expected, logits=logits)


def learning_rate(model: Model, global_step: tf.Variable, num_examples: int) -> tf.Tensor:
    """Return the learning rate at a global step, for epochs of `num_examples` images.

    `exponential-decay` is the book's: base * decay ** (whole epochs passed); with a decay of 1 it is constant.
    `warm-up-and-linear-decay` rises from zero to the base over the first 15 % of the training steps, and falls to
    zero over the rest.
    """
    if model.learning_rate_schedule == "exponential-decay":
        steps_an_epoch = num_examples / model.batch_size
        return tf.train.exponential_decay(
            model.learning_rate_base, global_step, steps_an_epoch, model.learning_rate_decay, staircase=True
        )
    step = tf.cast(global_step, tf.float32)
    warm_up_steps = WARM_UP * model.training_steps
    rising = (step + 1) / warm_up_steps
    falling = (model.training_steps - step) / (model.training_steps - warm_up_steps)
    return model.learning_rate_base * tf.maximum(tf.minimum(rising, falling), 0.0)


def optimizer(model: Model, rate: tf.Tensor) -> tf.train.Optimizer:
    """Return the model's optimizer, with the default constants of its class in `tf.train`.

    `adam` uses those of its paper. `rmsprop` has decay 0.9, momentum 0 and epsilon 1e-10 inside the root; its mean
    squares start as ones, whereas those of Keras's class start as zeros.
    """
    by_name = {
        "gradient-descent": tf.train.GradientDescentOptimizer,
        "adam": tf.train.AdamOptimizer,
        "rmsprop": tf.train.RMSPropOptimizer,
    }
    return by_name[model.optimizer](rate)
