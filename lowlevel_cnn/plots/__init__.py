"""The pictures of `plot`, one file each; importing this package imports neither matplotlib nor TensorFlow."""

from __future__ import annotations

import importlib

from lowlevel_cnn.errors import InputError

# In drawing order. Each is the name of its module and of its PNG file.
PICTURES: tuple[str, ...] = (
    "curves",
    "samples",
    "filters",
    "convolution",
    "connections",
    "network",
    "activations",
    "confusion",
    "mistakes",
)
# The pictures of a network's outputs for one image.
OF_ONE_IMAGE = ("convolution", "connections", "network", "activations")
# The only picture of several runs together.
CURVES = PICTURES[0]


def require_matplotlib(what: str) -> None:
    """Check that matplotlib is installed; only its figures are used, and `pyplot` and its backend stay untouched.

    Args:
        what: the command or flag that needs it, named in the error.

    Raises:
        InputError: it is not installed.
    """
    try:
        importlib.import_module("matplotlib.figure")
    except ImportError:
        raise InputError(f"{what} needs matplotlib; install it with: pip install 'lowlevel-cnn[plots]'") from None
