"""`tf.estimator.train_and_evaluate`: training with an evaluation after its checkpoints, in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.estimator import Estimator
from lowlevel_cnn.tf1.estimator.exporters import Exporter

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
    exporters: Exporter | Iterable[Exporter] | None = None
    start_delay_secs: float = 120
    throttle_secs: float = 600

    def __post_init__(self) -> None:
        if self.steps is not None and self.steps <= 0:
            raise ValueError(f"Must specify steps > 0, given: {self.steps}")
        if self.throttle_secs < 0 or self.start_delay_secs < 0:
            raise ValueError("Must specify throttle_secs >= 0 and start_delay_secs >= 0")
        if len({each.name for each in self.all_exporters}) < len(self.all_exporters):
            raise ValueError("Exporters must have names of their own.")

    @property
    def all_exporters(self) -> list[Exporter]:
        return [self.exporters] if isinstance(self.exporters, Exporter) else list(self.exporters or ())


def train_and_evaluate(
    estimator: Estimator, train_spec: TrainSpec, eval_spec: EvalSpec
) -> tuple[dict[str, Any] | None, list[bytes | None]]:
    """Train, evaluate at checkpoints and at the end, and return the last metrics and the exports at the end.

    Where the estimator has reached the last step before, there is nothing to do, and no metrics.
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
    return listener.metrics, listener.exports


@dataclass
class _EvaluationAtCheckpoints:
    """Evaluates when the saver of a training tells it that a checkpoint is there."""

    estimator: Estimator
    spec: EvalSpec
    metrics: dict[str, Any] | None = None
    exports: list[bytes | None] = field(default_factory=list)
    evaluated_step: int | None = None
    next_time: float = 0.0

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
        """Evaluate the last checkpoint, unless it has been, and export it for the last time."""
        if step != self.evaluated_step:
            self._evaluate(step, export=False)
        self.exports = self._export(final=True)

    def _evaluate(self, step: int, export: bool = True) -> None:
        spec = self.spec
        self.metrics = self.estimator.evaluate(spec.input_fn, steps=spec.steps, hooks=spec.hooks, name=spec.name)
        self.evaluated_step = step
        self.next_time = time.monotonic() + spec.throttle_secs
        if export:
            self._export(final=False)

    def _export(self, final: bool) -> list[bytes | None]:
        checkpoint, folder = self.estimator.latest_checkpoint(), Path(self.estimator.model_dir) / "export"
        return [
            each.export(self.estimator, str(folder / each.name), checkpoint, self.metrics or {}, final)
            for each in self.spec.all_exporters
        ]
