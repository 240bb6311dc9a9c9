"""Train: build one step as a graph, and run it in a session.

The step is the book's (chapter 6, which takes it from chapter 5's `mnist_train.py`): cross entropy plus the collection
`'losses'`, gradient descent with an exponentially decaying learning rate, moving averages of all weights. The loop
prints the book's lines and saves when chapter 5's does (chapter 6's published code never saves): after 1, 1001,
2001, ... steps, and, beyond the book, after the last. The code around its `session.run` is in `training/loop.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from lowlevel_cnn import models
from lowlevel_cnn.checkpoints.restoring import Restorer
from lowlevel_cnn.checkpoints.saving import CheckpointSaver
from lowlevel_cnn.mnist_inference import l2_regularizer, predictions
from lowlevel_cnn.system.signals import DeferredInterrupt
from lowlevel_cnn.tensorflow_v1 import session_config, tf
from lowlevel_cnn.training import optimization
from lowlevel_cnn.training.faster_gradients import faster_gradients
from lowlevel_cnn.training.loop import Loop, TrainingStep
from lowlevel_cnn.training.summaries import merged_summaries, summarize_step, summarize_weights
from lowlevel_cnn.training.training_run import TrainingRun, checkpoint_to_resume

# The name scope that the optimizer's own variables are named after.
TRAIN_STEP = "train_step/"
Update = Callable[..., tuple["tf.Operation", "tf.Tensor"]]


def step_then_averages(
    optimizer: tf.train.Optimizer,
    averages: tf.train.ExponentialMovingAverage,
    loss: tf.Tensor,
    global_step: tf.Variable,
) -> tuple[tf.Operation, tf.Tensor]:
    """Build the update of a training step; return its operation, and the loss before it."""
    with tf.name_scope(TRAIN_STEP):
        train_step = optimizer.minimize(loss, global_step=global_step)
    # The book lists the step and the averages side by side, which leaves their order undefined.
    with tf.name_scope("moving_average"), tf.control_dependencies([train_step]):
        return averages.apply(tf.trainable_variables()), loss


def training_step(model: models.Model, num_examples: int, update: Update = step_then_averages) -> TrainingStep:
    """Build the training step of a model in the default graph.

    Args:
        model: its network and hyper-parameters.
        num_examples: images per epoch.
        update: builds the update of the weights and their averages.
    """
    images = tf.placeholder(tf.float32, [None, *model.image_shape], name="x-input")
    labels = tf.placeholder(tf.int64, [None], name="y-input")
    global_step = tf.train.get_or_create_global_step()

    seen = model.distortions.distorted(images) if model.distortions else images
    with faster_gradients(model.batch_size):
        logits = model.inference(seen, True, l2_regularizer(model.regularization_rate))
    _, probabilities = predictions(logits)
    with tf.name_scope("loss_function"):
        cross_entropy_mean = tf.reduce_mean(optimization.cross_entropy(logits, labels, model.label_smoothing))
        regularization = tf.add_n(tf.get_collection("losses") or [tf.constant(0.0)])
        loss = cross_entropy_mean + regularization

    with tf.name_scope(TRAIN_STEP):
        learning_rate = optimization.learning_rate(model, global_step, num_examples)
        optimizer = optimization.optimizer(model, learning_rate)
    variable_averages = tf.train.ExponentialMovingAverage(model.moving_average_decay, global_step)
    train_op, batch_loss = update(optimizer, variable_averages, loss, global_step)
    with tf.control_dependencies([train_op]):
        steps_done = global_step.read_value()

    with tf.name_scope("weights_are_finite"):
        finite = [tf.reduce_all(tf.math.is_finite(weights)) for weights in tf.trainable_variables()]
        weights_are_finite = tf.reduce_all(finite)

    summarize_step(batch_loss, cross_entropy_mean, regularization, learning_rate)
    summarize_weights(variable_averages)

    return TrainingStep(
        images=images,
        labels=labels,
        global_step=global_step,
        probabilities=probabilities,
        loss=batch_loss,
        train_op=train_op,
        steps_done=steps_done,
        weights_are_finite=weights_are_finite,
        summaries=merged_summaries(),
        restorer=Restorer(),
        saver=CheckpointSaver(),
    )


def train(run: TrainingRun, interrupt: DeferredInterrupt | None = None) -> int:
    """Train in this process alone, resuming from what is found in the run directory, and return the exit code.

    Args:
        run: the run to train.
        interrupt: ends the training after the step in which it has a signal; by default it receives the process's own.

    Raises:
        InputError: a checkpoint found there is of another network.
        WorkError: training diverged, or no checkpoint could be saved or read.
    """
    resumed = checkpoint_to_resume(run)
    start = resumed.step if resumed else 0
    if start >= run.record.training_steps and not run.is_new:
        return 0
    with tf.Graph().as_default():
        tf.set_random_seed(run.record.seed)
        step = training_step(run.model, len(run.examples))
        with tf.Session(config=session_config()) as session, interrupt or DeferredInterrupt() as interrupt:
            session.run(tf.global_variables_initializer())
            if resumed:
                step.restorer.restore(session, resumed)
            # Only now, so that a checkpoint of another network leaves the directory unchanged.
            run.record.write(run.directory)
            run_training_steps(Loop(run, step, session), session, start, interrupt)
            return interrupt.exit_code


def run_training_steps(loop: Loop, session: tf.Session, start: int, interrupt: DeferredInterrupt) -> None:
    """Run the chapter's loop: feed a batch, run the training step, save, print.

    Args:
        loop: provides batches and fetches, and handles the results.
        session: runs the steps.
        start: number of steps already done.
        interrupt: ends the loop after the step in which a signal arrives; otherwise it ends after the last step.
    """
    done, last = start, None
    with loop.begun(start):
        while interrupt.signal_number is None and (batch := loop.next_batch(done)) is not None:
            feeds = loop.feed_dict(batch)
            values = session.run(loop.fetches(done), feeds, **loop.run_arguments())
            last = loop.completed(done, feeds, values)
            done = last.done
            saved = loop.save_if_due(last)
            loop.print_lines(last, saved=saved)
        if interrupt.signal_number is None:
            loop.end(last)
    loop.print_profile()
    if interrupt.signal_number is not None:
        loop.stop(done)


if __name__ == "__main__":
    from lowlevel_cnn.__main__ import console_script

    sys.exit(console_script("train"))
