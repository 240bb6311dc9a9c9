"""What TensorFlow 1.x did otherwise than `tensorflow.compat.v1` does, given back for the whole process."""

from __future__ import annotations

import functools
import importlib
import logging
import sys
from collections.abc import Callable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.log_lines import print_each_line_once


@functools.cache
def give_back() -> None:
    """Switch TensorFlow's 2.x behaviour off and give back what 1.x did otherwise, once."""
    tf.compat.v1  # noqa: B018, imports TensorFlow, which sets its logger up
    _hide_deprecation_warnings()
    tf.disable_v2_behavior()
    _divide_dimensions()
    _parse_flags()
    if not tf.config.list_physical_devices("GPU"):
        for session in (tf.Session, tf.InteractiveSession):
            session.__init__ = _with_soft_placement(session.__init__)


def give_back_shapes() -> None:
    """Let `shape[1]` be a `Dimension`, and tensors be compared as objects."""
    tf.disable_v2_tensorshape()
    tf.disable_tensor_equality()


def _hide_deprecation_warnings() -> None:
    """The reader has chosen TensorFlow 1.x: what is to be used instead of it is no news."""
    logger = logging.getLogger("tensorflow")

    def is_news(record: logging.LogRecord) -> bool:
        text = str(record.msg)
        return record.levelno != logging.WARNING or not text.startswith(("From %s: ", "non-resource variables are"))

    logger.addFilter(is_news)
    print_each_line_once()


def _divide_dimensions() -> None:
    """`shape[1] / 2` was a whole number under Python 2, and a whole float was as good as a whole number."""

    def whole(number: Any) -> Any:
        return int(number) if isinstance(number, float) and number.is_integer() else number

    def divide(dimension: Any, other: Any) -> Any:
        return dimension // whole(other) if _is_whole(whole(other)) else int(dimension) / other

    def divide_other(dimension: Any, other: Any) -> Any:
        # Not `//`: with `stddev=1 / shape[1]` that would be 0.
        size = int(dimension)
        return tf.Dimension(other // size) if _is_whole(other) and other % size == 0 else other / size

    def multiply(dimension: Any, other: Any) -> Any:
        return product(dimension, whole(other))

    product: Callable[[Any, Any], Any] = tf.Dimension.__mul__
    tf.Dimension.__truediv__, tf.Dimension.__rtruediv__ = divide, divide_other
    tf.Dimension.__mul__ = tf.Dimension.__rmul__ = multiply


def _is_whole(number: Any) -> bool:
    return number is None or isinstance(number, int | tf.Dimension)


def _parse_flags() -> None:
    """Until 1.4 `FLAGS._parse_flags()` parsed the flags, and `log_dir` was a name that scripts could take."""
    # What TensorFlow's flags are made of; of its own `log_dir`, for logging to files, nothing here makes use.
    absl_flags: Any = importlib.import_module("absl.flags")
    absl_flags.FlagValues._parse_flags = lambda values: values(sys.argv, known_only=True)
    absl_flags.FLAGS["log_dir"].allow_override = True


def _with_soft_placement(initialize: Callable[..., None]) -> Callable[..., None]:
    """Sessions for which `/gpu:0` is a wish: where no GPU is, the CPU does the work."""

    @functools.wraps(initialize)
    def with_soft_placement(self: Any, target: str = "", graph: Any = None, config: Any = None) -> None:
        soft = tf.ConfigProto()
        if config is not None:
            soft.CopyFrom(config)
        soft.allow_soft_placement = True
        initialize(self, target, graph, soft)

    return with_soft_placement
