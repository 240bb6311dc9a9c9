"""Convolutional networks of the TensorFlow 1.x textbooks, low-level, on today's TensorFlow."""

__version__ = "0.1.0"
