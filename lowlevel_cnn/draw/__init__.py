"""A page in the browser on which one draws a picture and sees what a network makes of it."""

from __future__ import annotations

import importlib

from lowlevel_cnn.errors import InputError


def require_flask() -> None:
    """Check that Flask, which serves the page, is installed.

    Raises:
        InputError: it is not.
    """
    try:
        importlib.import_module("flask")
    except ImportError:
        raise InputError("draw needs Flask; install it with: pip install 'lowlevel_cnn[draw]'") from None
