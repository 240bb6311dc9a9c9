"""What training, evaluating and predicting return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Training:
    """Where a training stands.

    Attributes:
        step: the number of steps done, in this and in earlier trainings.
        loss: the loss on the last batch of which a checkpoint was saved; None if there is no such batch.
    """

    step: int
    loss: float | None


@dataclass(frozen=True)
class Evaluation:
    """The score of a checkpoint.

    Attributes:
        step: the checkpoint's global step.
        split: `validation` or `test`.
        weights: `average` or `raw`.
        accuracy: correctly classified images / all images, 0 to 1.
        loss: the mean cross entropy, without regularization.
        images: the number of images.
    """

    step: int
    split: str
    weights: str
    accuracy: float
    loss: float
    images: int


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network says of images.

    Attributes:
        labels: the most probable class of each image, `[count]` int64.
        probabilities: of each class, `[count, classes]` float32.
        class_names: the names of the classes, in the order of the labels.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The name of each image's most probable class."""
        return [self.class_names[label] for label in self.labels]

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Predictions({len(self)} images)"
