"""The pictures of `plot`, a file each; importing this package imports neither matplotlib nor TensorFlow."""

from __future__ import annotations

# In the order in which they are drawn. Each is the name of its module and of its PNG file.
PICTURES: tuple[str, ...] = ("curves", "samples", "filters", "activations", "confusion", "mistakes")
# The only one of several runs together.
CURVES = PICTURES[0]
