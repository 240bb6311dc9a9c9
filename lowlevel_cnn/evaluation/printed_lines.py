"""The lines that an evaluation prints, in each style of `models.LINES`."""

from __future__ import annotations

from lowlevel_cnn.runs.metrics import Row
from lowlevel_cnn.tensorflow_v1 import log_line


class EvaluationLines:
    """What is printed of the scores of a run.

    Where a source's line says neither the step nor the images, a remark in brackets does, but for what the source's own
    line is of: the last step, and the test images.

    Args:
        style: one of `models.LINES`.
        last_step: the run's.
        with_loss: whether the loss is said also in a style that does not say it.
        top: how many likeliest classes the second accuracy is of; None: it is not said.
    """

    def __init__(self, style: str, last_step: int, *, with_loss: bool = False, top: int | None = None) -> None:
        self._style = style
        self._last_step = last_step
        self._with_loss = with_loss
        self._top = top

    def score(self, row: Row, in_top: float | None = None) -> list[str]:
        """The lines of a checkpoint's score; `in_top`: the share of images whose label is among the likeliest."""
        lines = self._score(row)
        if self._top and in_top is not None:
            what = f"top-{self._top} accuracy = {in_top:g}, top-1 accuracy = {row.accuracy:g}"
            lines.append(f"After {row.step} training step(s), {row.split} {what}")
        return lines

    def end(self, row: Row) -> list[str]:
        """The lines after the last score: the guide prints the dictionary that `Estimator.evaluate` returns."""
        if self._style != "estimator":
            return []
        return [str({"loss": float(f"{row.loss:.8g}"), "global_step": row.step, "accuracy": row.accuracy})]

    def _score(self, row: Row) -> list[str]:
        step = f"step {row.step}" if row.step != self._last_step else ""
        images = row.split if row.split != "test" else ""
        loss = f", loss = {row.loss:g}" if self._with_loss else ""
        if self._style == "estimator":
            scored = f"step {row.step}: accuracy = {row.accuracy:g}, loss = {row.loss:g}"
            return [log_line(f"Saving evaluation summary for {scored}{_remark(images)}")]
        if self._style == "mastering":
            return [f"Accuracy: {row.accuracy:g}{loss}{_remark(step, images)}"]
        if self._style == "keras":
            split = row.split.capitalize()
            return [
                f"{split} loss: {row.loss:g}{_remark(step)}",
                f"{split} accuracy: {row.accuracy:g}{_remark(step)}",
            ]
        # The book's `%g` prints at most six digits.
        return [f"After {row.step} training step(s), {row.split} accuracy = {row.accuracy:g}{loss}"]


def _remark(*parts: str) -> str:
    said = ", ".join(part for part in parts if part)
    return f"   ({said})" if said else ""
