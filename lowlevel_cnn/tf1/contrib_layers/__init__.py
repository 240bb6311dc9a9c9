"""`tf.contrib.layers` of TensorFlow 1.x."""

from lowlevel_cnn.tf1.contrib_layers.composition import repeat, stack
from lowlevel_cnn.tf1.contrib_layers.initializers import (
    variance_scaling_initializer,
    xavier_initializer,
    xavier_initializer_conv2d,
)
from lowlevel_cnn.tf1.contrib_layers.normalization import batch_norm
from lowlevel_cnn.tf1.contrib_layers.norms import instance_norm, layer_norm
from lowlevel_cnn.tf1.contrib_layers.optimization import OPTIMIZER_CLS_NAMES, OPTIMIZER_SUMMARIES, optimize_loss
from lowlevel_cnn.tf1.contrib_layers.pooling import avg_pool2d, max_pool2d
from lowlevel_cnn.tf1.contrib_layers.regularizers import (
    apply_regularization,
    l1_l2_regularizer,
    l1_regularizer,
    l2_regularizer,
    sum_regularizer,
)
from lowlevel_cnn.tf1.contrib_layers.separable import separable_conv2d, separable_convolution2d
from lowlevel_cnn.tf1.contrib_layers.simple import (
    dropout,
    flatten,
    maxout,
    one_hot_encoding,
    real_valued_column,
    softmax,
)
from lowlevel_cnn.tf1.contrib_layers.summaries import (
    summarize_activation,
    summarize_activations,
    summarize_biases,
    summarize_collection,
    summarize_tensor,
    summarize_tensors,
    summarize_variables,
    summarize_weights,
)
from lowlevel_cnn.tf1.contrib_layers.weighted import (
    conv1d,
    conv2d,
    conv2d_transpose,
    conv3d,
    convolution,
    convolution1d,
    convolution2d,
    convolution2d_transpose,
    convolution3d,
    fully_connected,
    linear,
    relu,
    relu6,
)

__all__ = [
    "OPTIMIZER_CLS_NAMES",
    "OPTIMIZER_SUMMARIES",
    "apply_regularization",
    "avg_pool2d",
    "batch_norm",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "conv3d",
    "convolution",
    "convolution1d",
    "convolution2d",
    "convolution2d_transpose",
    "convolution3d",
    "dropout",
    "flatten",
    "fully_connected",
    "instance_norm",
    "l1_l2_regularizer",
    "l1_regularizer",
    "l2_regularizer",
    "layer_norm",
    "linear",
    "max_pool2d",
    "maxout",
    "one_hot_encoding",
    "optimize_loss",
    "real_valued_column",
    "relu",
    "relu6",
    "repeat",
    "separable_conv2d",
    "separable_convolution2d",
    "softmax",
    "stack",
    "sum_regularizer",
    "summarize_activation",
    "summarize_activations",
    "summarize_biases",
    "summarize_collection",
    "summarize_tensor",
    "summarize_tensors",
    "summarize_variables",
    "summarize_weights",
    "variance_scaling_initializer",
    "xavier_initializer",
    "xavier_initializer_conv2d",
]
