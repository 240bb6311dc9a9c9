"""The convolutional networks of the TensorFlow 1.x textbooks, low-level, on today's TensorFlow."""

import importlib
import sys
from typing import TYPE_CHECKING, Any

from lowlevel_cnn.system.signals import exit_on_signals

if TYPE_CHECKING:
    from lowlevel_cnn.interface import (
        Dataset,
        Evaluation,
        InputError,
        Model,
        NetworkGraph,
        Predictions,
        Run,
        Training,
        WorkError,
        build_graph,
        get_model,
        load_dataset,
        model_names,
        plot_samples,
    )

__version__ = "0.1.0"
__all__ = [
    "Dataset",
    "Evaluation",
    "InputError",
    "Model",
    "NetworkGraph",
    "Predictions",
    "Run",
    "Training",
    "WorkError",
    "build_graph",
    "get_model",
    "load_dataset",
    "model_names",
    "plot_samples",
]

if sys.argv[:1] == ["-m"] and any(word.startswith(__name__) for word in sys.orig_argv):
    # This is `python -m lowlevel_cnn...`, about to be loaded: handle Ctrl-C as early as possible.
    exit_on_signals()


def __getattr__(name: str) -> Any:
    """Import the Python interface when it is first used: the commands do not need it."""
    if name in __all__:
        return getattr(importlib.import_module("lowlevel_cnn.interface"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
