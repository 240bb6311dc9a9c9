"""The lines of the sources that print once per epoch: Mastering TensorFlow 1.x, chapter 9, and Keras 2."""

from __future__ import annotations

import math
import time
from abc import abstractmethod

import numpy as np

from lowlevel_cnn.training.intervals import is_due
from lowlevel_cnn.training.training_lines import NO_LOSS, Step, TrainingLines

_BAR = 30  # characters


class EpochLines(TrainingLines):
    """Lines at the end of each epoch.

    The last epoch may be cut short. If an earlier process began an epoch, or other tasks take part of it, only some of
    its steps are known here.

    Args:
        steps_an_epoch: number of steps per epoch.
    """

    def __init__(self, steps_an_epoch: int) -> None:
        self._steps_an_epoch = max(1, steps_an_epoch)
        self._steps: list[Step] = []

    @abstractmethod
    def _epoch(self, number: int, steps: list[Step]) -> list[str]:
        """Return the lines of epoch `number` (from 0); `steps`: those of its steps that are known here."""

    def after_step(self, step: Step, *, saved: bool) -> list[str]:
        self._steps.append(step)
        if not is_due(step.before, step.done, self._steps_an_epoch):
            return []
        return self._end_epoch(step.done // self._steps_an_epoch - 1)

    def at_the_end(self, done: int, loss: float | None, *, saved: bool) -> list[str]:
        if loss is None:
            return [NO_LOSS]
        return self._end_epoch((self._steps[-1].done - 1) // self._steps_an_epoch) if self._steps else []

    def _end_epoch(self, number: int) -> list[str]:
        steps, self._steps = self._steps, []
        return self._epoch(number, steps)


class MasteringLines(EpochLines):
    """The mean loss of each epoch, as printed by the TensorFlow versions of Mastering TensorFlow 1.x, chapter 9."""

    def _epoch(self, number: int, steps: list[Step]) -> list[str]:
        part = f"   (of {len(steps)} of its {self._steps_an_epoch} steps)" if len(steps) < self._steps_an_epoch else ""
        return [f"Epoch: {number:04d}   loss = {np.mean([step.loss for step in steps]):.6f}{part}"]

    def at_the_end(self, done: int, loss: float | None, *, saved: bool) -> list[str]:
        return [*super().at_the_end(done, loss, saved=saved), "Model Trained."]


class KerasLines(EpochLines):
    """The lines that Keras 2 prints for each epoch in the Keras versions of the same chapter.

    Loss and accuracy are means over the epoch's batches, each computed before that batch's update.

    Args:
        num_examples: images per epoch.
        batch_size: images per step; in Keras the last step of an epoch may have fewer.
        training_steps: steps of the whole training run.
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


def _bar(share: float) -> str:
    """Return Keras's progress bar."""
    width = int(_BAR * share)
    if share == 1:
        return "=" * _BAR
    return ("=" * (width - 1) + ">" if width else "") + "." * (_BAR - width)
