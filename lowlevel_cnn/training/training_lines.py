"""What every style of printed lines has in common: the step that they are about, and when they are asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from lowlevel_cnn.training.intervals import is_due

# In a cluster the chief may reach the end without a step of its own.
NO_LOSS = "Other tasks ran all the steps: no loss is known here."


@dataclass(frozen=True)
class Step:
    """A training step that was run in this process.

    Attributes:
        before: number of steps done when it started.
        done: number of steps done when it ended; in a cluster, other tasks may have taken some meanwhile.
        loss: the loss on its batch, before its update.
        labels: the labels of its batch, or of the slice that this task saw, `[batch]`.
        probabilities: those of the same images, `[batch, labels]`; None if they were not fetched.
    """

    before: int
    done: int
    loss: float
    labels: np.ndarray
    probabilities: np.ndarray | None = None

    def is_due(self, every: int) -> bool:
        """Return whether one of the steps 1, 1 + every, 1 + 2 * every, ... was reached with it."""
        return is_due(self.before - 1, self.done - 1, every)


class TrainingLines(ABC):
    """The lines printed during training.

    Attributes:
        want_probabilities: whether the lines need the probabilities of every step.
    """

    want_probabilities = False

    @abstractmethod
    def after_step(self, step: Step, *, saved: bool) -> list[str]:
        """Return the lines after a step; `saved`: whether a checkpoint was saved after it."""

    @abstractmethod
    def at_the_end(self, done: int, loss: float | None, *, saved: bool) -> list[str]:
        """Return the lines after the last of `done` steps; `loss` is this process's last, None if it took no step."""

    def probabilities(self, step: Step) -> list[str]:
        """Return the lines with a step's probabilities, if they were requested."""
        return [f"probabilities = {shown_probabilities(step.probabilities)} (step {step.done})"]


def shown_probabilities(probabilities: np.ndarray | None) -> str:
    return np.array2string(np.asarray(probabilities), precision=8, suppress_small=True, threshold=100)
