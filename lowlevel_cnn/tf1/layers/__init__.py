"""`tf.layers` of TensorFlow 1.x: layers as functions and as classes, with the names and defaults that they had."""

from typing import Any

from lowlevel_cnn.tf1 import gone
from lowlevel_cnn.tf1.layers.base import Layer
from lowlevel_cnn.tf1.layers.convolutional import (
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    conv1d,
    conv2d,
    conv2d_transpose,
    conv3d,
)
from lowlevel_cnn.tf1.layers.core import Dense, Dropout, Flatten, dense, dropout, flatten
from lowlevel_cnn.tf1.layers.normalization import BatchNormalization, batch_normalization
from lowlevel_cnn.tf1.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
    average_pooling1d,
    average_pooling2d,
    average_pooling3d,
    max_pooling1d,
    max_pooling2d,
    max_pooling3d,
)
from lowlevel_cnn.tf1.layers.separable import SeparableConv2D, separable_conv2d

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "BatchNormalization",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Dense",
    "Dropout",
    "Flatten",
    "Layer",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "SeparableConv2D",
    "average_pooling1d",
    "average_pooling2d",
    "average_pooling3d",
    "batch_normalization",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "conv3d",
    "dense",
    "dropout",
    "flatten",
    "max_pooling1d",
    "max_pooling2d",
    "max_pooling3d",
    "separable_conv2d",
]


def __getattr__(name: str) -> Any:
    raise gone.missing("layers", name)
