"""What is said of a name of TensorFlow 1.x that is not given back."""

from __future__ import annotations

from lowlevel_cnn.tf1 import reader, replacements


class GoneError(AttributeError):
    """A name of TensorFlow 1.x that is gone; its text is the one line that the reader gets to see.

    As an `AttributeError` it leaves `hasattr(tf, ...)` and `getattr` with a default what they are.
    """


class GoneModuleError(ModuleNotFoundError):
    """The same for an import, so that `except ImportError` catches it."""


def message(path: str) -> str:
    """The line about a dotted name such as `contrib.crf.crf_log_likelihood`: where, since when, what instead."""
    where = reader.here()
    since, instead = replacements.gone(path)
    name = path if path.partition(".")[0] == "keras" else f"tf.{path}"
    since = f"is gone since TensorFlow {since}" if since else "is no name that TensorFlow has today"
    return f"{where + ': ' if where else ''}{name} {since}; {instead}"


def missing(path: str, name: str) -> AttributeError:
    """The error for a name that a module of TensorFlow 1.x lacks here; for a mark such as `__wrapped__` a plain one."""
    return AttributeError(f"{path}.{name}") if name.startswith("_") else GoneError(message(f"{path}.{name}"))
