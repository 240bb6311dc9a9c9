"""Evaluation of an estimator: its metrics over the inputs, printed and written for TensorBoard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.building import Model
from lowlevel_cnn.tf1.estimator.specification import EstimatorSpec, ModeKeys

__all__ = ["evaluate"]

LOSS = "loss"


def evaluate(
    model: Model,
    input_fn: Callable[..., Any],
    steps: int | None,
    hooks: Iterable[Any],
    checkpoint_path: str | None,
    directory: str,
) -> dict[str, Any]:
    """Return the metrics over `steps` batches, or over all there are, with the mean loss and the global step."""
    checkpoint = model.checkpoint_to_use(checkpoint_path, "evaluate")
    with model.graph():
        features, labels = model.inputs(input_fn, ModeKeys.EVAL)
        spec = model.specification(features, labels, ModeKeys.EVAL)
        update, values = _metrics(spec)
        final = tf.train.FinalOpsHook(values)
        tf.logging.info("Starting evaluation at %s", time.strftime("%Y-%m-%dT%H:%M:%S"))
        with model.session(spec, checkpoint, [*hooks, *spec.evaluation_hooks, final]) as session:
            done = 0
            while not session.should_stop() and done != steps:
                session.run(update)
                done += 1
                _log_progress(done, steps)
        tf.logging.info("Finished evaluation at %s", time.strftime("%Y-%m-%d-%H:%M:%S"))
        results: dict[str, Any] = final.final_ops_values
        _write(results, directory, checkpoint)
    return results


def _metrics(spec: EstimatorSpec) -> tuple[Any, dict[str, Any]]:
    """Return the operation that adds a batch to all metrics, and their values."""
    if LOSS in spec.eval_metric_ops:
        raise ValueError(f"Metric with name {LOSS!r} is not allowed: an estimator adds one of that name itself.")
    metrics = {**spec.eval_metric_ops, LOSS: tf.metrics.mean(spec.loss)}
    values = {name: value for name, (value, _) in metrics.items()}
    values[tf.GraphKeys.GLOBAL_STEP] = tf.train.get_global_step()
    return tf.group(*(update for _, update in metrics.values())), values


def _log_progress(done: int, steps: int | None) -> None:
    """Print `Evaluation [3/10]`, ten times where there are many."""
    if steps and (steps < 20 or done == steps or done % (steps // 10) == 0):
        tf.logging.info("Evaluation [%d/%d]", done, steps)


def _write(results: dict[str, Any], directory: str, checkpoint: str | None) -> None:
    """Print the results, and write those that are numbers as summaries."""
    step = results[tf.GraphKeys.GLOBAL_STEP]
    line = ", ".join(f"{name} = {results[name]!s}" for name in sorted(results))
    tf.logging.info("Saving dict for global step %d: %s", step, line)
    summary = tf.Summary()
    for name, value in results.items():
        if name == tf.GraphKeys.GLOBAL_STEP:
            continue
        if np.ndim(value) == 0 and isinstance(value, np.number | int | float):
            summary.value.add(tag=name, simple_value=float(value))
        elif isinstance(value, bytes):
            # A metric may be a summary, of pictures perhaps.
            for each in tf.Summary.FromString(value).value:
                summary.value.add().CopyFrom(each)
                summary.value[-1].tag = name
        elif isinstance(value, np.ndarray):
            summary.value.add(tag=name, tensor=tf.make_tensor_proto(value))
    writer = tf.summary.FileWriterCache.get(directory)
    writer.add_summary(summary, step)
    if checkpoint:
        tf.logging.info("Saving 'checkpoint_path' summary for global step %d: %s", step, checkpoint)
        path = tf.Summary()
        path.value.add(tag="checkpoint_path", tensor=tf.make_tensor_proto(checkpoint))
        writer.add_summary(path, step)
    writer.flush()
