"""Build dropout, random shifts and random numbers that depend only on the seed and the step. Not in the books.

The books' random operations draw from a state that is not in checkpoints, so a resumed run would draw other values.
Here they depend on the graph's seed, the global step and the layer's name, and on nothing else.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

from lowlevel_cnn.tensorflow_v1 import tf

# A collection with (slice index, slice count) if a graph sees a slice of each batch; empty if it sees all of it.
SLICE_OF_BATCH = "slice_of_batch"


def dropout(inputs: tf.Tensor, rate: float) -> tf.Tensor:
    """Set a share `rate` of the inputs to zero and scale the others by 1 / (1 - rate). For training only.

    The book's `tf.nn.dropout` draws from a state that is not in checkpoints, so a resumed run would use other masks.
    Here the mask is a function of the graph's seed, the global step and the layer's name.
    """
    if not tf.get_collection(SLICE_OF_BATCH):
        return tf.nn.experimental.stateless_dropout(inputs, rate=rate, seed=_seed_of_this_step())

    def masks(count: tf.Tensor) -> tf.Tensor:
        ones = tf.ones([count, *inputs.shape[1:]])
        return tf.nn.experimental.stateless_dropout(ones, rate=rate, seed=_seed_of_this_step())

    return inputs * _for_each(inputs, masks)


def random_shift(images: tf.Tensor, pixels: int) -> tf.Tensor:
    """Shift each image by up to `pixels` in both directions, padding with zeros. For training only; not in the book.

    As with `dropout`, the shifts are a function of the graph's seed, the global step and the layer's name.
    """
    height, width = images.shape[1], images.shape[2]
    padded = tf.pad(images, [[0, 0], [pixels, pixels], [pixels, pixels], [0, 0]])

    def draw(count: tf.Tensor) -> tf.Tensor:
        return tf.random.stateless_uniform([count, 2], _seed_of_this_step(), 0, 2 * pixels + 1, dtype=tf.int32)

    offsets = _for_each(images, draw)
    rows = tf.gather(padded, offsets[:, :1] + tf.range(height), axis=1, batch_dims=1)
    shifted = tf.gather(rows, offsets[:, 1:] + tf.range(width), axis=2, batch_dims=1)
    return tf.ensure_shape(shifted, images.shape)


def random_uniform(images: tf.Tensor, shape: Sequence[int]) -> tf.Tensor:
    """Draw uniform values in [-1, 1) for each image of a batch: `[batch, *shape]` float32.

    As with `dropout`, they are a function of the graph's seed, the global step and the name scope.
    """
    return _for_each(
        images,
        lambda count: tf.random.stateless_uniform([count, *shape], _seed_of_this_step(), -1.0, 1.0),
    )


def _for_each(images: tf.Tensor, draw: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
    """Draw random values for each image of a batch; for a slice, draw for the whole batch and take the slice's own."""
    count, sliced = tf.shape(images)[0], tf.get_collection(SLICE_OF_BATCH)
    if not sliced:
        return draw(count)
    [(part, parts)] = sliced
    return draw(count * parts)[part * count : (part + 1) * count]


def _seed_of_this_step() -> tf.Tensor:
    layer = zlib.crc32(tf.get_default_graph().get_name_scope().encode())
    seed = tf.get_default_graph().seed or 0
    step = tf.train.get_or_create_global_step()
    return tf.random.experimental.stateless_fold_in(tf.stack([tf.constant(seed, tf.int64), step]), layer)
