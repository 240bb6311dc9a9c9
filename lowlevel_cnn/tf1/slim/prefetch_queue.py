"""`tf.contrib.slim.prefetch_queue`: a queue of batches that a thread keeps filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["prefetch_queue"]


def prefetch_queue(
    tensors: Any,
    capacity: int = 8,
    num_threads: int = 1,
    dynamic_pad: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Return a queue of what the tensors, a list or a dictionary, are each time that they are computed."""
    names = list(tensors) if isinstance(tensors, Mapping) else None
    given = [tf.convert_to_tensor(each) for each in (tensors.values() if isinstance(tensors, Mapping) else tensors)]
    kind = tf.PaddingFIFOQueue if dynamic_pad else tf.FIFOQueue
    with tf.name_scope(name, "prefetch_queue", given):
        shapes = [each.shape for each in given]
        queue = kind(capacity, [each.dtype for each in given], shapes, names=names, shared_name=shared_name)
        enqueue = queue.enqueue(given if names is None else dict(zip(names, given, strict=True)))
        tf.train.add_queue_runner(tf.train.QueueRunner(queue, [enqueue] * num_threads))
        fraction = tf.cast(queue.size(), tf.float32) * (1.0 / capacity)
        tf.summary.scalar(f"fraction_of_{capacity}_full", fraction)
    return queue
