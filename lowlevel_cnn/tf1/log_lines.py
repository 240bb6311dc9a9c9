"""Lines of `tf.logging` as TensorFlow 1.x printed them: `INFO:tensorflow:loss = 2.36026, step = 1`."""

from __future__ import annotations

import logging

__all__ = ["print_each_line_once"]


def print_each_line_once() -> None:
    """Keep the lines of `tf.logging` from being printed a second time, in another form.

    TensorFlow's logger has a handler of its own, which prints the lines of 1.x. Since `tf.app.run` calls absl's, it
    also gives the root logger a handler, which would print each line again, as `I1126 11:03:59.618953 ...`. Where
    the root logger has handlers of the program's own, both keep what they have.
    """
    tensorflow = logging.getLogger("tensorflow")
    others = [handler for handler in logging.getLogger().handlers if not type(handler).__module__.startswith("absl.")]
    if tensorflow.handlers and not others:
        tensorflow.propagate = False
