"""How the estimators of `tf.contrib.learn` are used: with arrays, with `fit`, with metrics given at the evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from lowlevel_cnn.tf1.estimator import inputs

KEY = "x"  # of the only feature that arrays make
BATCH = 128  # for what does not depend on it


class MetricSpec(NamedTuple):
    """A metric, with the names of the predictions and the labels that it is of."""

    metric_fn: Callable[..., Any]
    prediction_key: str | None = None
    label_key: str | None = None
    weight_key: str | None = None

    def of(self, predictions: Any, labels: Any) -> Any:
        """Return its value so far, and the operation that adds a batch to it."""
        if isinstance(predictions, Mapping):
            predictions = predictions[self.prediction_key] if self.prediction_key else next(iter(predictions.values()))
        if self.label_key and isinstance(labels, Mapping):
            labels = labels[self.label_key]
        return self.metric_fn(predictions=predictions, labels=labels)


class WithArrays:
    """The methods of these estimators, above those of `tf.estimator`."""

    metrics: Mapping[str, MetricSpec] = {}
    are_named = False  # whether features are a dictionary

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        input_fn: Callable[..., Any] | None = None,
        steps: int | None = None,
        batch_size: int | None = None,
        monitors: Iterable[Any] | None = None,
        max_steps: int | None = None,
    ) -> Any:
        """Train; without a `batch_size` on all of `x` in each step."""
        source = input_fn or self._input_fn(x, y, batch_size or len(x), is_training=True)
        return self.train(source, list(monitors or ()), steps, max_steps)  # type: ignore[attr-defined]

    partial_fit = fit

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        input_fn: Callable[..., Any] | None = None,
        feed_fn: None = None,
        batch_size: int | None = None,
        steps: int | None = None,
        metrics: Mapping[str, MetricSpec] | None = None,
        name: str | None = None,
        checkpoint_path: str | None = None,
        hooks: Iterable[Any] | None = None,
    ) -> dict[str, Any]:
        """Return the metrics of the model and those given."""
        self.metrics = metrics or {}
        source = input_fn or self._input_fn(x, y, batch_size or BATCH)
        return super().evaluate(source, steps, hooks, checkpoint_path, name)  # type: ignore[misc, no-any-return]

    def predict(
        self,
        x: Any = None,
        input_fn: Callable[..., Any] | None = None,
        batch_size: int | None = None,
        outputs: Iterable[str] | None = None,
        as_iterable: bool = True,
    ) -> Any:
        """Yield the predictions for each example, or return them as arrays."""
        source = input_fn or self._input_fn(x, None, batch_size or BATCH)
        found: Iterator[Any] = super().predict(source, outputs)  # type: ignore[misc]
        if as_iterable:
            return found
        rows = list(found)
        return {each: np.array([row[each] for row in rows]) for each in rows[0]} if isinstance(rows[0], dict) else rows

    def _input_fn(self, x: Any, y: Any, batch_size: int, is_training: bool = False) -> Callable[[], Any]:
        features = {KEY: np.asarray(x)} if self.are_named else np.asarray(x)
        labels = None if y is None else np.asarray(y)
        epochs = None if is_training else 1
        return inputs.numpy_input_fn(features, labels, batch_size, epochs, shuffle=is_training)
