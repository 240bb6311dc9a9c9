"""The lines that a training prints: a class for each style of `models.LINES`, with the methods of `TrainingLines`."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from lowlevel_cnn import models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tensorflow_v1 import log_line
from lowlevel_cnn.training.intervals import is_due

_STEPS_OF_THE_ESTIMATOR = 100
_BAR = 30  # characters
# In a cluster the chief may come to the end without a step of its own.
_NO_LOSS = "All steps were taken by other tasks: no loss is known here."


@dataclass(frozen=True)
class Step:
    """A training step that was done in this process.

    Attributes:
        before: how many steps had been done when it began.
        done: how many had been done after it; in a cluster, some of them by other tasks meanwhile.
        loss: on its batch, before its update.
        labels: of its batch, or of the part of it that this task saw, `[batch]`.
        probabilities: of the same images, `[batch, 10]`; None where nobody asked for them.
    """

    before: int
    done: int
    loss: float
    labels: np.ndarray
    probabilities: np.ndarray | None = None

    def is_due(self, every: int) -> bool:
        """Whether one of the steps 1, 1 + every, 1 + 2 * every, ... was done with it."""
        return is_due(self.before - 1, self.done - 1, every)


class TrainingLines(ABC):
    """What is printed while a network is trained.

    Attributes:
        want_probabilities: whether they need those of every step.
    """

    want_probabilities = False

    @abstractmethod
    def after_step(self, step: Step, *, saved: bool) -> list[str]:
        """The lines after a step, of which a checkpoint was `saved` or not."""

    @abstractmethod
    def at_the_end(self, done: int, loss: float | None, *, saved: bool) -> list[str]:
        """The lines after the last of `done` steps; the loss is this process's last, if it took a step at all."""

    def probabilities(self, step: Step) -> list[str]:
        """The lines with a step's probabilities, where they were asked for."""
        return [f"probabilities = {_shown(step.probabilities)} (step {step.done})"]


class BookLines(TrainingLines):
    """The book's (chapter 5): a line wherever it saves; with `every`, also after 1, 1 + every, ... steps."""

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
    """What `tf.estimator` logs in the guide and in the Fashion-MNIST article, after 1, 1 + every, ... steps."""

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
        return [_NO_LOSS if loss is None else log_line(f"Loss for final step: {loss:g}.")]

    def probabilities(self, step: Step) -> list[str]:
        return [log_line(f"probabilities = {_shown(step.probabilities)}")]


class EpochLines(TrainingLines):
    """Lines at the end of each epoch. The last one may be cut short, and of one that an earlier process began, or of
    which other tasks take a part, only some steps are known here.

    Args:
        steps_an_epoch: how many steps make one.
    """

    def __init__(self, steps_an_epoch: int) -> None:
        self._steps_an_epoch = max(1, steps_an_epoch)
        self._steps: list[Step] = []

    @abstractmethod
    def _epoch(self, number: int, steps: list[Step]) -> list[str]:
        """The lines of epoch `number`, from 0, of which these steps are known."""

    def after_step(self, step: Step, *, saved: bool) -> list[str]:
        self._steps.append(step)
        if not is_due(step.before, step.done, self._steps_an_epoch):
            return []
        return self._end_epoch(step.done // self._steps_an_epoch - 1)

    def at_the_end(self, done: int, loss: float | None, *, saved: bool) -> list[str]:
        if loss is None:
            return [_NO_LOSS]
        return self._end_epoch((self._steps[-1].done - 1) // self._steps_an_epoch) if self._steps else []

    def _end_epoch(self, number: int) -> list[str]:
        steps, self._steps = self._steps, []
        return self._epoch(number, steps)


class MasteringLines(EpochLines):
    """The mean loss of each epoch, as the TensorFlow versions of Mastering TensorFlow 1.x, chapter 9, print it."""

    def _epoch(self, number: int, steps: list[Step]) -> list[str]:
        part = f"   (of {len(steps)} of its {self._steps_an_epoch} steps)" if len(steps) < self._steps_an_epoch else ""
        return [f"Epoch: {number:04d}   loss = {np.mean([step.loss for step in steps]):.6f}{part}"]

    def at_the_end(self, done: int, loss: float | None, *, saved: bool) -> list[str]:
        return [*super().at_the_end(done, loss, saved=saved), "Model Trained."]


class KerasLines(EpochLines):
    """What Keras 2 prints of each epoch in the Keras versions of the same chapter.

    Loss and accuracy are means over the epoch's batches, each taken before the step that it leads to.

    Args:
        num_examples: images an epoch.
        batch_size: images a step; the last of an epoch may have fewer in Keras.
        training_steps: steps of the whole training.
    """

    want_probabilities = True

    def __init__(self, num_examples: int, batch_size: int, training_steps: int) -> None:
        super().__init__(math.ceil(num_examples / batch_size))
        self._num_examples = num_examples
        self._epochs = math.ceil(training_steps / self._steps_an_epoch)
        self._began = time.perf_counter()

    def _epoch(self, number: int, steps: list[Step]) -> list[str]:
        now = time.perf_counter()
        seconds, self._began = now - self._began, now
        correct = [np.argmax(step.probabilities, axis=1) == step.labels for step in steps]  # type: ignore[arg-type]
        total = self._num_examples
        seen = min(sum(map(len, correct)), total)
        loss, accuracy = np.mean([step.loss for step in steps]), np.mean(np.concatenate(correct))
        counted = f"{seen:{len(str(total))}d}/{total} [{_bar(seen / total)}]"
        return [
            f"Epoch {number + 1}/{self._epochs}",
            f"{counted} - {seconds:.0f}s - loss: {loss:.4f} - acc: {accuracy:.4f}",
        ]


def training_lines(style: str, model: models.Model, num_examples: int, every: int | None) -> TrainingLines:
    """The lines of one of `models.LINES`.

    Args:
        style: which.
        model: what is trained.
        num_examples: images an epoch.
        every: steps between two lines, where the style counts steps; None: its own.
    """
    if style == "estimator":
        return EstimatorLines(every)
    if style == "mastering":
        return MasteringLines(num_examples // model.batch_size)
    if style == "keras":
        return KerasLines(num_examples, model.batch_size, model.training_steps)
    return BookLines(every)


def check_log_every(style: str, every: int | None) -> None:
    """Refuses `--log-every` where it would do nothing.

    Raises:
        InputError: the style has its lines at the end of epochs.
    """
    if every is not None and style in ("mastering", "keras"):
        raise InputError(
            f"--log-every {every}: in the style of {style} the lines come at the end of each epoch; leave the flag "
            "out, or add --lines book"
        )


def step_line(done: int, loss: float | None) -> str:
    """The book's line (chapter 5); None: other tasks of a cluster took all steps that this process knows of."""
    if loss is None:
        return f"After {done} training step(s), all of them by other tasks: no loss on training batch is known here."
    return f"After {done} training step(s), loss on training batch is {loss:g}."


def _shown(probabilities: np.ndarray | None) -> str:
    return np.array2string(np.asarray(probabilities), precision=8, suppress_small=True, threshold=100)


def _bar(share: float) -> str:
    """Keras's progress bar."""
    width = int(_BAR * share)
    if share == 1:
        return "=" * _BAR
    return ("=" * (width - 1) + ">" if width else "") + "." * (_BAR - width)
