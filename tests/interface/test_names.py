"""The names that `import lowlevel_cnn` offers, and what importing them costs."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import lowlevel_cnn as cnn
from lowlevel_cnn import errors, interface, models
from lowlevel_cnn.datasets import Dataset

NAMES = [
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


def test_the_package_offers_these_names_and_no_others() -> None:
    assert cnn.__all__ == interface.__all__ == NAMES
    assert set(NAMES) <= set(dir(cnn))
    for name in NAMES:
        assert getattr(cnn, name) is getattr(interface, name)
        assert inspect.getdoc(getattr(cnn, name))
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        getattr(cnn, "no_such_name")  # noqa: B009


def test_what_is_offered_is_what_the_commands_use() -> None:
    assert (cnn.Dataset, cnn.Model) == (Dataset, models.Model)
    assert (cnn.InputError, cnn.WorkError) == (errors.InputError, errors.WorkError)
    assert cnn.get_model("lenet-5") is models.get("lenet-5")
    assert cnn.model_names() == models.all_names()


def test_importing_the_names_imports_neither_numpy_nor_tensorflow_and_changes_no_environment() -> None:
    program = (
        "import os, sys; before = dict(os.environ)\n"
        "from lowlevel_cnn import *\n"
        "Run('nowhere', model='lenet-5', seed=1)\n"
        "assert not {'numpy', 'tensorflow', 'matplotlib', 'tqdm'} & set(sys.modules), 'imported'\n"
        "assert dict(os.environ) == before and not os.path.exists('nowhere')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
