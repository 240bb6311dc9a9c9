"""Write options as a command line, for the processes that `run` starts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from lowlevel_cnn.models import Model
from lowlevel_cnn.runs.options import RunOptions


def command_line(options: RunOptions) -> list[str]:
    """Return the flags that `train` or `eval` parses into these options, leaving out default values."""
    words = []
    for each in fields(options):
        value = getattr(options, each.name)
        if value != each.default:
            flag = f"--{each.name.replace('_', '-')}"
            words.append(flag if value is True else f"{flag}={_text(value)}")
    return words


def _text(value: Any) -> str:
    if isinstance(value, Model) and value.file:
        return value.file.path
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
