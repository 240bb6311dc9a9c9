"""The reader's own TensorFlow 1.x code."""
