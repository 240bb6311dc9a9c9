"""Paths as users write them."""

from __future__ import annotations

import os


def expand_user(path: str) -> str:
    """The path with `~` replaced by the home directory, which a shell does not do after a `=` or within quotes."""
    # `Path.expanduser` raises an error for `~name` where there is no such user; a file may have that name.
    return os.path.expanduser(path)  # noqa: PTH111
