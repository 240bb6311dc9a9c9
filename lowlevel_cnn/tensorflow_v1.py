"""Import TensorFlow's 1.x interface under its old name: `from lowlevel_cnn.tensorflow_v1 import tf`.

TensorFlow is imported when `tf` is first used, not before: a command that does not need it (`--help`, a wrong flag, a
missing file) responds at once. No global switch is changed (no `disable_v2_behavior`), so the package can be used in a
notebook alongside eager TensorFlow 2 code. What TensorFlow logs there is up to the notebook.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lowlevel_cnn.system.standard_error import filtered

__all__ = [
    "ERRORS_ALONE",
    "LOG_LEVEL",
    "ONEDNN",
    "ONEDNN_DEFAULT",
    "cause",
    "gpu_name",
    "import_now",
    "log_line",
    "same_bits_on_gpu",
    "seeded_graph",
    "session_config",
    "tf",
]

# TensorFlow leaves oneDNN off on processors without AVX512_VNNI, although there it nearly halves the time of a step.
ONEDNN, ONEDNN_DEFAULT = "TF_ENABLE_ONEDNN_OPTS", "1"
# A GPU adds numbers in another order each time, unless it is told not to.
DETERMINISTIC = "TF_DETERMINISTIC_OPS"
# TensorFlow's own log level: 2 is errors only.
LOG_LEVEL, ERRORS_ALONE = "TF_CPP_MIN_LOG_LEVEL", "2"

# What TensorFlow logs before its log level takes effect: severities I and W with their prefixes, and, as errors, that
# there is no driver on a machine without a GPU, and that it registers its GPU libraries twice (2.16).
_PREFIX = rb"(?:%s\d{4} |\d{4}-\d\d-\d\d \S+ %s )"
_CHATTER = re.compile(
    rb"WARNING: All log messages before absl|To enable the following instructions|"
    + _PREFIX % (b"[IW]", b"[IW]")
    + rb"|"
    + _PREFIX % (b"E", b"E")
    + rb".*(?:cuInit|Unable to register cu\w+ factory)"
)
_GPU_DRIVERS = ("/dev/nvidiactl", "/dev/dxg")


class _TensorFlowOnFirstUse:
    def __getattr__(self, name: str) -> Any:
        module = _imported()
        # Later lookups find the attribute on this object, without calling this method.
        self.__dict__.update(vars(module))
        return getattr(module, name)


def _imported() -> Any:
    name = "tensorflow.compat.v1"
    if "tensorflow" in sys.modules:
        # The caller's own TensorFlow: its switches stay.
        return importlib.import_module(name)
    os.environ.setdefault(ONEDNN, ONEDNN_DEFAULT)
    if os.environ.get(LOG_LEVEL, "") < ERRORS_ALONE:
        return importlib.import_module(name)
    with filtered(_CHATTER):
        module = importlib.import_module(name)
        if not _may_have_gpu():
            # List the devices now: later, a missing driver would be reported as an error.
            module.config.list_physical_devices()
    return module


def same_bits_on_gpu() -> None:
    """Let a GPU compute the same bits each time, as processors do; to be called before TensorFlow is imported.

    A user's own TF_DETERMINISTIC_OPS stays.
    """
    if _may_have_gpu():
        os.environ.setdefault(DETERMINISTIC, "1")


def import_now() -> None:
    """Import TensorFlow before it is used, where there is time to wait for it anyway."""
    _ = tf.Graph


def _may_have_gpu() -> bool:
    return any(Path(driver).exists() for driver in _GPU_DRIVERS)


def gpu_name() -> str:
    """Return the name of the GPU that TensorFlow uses, its first; "" if there is none."""
    # Asked last, for it imports TensorFlow.
    devices = tf.config.list_physical_devices("GPU") if _may_have_gpu() else []
    return str(tf.config.experimental.get_device_details(devices[0]).get("device_name", "GPU")) if devices else ""


@contextmanager
def seeded_graph() -> Iterator[Any]:
    """Enter a new graph, whose random operations have the seed that TF_DETERMINISTIC_OPS asks for.

    It is for graphs in which the initial values do not matter.
    """
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(0)
        yield graph


def session_config(*, concurrent: bool = False) -> Any:
    """Return the settings of every session.

    Args:
        concurrent: whether operations run beside each other, for many that use one processor each.
    """
    config = tf.ConfigProto()
    if not concurrent:
        # One operation at a time uses all processors; concurrent ones slow each other down (docs/performance.md).
        config.inter_op_parallelism_threads = 1
    # GPU memory grows on demand, so that trainer and evaluator can share a GPU. A process's first session decides.
    config.gpu_options.allow_growth = True
    return config


def log_line(line: str) -> str:
    """Return a line as TensorFlow 1.x logs it."""
    return f"INFO:tensorflow:{line}"


def cause(error: Exception) -> str:
    """Return the line of an error that says what went wrong; TensorFlow puts it below the location in the graph."""
    text = str(getattr(error, "message", None) or getattr(error, "strerror", None) or error)
    below = re.search(r"^Node: .*\n(.+)", text, re.MULTILINE)
    line = below[1] if below else next(iter(text.splitlines()), "")
    return line[:200] or type(error).__name__


if TYPE_CHECKING:
    import tensorflow.compat.v1 as tf
else:
    tf = _TensorFlowOnFirstUse()
