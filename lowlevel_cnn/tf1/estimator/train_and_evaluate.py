"""`tf.estimator.train_and_evaluate`: training with an evaluation after its checkpoints, in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.estimator import Estimator

__all__ = ["EvalSpec", "TrainSpec", "train_and_evaluate"]


@dataclass(frozen=True)
class TrainSpec:
    """What to train with, and up to which step."""

    input_fn: Callable[..., Any]
    max_steps: int | None = None
    hooks: Iterable[Any] | None = None

    def __post_init__(self) -> None:
        if self.max_steps is not None and self.max_steps <= 0:
            raise ValueError(f"Must specify max_steps > 0, given: {self.max_steps}")


@dataclass(frozen=True)
class EvalSpec:
    """What to evaluate with: `steps` batches, at checkpoints that are at least `throttle_secs` seconds apart.

    `start_delay_secs` is how long a process of its own waits before it evaluates, and there is none.
    """

    input_fn: Callable[..., Any]
    steps: int | None = 100
    name: str | None = None
    hooks: Iterable[Any] | None = None
    start_delay_secs: float = 120
    throttle_secs: float = 600

    def __post_init__(self) -> None:
        if self.steps is not None and self.steps <= 0:
            raise ValueError(f"Must specify steps > 0, given: {self.steps}")
        if self.throttle_secs < 0 or self.start_delay_secs < 0:
            raise ValueError("Must specify throttle_secs >= 0 and start_delay_secs >= 0")


def train_and_evaluate(
    estimator: Estimator, train_spec: TrainSpec, eval_spec: EvalSpec
) -> tuple[dict[str, Any] | None, list[Any]]:
    """Train, evaluate at checkpoints and at the end, and return the last metrics with an empty list of exports.

    Where the estimator has reached the last step before, there is nothing to do and no metrics.
    """
    tf.logging.info("Running training and evaluation locally (non-distributed).")
    tf.logging.info(
        "Start train and evaluate loop. The evaluate will happen after every checkpoint. Checkpoint frequency is "
        "determined based on RunConfig arguments: save_checkpoints_steps %s or save_checkpoints_secs %s.",
        estimator.config.save_checkpoints_steps,
        estimator.config.save_checkpoints_secs,
    )
    listener = _EvaluationAtCheckpoints(estimator, eval_spec)
    estimator.train(
        train_spec.input_fn,
        hooks=train_spec.hooks,
        max_steps=train_spec.max_steps,
        saving_listeners=[listener],
    )
    return listener.metrics, []


@dataclass
class _EvaluationAtCheckpoints:
    """Evaluates when the saver of a training tells it that a checkpoint is there."""

    estimator: Estimator
    spec: EvalSpec
    metrics: dict[str, Any] | None = None
    evaluated_step: int | None = None
    next_time: float = field(default=0.0)

    def begin(self) -> None:
        self.next_time = time.monotonic() + self.spec.throttle_secs

    def before_save(self, session: Any, step: int) -> None:
        """Wait for the checkpoint."""

    def after_save(self, session: Any, step: int) -> None:
        """Evaluate, unless the last evaluation is not yet long ago."""
        if time.monotonic() >= self.next_time:
            self._evaluate(step)
        else:
            tf.logging.info("Skip the current checkpoint eval due to throttle secs (%s secs).", self.spec.throttle_secs)

    def end(self, session: Any, step: int) -> None:
        """Evaluate the last checkpoint, unless it has been."""
        if step != self.evaluated_step:
            self._evaluate(step)

    def _evaluate(self, step: int) -> None:
        spec = self.spec
        self.metrics = self.estimator.evaluate(spec.input_fn, steps=spec.steps, hooks=spec.hooks, name=spec.name)
        self.evaluated_step = step
        self.next_time = time.monotonic() + spec.throttle_secs
