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


def train_step(session: Any, train_op: Any, global_step: Any, options: Mapping[str, Any]) -> tuple[float, bool]:
    """Make a training step, say so every few of them, and return the loss and whether it was the last one."""
    start = time.monotonic()
    loss, step = session.run([train_op, global_step])
    every, last = options.get("log_every_n_steps"), options.get("number_of_steps")
    if every and step % every == 0:
        tf.logging.info("global step %d: loss = %.4f (%.3f sec/step)", step, loss, time.monotonic() - start)
    return loss, last is not None and step >= last


def train(
    train_op: Any,
    logdir: str | None,
    train_step_fn: Callable[..., tuple[float, bool]] = train_step,
    train_step_kwargs: Mapping[str, Any] | None = None,
    log_every_n_steps: int = 1,
    graph: Any = None,
    master: str = "",
    is_chief: bool = True,
    global_step: Any = None,
    number_of_steps: int | None = None,
    init_op: Any = _DEFAULT,
    init_feed_dict: Mapping[Any, Any] | None = None,
    local_init_op: Any = _DEFAULT,
    init_fn: Callable[[Any], None] | None = None,
    ready_op: Any = _DEFAULT,
    summary_op: Any = _DEFAULT,
    save_summaries_secs: int = 600,
    saver: Any = None,
    save_interval_secs: int = 600,
    session_config: Any = None,
) -> float | None:
    """Train until the global step is `number_of_steps`, or the input ends, and return the last loss.

    Goes on from the newest checkpoint in `logdir`, saves there every `save_interval_secs` and at the end; without a
    `logdir` nothing is saved.
    """
    graph = graph or tf.get_default_graph()
    with graph.as_default():
        if global_step is None:
            global_step = tf.train.get_or_create_global_step()
        given = {"init_op": init_op, "local_init_op": local_init_op, "ready_op": ready_op}
        supervisor = tf.train.Supervisor(
            graph=graph,
            is_chief=is_chief,
            logdir=logdir,
            init_feed_dict=init_feed_dict,
            init_fn=init_fn,
            summary_op=(tf.summary.merge_all() if summary_op is _DEFAULT else summary_op) if logdir else None,
            global_step=global_step,
            saver=saver or tf.train.Saver(),
            save_summaries_secs=save_summaries_secs,
            save_model_secs=save_interval_secs,
            **{name: value for name, value in given.items() if value is not _DEFAULT},
        )
    options = {"number_of_steps": number_of_steps, "log_every_n_steps": log_every_n_steps, **(train_step_kwargs or {})}
    loss: float | None = None
    # The supervisor saves when it is asked to stop, where there is a directory.
    with supervisor.managed_session(master, config=session_config) as session:
        tf.logging.info("Starting Session.")
        finished = False
        while not (finished or supervisor.should_stop()):
            loss, finished = train_step_fn(session, train_op, global_step, options)
        tf.logging.info("Stopping Training.")
        if logdir and is_chief:
            tf.logging.info("Finished training! Saving model to disk.")
            supervisor.saver.save(session, supervisor.save_path, global_step=supervisor.global_step)
    return loss
