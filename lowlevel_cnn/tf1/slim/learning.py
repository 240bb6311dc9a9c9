"""`tf.contrib.slim.learning`: a training step, and the loop that runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.contrib_layers.optimization import multiplied

__all__ = ["create_train_op", "train", "train_step"]

# In place of None, which stands for none at all.
_DEFAULT: Any = object()


def create_train_op(
    total_loss: tf.Tensor,
    optimizer: Any,
    global_step: Any = _DEFAULT,
    update_ops: Sequence[Any] | None = None,
    variables_to_train: Sequence[tf.Variable] | None = None,
    clip_gradient_norm: float = 0,
    summarize_gradients: bool = False,
    gate_gradients: int = 1,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    gradient_multipliers: Mapping[Any, Any] | None = None,
    check_numerics: bool = True,
) -> tf.Tensor:
    """Return the loss, which makes a training step when it is computed.

    The operations in `UPDATE_OPS` run before, if no others are given. `clip_gradient_norm` is the largest norm of the
    gradient of one variable. With `check_numerics` a loss that is no number is an error.
    """
    if global_step is _DEFAULT:
        global_step = tf.train.get_or_create_global_step()
    update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS) if update_ops is None else update_ops
    with tf.control_dependencies(list(update_ops)):
        total_loss = tf.identity(total_loss)
    gradients = optimizer.compute_gradients(
        total_loss,
        list(variables_to_train or tf.trainable_variables()),
        gate_gradients=gate_gradients,
        aggregation_method=aggregation_method,
        colocate_gradients_with_ops=colocate_gradients_with_ops,
    )
    if gradient_multipliers:
        gradients = multiplied(gradients, gradient_multipliers)
    if clip_gradient_norm > 0:
        gradients = [
            (gradient if gradient is None else tf.clip_by_norm(gradient, clip_gradient_norm), variable)
            for gradient, variable in gradients
        ]
    if summarize_gradients:
        for gradient, variable in gradients:
            tf.summary.histogram(f"gradients/{variable.op.name}", gradient)
    step = optimizer.apply_gradients(gradients, global_step=global_step)
    with tf.name_scope("train_op"), tf.control_dependencies([step]):
        if check_numerics:
            total_loss = tf.debugging.check_numerics(total_loss, "LossTensor is inf or nan")
        train_op = tf.identity(total_loss)
    tf.add_to_collection(tf.GraphKeys.TRAIN_OP, train_op)
    return train_op


def train_step(session: Any, train_op: Any, global_step: Any, train_step_kwargs: Mapping[str, Any]) -> tuple[Any, bool]:
    """Make a training step, and return the loss and whether it was the last one.

    `should_log` and `should_stop` are tensors, whose values after the step say whether to do so.
    """
    start = time.monotonic()
    loss, step = session.run([train_op, global_step])
    seconds = time.monotonic() - start
    if "should_log" in train_step_kwargs and session.run(train_step_kwargs["should_log"]):
        tf.logging.info("global step %d: loss = %.4f (%.3f sec/step)", step, loss, seconds)
    return loss, "should_stop" in train_step_kwargs and bool(session.run(train_step_kwargs["should_stop"]))


def train(
    train_op: Any,
    logdir: str | None,
    train_step_fn: Callable[..., tuple[Any, bool]] = train_step,
    train_step_kwargs: Mapping[str, Any] | None = None,
    log_every_n_steps: int | None = 1,
    graph: Any = None,
    master: str = "",
    is_chief: bool = True,
    global_step: Any = None,
    number_of_steps: int | None = None,
    init_op: Any = None,
    init_feed_dict: Mapping[Any, Any] | None = None,
    local_init_op: Any = None,
    init_fn: Callable[[Any], None] | None = None,
    ready_op: Any = None,
    summary_op: Any = _DEFAULT,
    save_summaries_secs: int | None = 600,
    saver: Any = None,
    save_interval_secs: int | None = 600,
    session_config: Any = None,
) -> Any:
    """Train until the global step is `number_of_steps`, or the input ends, and return the last loss.

    Goes on from the newest checkpoint in `logdir`, saves there every `save_interval_secs` and at the end; without a
    `logdir` nothing is saved. Where there is no checkpoint, `init_fn` is called with the session.
    """
    with (graph or tf.get_default_graph()).as_default():
        global_step = tf.train.get_or_create_global_step() if global_step is None else global_step
        if train_step_kwargs is None:
            train_step_kwargs = _conditions(global_step, number_of_steps, log_every_n_steps)
        summaries = {} if summary_op is _DEFAULT else {"summary_op": summary_op}
        scaffold = tf.train.Scaffold(
            init_op=init_op,
            init_feed_dict=init_feed_dict,
            init_fn=None if init_fn is None else _without_scaffold(init_fn),
            local_init_op=local_init_op,
            ready_op=ready_op,
            saver=saver,
            **summaries,
        )
        loss, finished = None, False
        tf.logging.info("Starting Session.")
        with tf.train.MonitoredTrainingSession(
            master,
            is_chief,
            logdir,
            scaffold,
            save_checkpoint_secs=save_interval_secs,
            save_summaries_steps=None,
            save_summaries_secs=None if summary_op is None else save_summaries_secs,
            config=session_config,
        ) as session:
            while not (finished or session.should_stop()):
                loss, finished = train_step_fn(session, train_op, global_step, train_step_kwargs)
        tf.logging.info("Stopping Training.")
    return loss


def _without_scaffold(init_fn: Callable[[Any], None]) -> Callable[[Any, Any], None]:
    return lambda _, session: init_fn(session)


def _conditions(global_step: Any, last: int | None, every: int | None) -> dict[str, tf.Tensor]:
    with tf.name_scope("train_step"):
        conditions = {}
        if last is not None:
            conditions["should_stop"] = tf.greater_equal(global_step, last)
        if every is not None and every > 0:
            conditions["should_log"] = tf.equal(tf.mod(global_step, every), 0)
        return conditions
