"""The command `eval`."""

from lowlevel_cnn.mnist_eval import evaluate

__all__ = ["evaluate"]
