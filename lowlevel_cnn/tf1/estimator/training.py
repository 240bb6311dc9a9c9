"""Training of an estimator: on from its newest checkpoint, with the hooks and the printed lines of TensorFlow 1.x."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.building import Model
from lowlevel_cnn.tf1.estimator.saving import CheckpointSaver
from lowlevel_cnn.tf1.estimator.specification import EstimatorSpec, ModeKeys

__all__ = ["WarmStartSettings", "saved_step", "train"]


class WarmStartSettings(NamedTuple):
    """Which variables begin with the values of which checkpoint, as `tf.train.warm_start` takes them."""

    ckpt_to_initialize_from: str
    vars_to_warm_start: Any = ".*"
    var_name_to_vocab_info: dict[str, Any] | None = None
    var_name_to_prev_var_name: dict[str, str] | None = None


def saved_step(model: Model) -> int:
    """Return the step of the newest checkpoint, 0 where there is none."""
    checkpoint = model.latest_checkpoint()
    return int(tf.train.load_variable(checkpoint, tf.GraphKeys.GLOBAL_STEP)) if checkpoint else 0


def train(
    model: Model,
    input_fn: Callable[..., Any],
    hooks: Iterable[Any],
    listeners: Iterable[Any],
    warm_start: WarmStartSettings | None,
) -> None:
    """Train until a hook ends it or the inputs do."""
    with model.graph():
        features, labels = model.inputs(input_fn, ModeKeys.TRAIN)
        spec = model.specification(features, labels, ModeKeys.TRAIN)
        if warm_start and not model.latest_checkpoint():
            tf.logging.info("Warm-starting with WarmStartSettings: %s", warm_start)
            tf.train.warm_start(*warm_start)
        if not any(summary.op.name == "loss" for summary in tf.get_collection(tf.GraphKeys.SUMMARIES)):
            tf.summary.scalar("loss", spec.loss)
        _add_saver(model, spec)
        hooks = [*hooks, *_hooks_of_every_training(model, spec), *spec.training_hooks]
        with _session(model, spec, hooks, listeners) as session:
            loss = None
            while not session.should_stop():
                _, loss = session.run([spec.train_op, spec.loss])
    if loss is None:
        tf.logging.warning("Training with estimator made no steps. Perhaps input is empty or misspecified.")
    tf.logging.info("Loss for final step: %s.", loss)


def _hooks_of_every_training(model: Model, spec: EstimatorSpec) -> list[Any]:
    """Hooks that stop at a loss that is no number, and print `loss = 2.36026, step = 1`."""
    hooks = [tf.train.NanTensorHook(spec.loss)]
    if model.config.log_step_count_steps:
        with tf.control_dependencies([spec.train_op]):
            # The step that is done now, whatever runs first.
            step = tf.identity(tf.train.get_global_step().read_value())
        shown = {"loss": spec.loss, "step": step}
        hooks.append(tf.train.LoggingTensorHook(shown, every_n_iter=model.config.log_step_count_steps))
    return hooks


def _add_saver(model: Model, spec: EstimatorSpec) -> None:
    """Let the configuration say how many checkpoints stay, unless the model function has made a saver."""
    if spec.scaffold.saver or tf.get_collection(tf.GraphKeys.SAVERS):
        return
    saver = tf.train.Saver(
        max_to_keep=model.config.keep_checkpoint_max,
        keep_checkpoint_every_n_hours=model.config.keep_checkpoint_every_n_hours,
        defer_build=True,
        save_relative_paths=True,  # the directory can be moved
    )
    tf.add_to_collection(tf.GraphKeys.SAVERS, saver)


def _session(model: Model, spec: EstimatorSpec, hooks: list[Any], listeners: Iterable[Any]) -> Any:
    """Return a session that restores, saves and summarizes by itself."""
    config = model.config
    first = list(spec.training_chief_hooks)
    saves = config.save_checkpoints_secs or config.save_checkpoints_steps
    if saves and not any(isinstance(each, tf.train.CheckpointSaverHook) for each in (*first, *hooks)):
        timer = tf.train.SecondOrStepTimer(config.save_checkpoints_secs, config.save_checkpoints_steps)
        first.append(CheckpointSaver(model.directory, timer, spec.scaffold, tuple(listeners)))
    Path(os.fspath(model.directory)).mkdir(parents=True, exist_ok=True)
    return tf.train.MonitoredTrainingSession(
        checkpoint_dir=model.directory,
        scaffold=spec.scaffold,
        hooks=hooks,
        chief_only_hooks=first,
        save_checkpoint_secs=0,
        save_checkpoint_steps=None,
        save_summaries_steps=config.save_summary_steps,
        save_summaries_secs=None,
        config=config.for_session(),
        log_step_count_steps=config.log_step_count_steps,
    )
