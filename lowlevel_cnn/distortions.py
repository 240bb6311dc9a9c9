"""Distort training images at random, as functions of seed and step only. Not in the books.

Each pixel of a distorted image takes the value that the image has at another place, between four pixels: moved,
turned, scaled and sheared with all pixels alike, and displaced by a smooth random field of its own, the elastic
distortion of Simard, Steinkraus and Platt (Best Practices for Convolutional Neural Networks, 2003).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lowlevel_cnn.stateless_random import random_uniform
from lowlevel_cnn.tensorflow_v1 import tf

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, kw_only=True)
class Distortions:
    """How much images are distorted at most; each image draws its own amounts, uniformly and in both directions.

    Attributes:
        shift: pixels, down and to the right.
        rotation: degrees.
        scale: change of the height and of the width, relative to them: 0.1 for 0.9 to 1.1.
        shear: pixels to the right for each pixel down.
        elastic_alpha: factor on the elastic displacements: uniform in [-1, 1) at each pixel, then smoothed.
        elastic_sigma: standard deviation of the Gaussian that smooths them, in pixels.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic_alpha: float = 0.0
    elastic_sigma: float = 4.0

    def distorted(self, images: tf.Tensor) -> tf.Tensor:
        """Distort `[batch, height, width, channels]` float32 images; what lies beyond their edges is 0."""
        with tf.name_scope("distortions"):
            rows, columns = self._affine(images)
            if self.elastic_alpha:
                down, right = self._elastic(images)
                rows, columns = rows + down, columns + right
            return tf.ensure_shape(bilinear(images, rows, columns), images.shape)

    def _affine(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the places of all pixels, `[batch, height, width]` each, with the image turned about its centre."""
        height, width = images.shape[1:3]
        with tf.name_scope("affine"):
            most = [self.shift, self.shift, math.radians(self.rotation), self.scale, self.scale, self.shear]
            amounts = (random_uniform(images, [len(most)]) * most)[:, :, None, None]
            down, right, angle, taller, wider, shear = tf.unstack(amounts, axis=1)
            from_centre = tf.range(float(height))[:, None] - (height - 1) / 2, tf.range(float(width)) - (width - 1) / 2
            y, x = from_centre[0] * (1 + taller), from_centre[1] * (1 + wider) + from_centre[0] * shear
            rows = y * tf.cos(angle) - x * tf.sin(angle) + (height - 1) / 2 + down
            columns = y * tf.sin(angle) + x * tf.cos(angle) + (width - 1) / 2 + right
        return rows, columns

    def _elastic(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return displacements down and to the right, `[batch, height, width]` each."""
        height, width = images.shape[1:3]
        with tf.name_scope("elastic"):
            fields = random_uniform(images, [2, height, width]) * self.elastic_alpha
            # A Gaussian in two dimensions is one over the columns after one over the rows: two matrix products.
            over_rows, over_columns = (gaussian(size, self.elastic_sigma) for size in (height, width))
            smooth = tf.einsum("yr,bdrc,cx->bdyx", over_rows, fields, over_columns)
        return smooth[:, 0], smooth[:, 1]


def gaussian(size: int, sigma: float) -> np.ndarray:
    """Return the matrix `[size, size]` that smooths a row of pixels, beyond whose ends are zeros."""
    # Only here: the networks are listed without NumPy.
    import numpy as np

    apart = np.arange(size)[:, None] - np.arange(size)
    reach = np.arange(-int(8 * sigma) - 1, int(8 * sigma) + 2)
    total = np.exp(-(reach**2) / (2 * sigma**2)).sum()
    weights: np.ndarray = (np.exp(-(apart**2) / (2 * sigma**2)) / total).astype(np.float32)
    return weights


def bilinear(images: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """Return the values of images between their pixels; beyond their edges is a border of zeros.

    Args:
        images: `[batch, height, width, channels]`.
        rows: `[batch, height, width]` float32, where 0 is the first row and 0.5 is half way to the second.
        columns: as `rows`.
    """
    height, width, channels = images.shape[1:]
    padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
    # The four pixels around a place are put next to each other, so that one `gather` finds them all.
    four = tf.reshape(tf.eye(4 * channels), [2, 2, channels, 4 * channels])
    around = tf.reshape(tf.nn.conv2d(padded, four, 1, "VALID"), [-1, (height + 1) * (width + 1), 4 * channels])

    above, below_share = _whole_and_rest(rows, height)
    left, right_share = _whole_and_rest(columns, width)
    places = tf.reshape(above * (width + 1) + left, [-1, height * width])
    found = tf.reshape(tf.gather(around, places, batch_dims=1), [-1, height, width, 4, channels])
    # Of the pixels above left, above right, below left and below right.
    shares = tf.abs(below_share[..., None] - [1.0, 1.0, 0.0, 0.0]) * tf.abs(
        right_share[..., None] - [1.0, 0.0, 1.0, 0.0]
    )
    return tf.reduce_sum(found * shares[..., None], axis=3)


def _whole_and_rest(places: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the padded pixel before each place, and how far the place is on the way to the next one."""
    padded = tf.clip_by_value(places + 1, 0.0, size + 1.0)
    whole = tf.minimum(tf.floor(padded), float(size))
    return tf.cast(whole, tf.int32), padded - whole
