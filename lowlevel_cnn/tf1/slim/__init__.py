"""`tf.contrib.slim` of TensorFlow 1.x: the layers of `tf.contrib.layers` and what a small program needs beside them."""

from lowlevel_cnn.tf1 import contrib_framework, contrib_layers
from lowlevel_cnn.tf1 import contrib_losses as losses
from lowlevel_cnn.tf1 import contrib_metrics as metrics
from lowlevel_cnn.tf1.contrib_framework import *  # noqa: F403
from lowlevel_cnn.tf1.contrib_layers import *  # noqa: F403
from lowlevel_cnn.tf1.slim import evaluation, learning, model_analyzer, prefetch_queue, utils

# It has what both have, as the same objects.
__all__ = [
    *contrib_framework.__all__,
    *contrib_layers.__all__,
    "evaluation",
    "learning",
    "losses",
    "metrics",
    "model_analyzer",
    "prefetch_queue",
    "utils",
]
