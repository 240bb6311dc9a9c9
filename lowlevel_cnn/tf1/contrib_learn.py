"""`tf.contrib.learn` of TensorFlow 1.x, from which `tf.estimator` came: estimators with `fit`, for arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import estimator, learn_datasets
from lowlevel_cnn.tf1.estimator import EstimatorSpec, RunConfig, export
from lowlevel_cnn.tf1.estimator.building import argument_names
from lowlevel_cnn.tf1.learn_fitting import BATCH, KEY, MetricSpec, WithArrays

__all__ = [
    "DNNClassifier",
    "DNNRegressor",
    "Estimator",
    "LinearClassifier",
    "LinearRegressor",
    "MetricSpec",
    "ModeKeys",
    "ModelFnOps",
    "RunConfig",
    "SKCompat",
    "datasets",
    "infer_real_valued_columns_from_input",
]

datasets = learn_datasets


class ModeKeys:
    """What a model function is called for."""

    TRAIN, EVAL, INFER = "train", "eval", "infer"


class ModelFnOps(NamedTuple):
    """What a model function returns."""

    mode: str
    predictions: Any = None
    loss: Any = None
    train_op: Any = None
    eval_metric_ops: Mapping[str, Any] | None = None
    output_alternatives: Any = None
    training_chief_hooks: Any = None
    training_hooks: Any = None
    scaffold: Any = None


class Estimator(WithArrays, estimator.Estimator):  # type: ignore[misc]
    """A model function, which returns `ModelFnOps` or predictions, loss and training step, with its directory."""

    def __init__(
        self,
        model_fn: Callable[..., Any],
        model_dir: str | None = None,
        config: RunConfig | None = None,
        params: Any = None,
        feature_engineering_fn: Callable[..., Any] | None = None,
    ) -> None:
        """`feature_engineering_fn` makes features and labels of those given, before the model function."""
        names = argument_names(model_fn)

        def specification(features: Any, labels: Any, mode: str, **others: Any) -> EstimatorSpec:
            if feature_engineering_fn:
                features, labels = feature_engineering_fn(features, labels)
            others = {name: each for name, each in {"mode": mode, **others}.items() if name in names}
            made = model_fn(features, labels, **others)
            return self._specification(made if isinstance(made, ModelFnOps) else ModelFnOps(mode, *made), labels)

        # The names of its arguments are those of the reader's.
        super().__init__(functools.wraps(model_fn)(specification), model_dir, config, params)

    def _specification(self, made: ModelFnOps, labels: Any) -> EstimatorSpec:
        metrics = dict(made.eval_metric_ops or {})
        if made.mode == ModeKeys.EVAL:
            metrics |= {name: spec.of(made.predictions, labels) for name, spec in self.metrics.items()}
        named = made.predictions if isinstance(made.predictions, Mapping) else {"predictions": made.predictions}
        return EstimatorSpec(
            made.mode,
            made.predictions,
            made.loss,
            made.train_op,
            metrics,
            {"predict": export.PredictOutput(named)} if made.mode == ModeKeys.INFER else None,
            made.training_chief_hooks,
            made.training_hooks,
            made.scaffold,
        )


class _Canned(WithArrays):
    are_named = True

    def predict_classes(self, x: Any = None, input_fn: Any = None, batch_size: int | None = None) -> Iterator[Any]:
        """Yield the class of each example."""
        return (row["class_ids"][0] for row in self.predict(x, input_fn, batch_size))

    def predict_proba(self, x: Any = None, input_fn: Any = None, batch_size: int | None = None) -> Iterator[Any]:
        """Yield the probabilities of each example."""
        return (row["probabilities"] for row in self.predict(x, input_fn, batch_size))


class DNNClassifier(_Canned, estimator.DNNClassifier):  # type: ignore[misc]
    """Fully connected layers below classes."""


class DNNRegressor(_Canned, estimator.DNNRegressor):  # type: ignore[misc]
    """Fully connected layers below numbers."""


class LinearClassifier(_Canned, estimator.LinearClassifier):  # type: ignore[misc]
    """Classes by a weighted sum."""


class LinearRegressor(_Canned, estimator.LinearRegressor):  # type: ignore[misc]
    """Numbers by a weighted sum."""


class SKCompat:
    """An estimator with the three methods of scikit-learn."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator

    def fit(self, x: Any, y: Any, batch_size: int = BATCH, steps: int | None = None, **others: Any) -> SKCompat:
        """Train."""
        self._estimator.fit(x, y, batch_size=batch_size, steps=steps, **others)
        return self

    def score(self, x: Any, y: Any, **others: Any) -> dict[str, Any]:
        """Return the metrics."""
        return self._estimator.evaluate(x, y, **others)  # type: ignore[no-any-return]

    def predict(self, x: Any, batch_size: int = BATCH, outputs: Any = None) -> Any:
        """Return the predictions as arrays."""
        return self._estimator.predict(x, batch_size=batch_size, outputs=outputs, as_iterable=False)


def infer_real_valued_columns_from_input(x: Any) -> list[Any]:
    """Return the one column that an array of numbers makes."""
    return [tf.feature_column.numeric_column(KEY, np.shape(x)[1:])]
