"""Format the lines printed during training, with a subclass of `TrainingLines` for each style of `models.LINES`."""

from __future__ import annotations

import time

from lowlevel_cnn import models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tensorflow_v1 import log_line
from lowlevel_cnn.training.epoch_lines import KerasLines, MasteringLines
from lowlevel_cnn.training.training_lines import NO_LOSS, Step, TrainingLines, shown_probabilities

_STEPS_OF_THE_ESTIMATOR = 100


class BookLines(TrainingLines):
    """The book's lines (chapter 5): one whenever it saves; with `every`, also after 1, 1 + every, ... steps."""

    def __init__(self, every: int | None = None) -> None:
        self._every = every
        self._said: int | None = None

    def after_step(self, step: Step, *, saved: bool) -> list[str]:
        if not saved and not (self._every and step.is_due(self._every)):
            return []
        self._said = step.done
        return [step_line(step.done, step.loss)]

    def at_the_end(self, done: int, loss: float | None, *, saved: bool) -> list[str]:
        return [step_line(done, loss)] if saved and done != self._said else []


class EstimatorLines(TrainingLines):
    """The lines that `tf.estimator` logs in the guide and the Fashion-MNIST article, after 1, 1 + every, ... steps."""

    def __init__(self, every: int | None = None) -> None:
        self._every = every or _STEPS_OF_THE_ESTIMATOR
        self._said: tuple[int, float] | None = None

    def after_step(self, step: Step, *, saved: bool) -> list[str]:
        if not step.is_due(self._every):
            return []
        lines, now = [f"loss = {step.loss:g}, step = {step.done}"], time.perf_counter()
        if self._said:
            done, then = self._said
            lines.append(f"global_step/sec: {(step.done - done) / max(now - then, 1e-9):g}")
        self._said = step.done, now
        return list(map(log_line, lines))

    def at_the_end(self, done: int, loss: float | None, *, saved: bool) -> list[str]:
        return [NO_LOSS if loss is None else log_line(f"Loss for final step: {loss:g}.")]

    def probabilities(self, step: Step) -> list[str]:
        return [log_line(f"probabilities = {shown_probabilities(step.probabilities)}")]


def training_lines(style: str, model: models.Model, num_examples: int, every: int | None) -> TrainingLines:
    """Return the lines of a style.

    Args:
        style: one of `models.LINES`.
        model: the model to train.
        num_examples: images per epoch.
        every: steps between lines, for styles that count steps; None: the style's own.
    """
    if style == "estimator":
        return EstimatorLines(every)
    if style == "mastering":
        return MasteringLines(num_examples // model.batch_size)
    if style == "keras":
        return KerasLines(num_examples, model.batch_size, model.training_steps)
    return BookLines(every)


def check_log_every(style: str, every: int | None) -> None:
    """Refuse `--log-every` if it would have no effect.

    Raises:
        InputError: the style prints its lines at the end of epochs.
    """
    if every is not None and style in ("mastering", "keras"):
        raise InputError(
            f"--log-every {every}: the {style} style prints its lines at the end of each epoch; leave the flag out, "
            "or add --lines book"
        )


def step_line(done: int, loss: float | None) -> str:
    """Return the book's line (chapter 5); `loss` is None if other tasks of a cluster took all steps."""
    if loss is None:
        return f"After {done} training step(s), all run by other tasks: no loss on training batch is known here."
    return f"After {done} training step(s), loss on training batch is {loss:g}."
