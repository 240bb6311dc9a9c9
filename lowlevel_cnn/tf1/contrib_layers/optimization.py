"""`optimize_loss`: a training step in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.layers import arguments

__all__ = ["OPTIMIZER_CLS_NAMES", "OPTIMIZER_SUMMARIES", "optimize_loss"]

# The class of `tf.train` by the optimizer's name.
_CLASSES = {
    "Adagrad": "AdagradOptimizer",
    "Adam": "AdamOptimizer",
    "Ftrl": "FtrlOptimizer",
    "Momentum": "MomentumOptimizer",
    "RMSProp": "RMSPropOptimizer",
    "SGD": "GradientDescentOptimizer",
}
_MOMENTUM = 0.9

OPTIMIZER_SUMMARIES = ["learning_rate", "loss", "gradients", "gradient_norm", "global_gradient_norm"]


def _constructor(name: str) -> Callable[[Any], Any]:
    if name == "Momentum":
        return lambda learning_rate: tf.train.MomentumOptimizer(learning_rate, _MOMENTUM)
    return lambda learning_rate: getattr(tf.train, _CLASSES[name])(learning_rate)


OPTIMIZER_CLS_NAMES = {name: _constructor(name) for name in _CLASSES}


def optimize_loss(
    loss: tf.Tensor,
    global_step: Any,
    learning_rate: Any,
    optimizer: Any,
    gradient_noise_scale: float | None = None,
    gradient_multipliers: Mapping[Any, Any] | None = None,
    clip_gradients: float | Callable[[list[Any]], list[Any]] | None = None,
    learning_rate_decay_fn: Callable[[Any, Any], Any] | None = None,
    update_ops: Sequence[Any] | None = None,
    variables: Sequence[tf.Variable] | None = None,
    name: str | None = None,
    summaries: Sequence[str] | None = None,
    colocate_gradients_with_ops: bool = False,
    increment_global_step: bool = True,
) -> tf.Tensor:
    """Return the loss, which makes a training step when it is computed.

    `optimizer` is a name, a class, an object, or a function of the learning rate. `clip_gradients` is the largest
    common norm, or a function of the gradients and variables. The operations in `UPDATE_OPS` run before.

    Raises:
        NotImplementedError: `gradient_noise_scale` is asked for.
        ValueError: an argument is none of what it may be, or no variable depends on the loss.
    """
    arguments.refuse("optimize_loss", gradient_noise_scale=gradient_noise_scale)
    with tf.variable_scope(name, "OptimizeLoss", [loss, global_step]):
        global_step = tf.train.get_global_step() if global_step is None else global_step
        update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS) if update_ops is None else update_ops
        with tf.control_dependencies(list(update_ops)):
            loss = tf.identity(loss, name="control_dependency") if update_ops else loss
        wanted = _summaries(summaries)
        rate = _learning_rate(learning_rate, learning_rate_decay_fn, global_step)
        if rate is not None and "learning_rate" in wanted:
            tf.summary.scalar("learning_rate", rate)
        made = _optimizer(optimizer, rate)
        gradients = made.compute_gradients(
            loss,
            list(variables or tf.trainable_variables()),
            colocate_gradients_with_ops=colocate_gradients_with_ops,
        )
        if gradient_multipliers is not None:
            gradients = multiplied(gradients, gradient_multipliers)
        clipped = _clipped(gradients, clip_gradients)
        _summarize(wanted, loss, gradients)
        step = made.apply_gradients(clipped, global_step if increment_global_step else None, name="train")
        with tf.control_dependencies([step]):
            return tf.identity(loss, name="loss_after_step")


def multiplied(gradients: list[Any], multipliers: Mapping[Any, Any]) -> list[Any]:
    """Return gradients and variables, with the gradients of some variables, or of their names, multiplied."""
    factors = {getattr(getattr(each, "op", each), "name", each): factor for each, factor in multipliers.items()}
    return [
        (gradient if gradient is None else gradient * tf.cast(factors.get(each.op.name, 1.0), gradient.dtype), each)
        for gradient, each in gradients
    ]


def _summaries(summaries: Sequence[str] | None) -> Sequence[str]:
    for each in summaries or ():
        if each not in OPTIMIZER_SUMMARIES:
            raise ValueError(f"Summaries should be one of [{', '.join(OPTIMIZER_SUMMARIES)}], you provided {each}.")
    return ["loss", "learning_rate"] if summaries is None else summaries


def _learning_rate(rate: Any, decay: Callable[[Any, Any], Any] | None, global_step: Any) -> Any:
    if rate is None:
        return None
    if isinstance(rate, int | float):
        if rate < 0:
            raise ValueError(f"Invalid learning_rate {rate}.")
        constant = tf.constant_initializer(rate)
        rate = tf.get_variable("learning_rate", [], trainable=False, initializer=constant)
    if decay is None:
        return rate
    if global_step is None:
        raise ValueError("global_step is required for learning_rate_decay_fn.")
    return decay(rate, global_step)


def _optimizer(optimizer: Any, rate: Any) -> Any:
    if isinstance(optimizer, tf.train.Optimizer):
        return optimizer
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZER_CLS_NAMES:
            raise ValueError(
                f"Optimizer name should be one of [{', '.join(OPTIMIZER_CLS_NAMES)}], you provided {optimizer}."
            )
        optimizer = OPTIMIZER_CLS_NAMES[optimizer]
    elif not callable(optimizer):
        raise ValueError(f"Unrecognized optimizer: {optimizer}")
    if rate is None and isinstance(optimizer, type):
        raise ValueError("Learning rate is None, but should be specified if optimizer is a class.")
    return optimizer() if rate is None else optimizer(rate)


def _clipped(gradients: list[Any], clip: Any) -> list[Any]:
    if clip is None:
        return gradients
    if callable(clip):
        return clip(gradients)  # type: ignore[no-any-return]
    values, variables = zip(*gradients, strict=True)
    return list(zip(tf.clip_by_global_norm(values, clip)[0], variables, strict=True))


def _summarize(wanted: Sequence[str], loss: tf.Tensor, gradients: list[Any]) -> None:
    if "loss" in wanted:
        tf.summary.scalar("loss", loss)
    for gradient, variable in gradients:
        if gradient is None:
            continue
        values = tf.convert_to_tensor(gradient)
        if "gradients" in wanted:
            tf.summary.histogram(f"gradients/{variable.op.name}", values)
        if "gradient_norm" in wanted:
            tf.summary.scalar(f"gradient_norm/{variable.op.name}", tf.linalg.global_norm([values]))
    if "global_gradient_norm" in wanted:
        norm = tf.linalg.global_norm([gradient for gradient, _ in gradients])
        tf.summary.scalar("global_norm/gradient_norm", norm)
