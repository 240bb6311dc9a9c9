"""The pictures of `plot`, a file each; importing this package imports neither matplotlib nor TensorFlow."""

from __future__ import annotations

import importlib

from lowlevel_cnn.errors import InputError

# In the order in which they are drawn. Each is the name of its module and of its PNG file.
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
# Those of what a network makes of one image.
OF_ONE_IMAGE = ("convolution", "connections", "network", "activations")
# The only one of several runs together.
CURVES = PICTURES[0]


def require_matplotlib(what: str) -> None:
    """Makes sure of matplotlib, of which only figures are used: `pyplot`, its windows and its backend stay untouched.

    Args:
        what: the command or flag that needs it, for the error.

    Raises:
        InputError: it is not installed.
    """
    try:
        importlib.import_module("matplotlib.figure")
    except ImportError:
        raise InputError(f"{what} needs matplotlib; install it with: pip install 'lowlevel-cnn[plots]'") from None
