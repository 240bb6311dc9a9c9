"""Interpret paths as users write them."""

from __future__ import annotations

import os


def expand_user(path: str) -> str:
    """Replace `~` by the home directory, which a shell does not do after a `=` or within quotes."""
    # `Path.expanduser` raises an error for `~name` if there is no such user; a file may have that name.
    return os.path.expanduser(path)  # noqa: PTH111
