"""Predictions of an estimator, one example after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.building import Model
from lowlevel_cnn.tf1.estimator.specification import ModeKeys

__all__ = ["predict"]


def predict(
    model: Model,
    input_fn: Callable[..., Any],
    keys: Iterable[str] | str | None,
    hooks: Iterable[Any],
    checkpoint_path: str | None,
    one_by_one: bool,
) -> Iterator[Any]:
    """Yield the predictions of each example, or of each batch. The graph is built when the first is asked for."""
    checkpoint = model.checkpoint_to_use(checkpoint_path, "predict")
    with model.graph() as graph:
        features, _ = model.inputs(input_fn, ModeKeys.PREDICT)
        if not (tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS) or _reads_a_data_set(graph)):
            tf.logging.warning(
                "Input graph does not use tf.data.Dataset or contain a QueueRunner. "
                "That means predict yields forever. This is probably a mistake."
            )
        spec = model.specification(features, None, ModeKeys.PREDICT)
        wanted = _wanted(spec.predictions, keys)
        session = model.session(spec, checkpoint, [*hooks, *spec.prediction_hooks])
    # The caller builds graphs of its own between two examples: ours is not the default one then.
    with session:
        while not session.should_stop():
            batch = session.run(wanted)
            yield from _examples(batch) if one_by_one else [batch]


def _reads_a_data_set(graph: Any) -> bool:
    return any("Iterator" in operation.type for operation in graph.get_operations())


def _wanted(predictions: Any, keys: Iterable[str] | str | None) -> Any:
    """Return the predictions of these names, or all. Raises ValueError where there is none of them."""
    if not keys:
        return predictions
    if not isinstance(predictions, Mapping):
        raise ValueError("predict_keys argument is not valid in case of non-dict predictions.")
    keys = [keys] if isinstance(keys, str) else list(keys)
    wanted = {key: value for key, value in predictions.items() if key in keys}
    if not wanted:
        raise ValueError(f"Expected to run at least one output from {sorted(predictions)}, provided {keys}.")
    return wanted


def _examples(batch: Any) -> Iterator[Any]:
    """Yield the rows of a batch. Raises ValueError where its tensors have different numbers of rows."""
    if not isinstance(batch, Mapping):
        yield from batch
        return
    counts = {name: len(value) for name, value in batch.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(f"Batch length of predictions should be same, given: {counts}")
    for row in range(next(iter(counts.values()))):
        yield {name: value[row] for name, value in batch.items()}
