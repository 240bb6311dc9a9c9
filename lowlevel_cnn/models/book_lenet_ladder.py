"""The ladder from `book-lenet-fast` to `book-lenet-best`: what each addition brings.

Each rung adds one thing: more steps; stronger L2 regularization and longer moving averages; distortions without the
elastic one; elastic distortions. The last addition, twice as many steps, makes `book-lenet-best`.
"""

from __future__ import annotations

from dataclasses import replace

from lowlevel_cnn.distortions import Distortions
from lowlevel_cnn.models.book_lenet_fast import MODEL as BOOK_LENET_FAST

_AFFINE = Distortions(shift=2.0, rotation=10.0, scale=0.1, shear=0.1)

STEPS = replace(
    BOOK_LENET_FAST,
    name="book-lenet-ladder-steps",
    title="book-lenet-fast, 30,000 steps",
    training_steps=30_000,
    reported_accuracy=None,
    remark="",
)
REGULARIZATION = replace(
    STEPS,
    name="book-lenet-ladder-regularization",
    title="the same with three times the L2 regularization and a moving average decay of 0.999",
    regularization_rate=0.0003,
    moving_average_decay=0.999,
)
AFFINE = replace(
    REGULARIZATION,
    name="book-lenet-ladder-affine",
    title="the same with digits moved, turned, scaled and sheared",
    distortions=_AFFINE,
)
ELASTIC = replace(
    AFFINE,
    name="book-lenet-ladder-elastic",
    title="the same with digits distorted elastically, too",
    distortions=replace(_AFFINE, elastic_alpha=21.0, elastic_sigma=5.0),
)
