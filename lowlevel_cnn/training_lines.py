"""The lines that the sources' training loops print."""

from __future__ import annotations

import numpy as np

from lowlevel_cnn.due import is_due


def step_line(done: int, loss: float | None) -> str:
    """The book's line (chapter 6); None: other tasks of a cluster took all steps that this process knows of."""
    if loss is None:
        return f"After {done} training step(s), all of them by other tasks: no loss on training batch is known here."
    return f"After {done} training step(s), loss on training batch is {loss:g}."


def probabilities_line(done: int, probabilities: np.ndarray) -> str:
    """What the guide's and the article's `LoggingTensorHook` logs of `softmax_tensor`, `[batch, 10]`."""
    shown = np.array2string(probabilities, precision=4, suppress_small=True, threshold=100)
    return f"probabilities = {shown} (step {done})"


class EpochLoss:
    """The mean loss of each epoch, as Mastering TensorFlow 1.x, chapter 9, prints it."""

    def __init__(self, steps_an_epoch: int, start: int) -> None:
        self._steps_an_epoch = steps_an_epoch
        # Of an epoch that an earlier process began, only the rest is known here.
        self._since = self._before = start
        self._losses: list[float] = []

    def add(self, done: int, loss: float) -> str | None:
        """Takes the loss of step `done` (from 1); the line at the end of an epoch, else None."""
        self._losses.append(loss)
        before, self._before = self._before, done
        if not is_due(before, done, self._steps_an_epoch):
            return None
        epoch = done // self._steps_an_epoch - 1
        rest = f"   (since step {self._since})" if len(self._losses) < self._steps_an_epoch else ""
        line = f"Epoch: {epoch:04d}   loss = {np.mean(self._losses):.6f}{rest}"
        self._since, self._losses = done, []
        return line
