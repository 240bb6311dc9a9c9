"""What a model function returns: `tf.estimator.EstimatorSpec`, checked for the mode that it is returned in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.export import ExportOutput

__all__ = ["EstimatorSpec", "ModeKeys"]

DEFAULT_SIGNATURE = "serving_default"


class ModeKeys:
    """What a model function is called for."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = "infer"


class _Fields(NamedTuple):
    mode: str
    predictions: Any
    loss: Any
    train_op: Any
    eval_metric_ops: dict[str, tuple[Any, Any]]
    export_outputs: dict[str, ExportOutput] | None
    training_chief_hooks: tuple[Any, ...]
    training_hooks: tuple[Any, ...]
    scaffold: Any
    evaluation_hooks: tuple[Any, ...]
    prediction_hooks: tuple[Any, ...]


class EstimatorSpec(_Fields):
    """The tensors and operations of a model in one mode.

    Training needs `loss` and `train_op`, evaluation `loss`, prediction `predictions`.
    Raises ValueError for what the mode needs and is not there, TypeError for what is no tensor, operation or hook.
    """

    __slots__ = ()

    def __new__(
        cls,
        mode: str,
        predictions: Any = None,
        loss: Any = None,
        train_op: Any = None,
        eval_metric_ops: Mapping[str, tuple[Any, Any]] | None = None,
        export_outputs: Mapping[str, ExportOutput] | None = None,
        training_chief_hooks: Iterable[Any] | None = None,
        training_hooks: Iterable[Any] | None = None,
        scaffold: Any = None,
        evaluation_hooks: Iterable[Any] | None = None,
        prediction_hooks: Iterable[Any] | None = None,
    ) -> EstimatorSpec:
        if mode not in (ModeKeys.TRAIN, ModeKeys.EVAL, ModeKeys.PREDICT):
            raise ValueError(f"mode must be one of ModeKeys.TRAIN, ModeKeys.EVAL, ModeKeys.PREDICT, given: {mode!r}")
        if mode == ModeKeys.TRAIN and train_op is None:
            raise ValueError("Missing train_op.")
        if mode != ModeKeys.PREDICT and loss is None:
            raise ValueError("Missing loss.")
        if mode == ModeKeys.PREDICT and predictions is None:
            raise ValueError("Missing predictions.")
        if scaffold is not None and not isinstance(scaffold, tf.train.Scaffold):
            raise TypeError(f"scaffold must be tf.train.Scaffold, given: {scaffold}")
        named = predictions if isinstance(predictions, Mapping) else {"predictions": predictions}
        for name, each in named.items():
            _check(f"predictions[{name!r}]", each)
        _check("train_op", train_op, operation=True)
        return super().__new__(
            cls,
            mode,
            {} if predictions is None else predictions,
            _scalar(loss),
            # A variable that an assignment returns stands for its value, not for the assignment.
            getattr(train_op, "op", train_op),
            _checked_metrics(eval_metric_ops or {}),
            _with_default(export_outputs),
            _hooks(training_chief_hooks),
            _hooks(training_hooks),
            scaffold or tf.train.Scaffold(),
            _hooks(evaluation_hooks),
            _hooks(prediction_hooks),
        )


def _check(what: str, value: Any, operation: bool = False) -> None:
    """Raise unless a value is None or of the graph that is being built: a tensor, or also an operation."""
    if value is None:
        return
    if not (tf.is_tensor(value) or (operation and isinstance(value, tf.Operation))):
        raise TypeError(f"{what} must be {'Operation or ' if operation else ''}Tensor, given: {value}")
    if value.graph is not tf.get_default_graph():
        raise ValueError(f"{what} must be from the default graph: make it within the model function. Given: {value}")


def _scalar(loss: Any) -> Any:
    _check("loss", loss)
    if loss is None or loss.shape.ndims == 0:
        return loss
    if loss.shape.num_elements() != 1:
        raise ValueError(f"Loss must be scalar, given: {loss}")
    return tf.reshape(loss, [])


def _checked_metrics(metrics: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    if not isinstance(metrics, Mapping):
        raise TypeError(f"eval_metric_ops must be a dict, given: {metrics}")
    for name, pair in metrics.items():
        if not isinstance(pair, Sequence) or len(pair) != 2:
            raise TypeError(f"eval_metric_ops must hold pairs (metric_value, update_op), given: {name!r}: {pair}")
        for each in pair:
            _check(f"eval_metric_ops[{name!r}]", each, operation=True)
    return dict(metrics)


def _with_default(outputs: Mapping[str, ExportOutput] | None) -> dict[str, ExportOutput] | None:
    """Add the default signature: the only output there is."""
    if outputs is None:
        return None
    if not isinstance(outputs, Mapping):
        raise TypeError(f"export_outputs must be dict, given: {outputs}")
    for each in outputs.values():
        if not isinstance(each, ExportOutput):
            raise TypeError(f"Values in export_outputs must be ExportOutput objects, given: {outputs}")
    if DEFAULT_SIGNATURE in outputs:
        return dict(outputs)
    if len(outputs) > 1:
        raise ValueError(f"Multiple export_outputs were provided, but none of them is named {DEFAULT_SIGNATURE!r}")
    return dict.fromkeys((*outputs, DEFAULT_SIGNATURE), *outputs.values()) if outputs else {}


def _hooks(hooks: Iterable[Any] | None) -> tuple[Any, ...]:
    hooks = tuple(hooks or ())
    for each in hooks:
        if not isinstance(each, tf.train.SessionRunHook):
            raise TypeError(f"All hooks must be SessionRunHook instances, given: {each}")
    return hooks
