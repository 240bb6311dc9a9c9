"""The Python interface: `import lowlevel_cnn as cnn`, then `cnn.Run`, `cnn.load_dataset` and so on (docs/python.md).

It has no part in the process around it: no signal handlers, no exit, no backend, no current graph. Importing it imports
neither NumPy nor TensorFlow.
"""

from __future__ import annotations

from lowlevel_cnn.datasets import Dataset
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.interface.errors import python_errors
from lowlevel_cnn.interface.networks import NetworkGraph, build_graph
from lowlevel_cnn.interface.results import Evaluation, Predictions, Training
from lowlevel_cnn.interface.run import Run
from lowlevel_cnn.interface.samples import load_dataset, plot_samples
from lowlevel_cnn.models import Model

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


def model_names() -> list[str]:
    """Return the names of the sources' networks, the book's first."""
    from lowlevel_cnn import models

    return models.all_names()


def get_model(name: str) -> Model:
    """Return the model of that name, with its hyper-parameters.

    Raises:
        InputError: there is no model of that name.
    """
    from lowlevel_cnn import models

    with python_errors():
        return models.get(name)
