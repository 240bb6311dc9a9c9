"""Write options as a command line, for the processes that `run` starts."""

from __future__ import annotations

from dataclasses import fields

from lowlevel_cnn.runs.options import RunOptions


def command_line(options: RunOptions) -> list[str]:
    """Return the flags that `train` or `eval` parses to the same options; those with their default are left out."""
    words = []
    for each in fields(options):
        value = getattr(options, each.name)
        if value != each.default:
            flag = f"--{each.name.replace('_', '-')}"
            words.append(flag if value is True else f"{flag}={value}")
    return words
