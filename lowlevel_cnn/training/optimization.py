"""Learning rate schedules and optimizers, by the names that a `Model` and `run.json` have for them."""

from __future__ import annotations

from lowlevel_cnn.models import Model
from lowlevel_cnn.tensorflow_v1 import tf

WARM_UP = 0.15


def learning_rate(model: Model, global_step: tf.Variable, num_examples: int) -> tf.Tensor:
    """The learning rate at a global step, for an epoch of `num_examples` images.

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
    """The model's optimizer, with the constants of its class in `tf.train`.

    `adam` has its paper's. `rmsprop` has decay 0.9, momentum 0 and epsilon 1e-10 inside the root; its mean squares
    begin as ones, where those of Keras's class begin as zeros.
    """
    by_name = {
        "gradient-descent": tf.train.GradientDescentOptimizer,
        "adam": tf.train.AdamOptimizer,
        "rmsprop": tf.train.RMSPropOptimizer,
    }
    return by_name[model.optimizer](rate)
