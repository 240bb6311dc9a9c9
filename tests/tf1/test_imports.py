"""The reader's imports of `tensorflow` give TensorFlow 1.x; those of libraries the real TensorFlow."""

from __future__ import annotations

import builtins
import string
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import tensorflow as real
from helpers.tf1_scripts import leave_tensorflow_as_it_is, write
from hypothesis import given
from hypothesis import strategies as st

import lowlevel_cnn
from lowlevel_cnn.tf1 import imports, names, namespace, reader
from lowlevel_cnn.tf1.gone import GoneModuleError


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    leave_tensorflow_as_it_is(monkeypatch)
    with imports.installed():
        yield


def run(*lines: str, file: str = "/home/reader/train.py") -> dict[str, Any]:
    """What these lines leave behind in a file of the reader's, or in another."""
    variables = {"__name__": "__main__", "__file__": file}
    exec(compile("\n".join(lines), file, "exec"), variables)
    return variables


def test_tensorflow_is_tensorflow_1_however_it_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(names.AREAS, "contrib.slim", ("string",))
    monkeypatch.setitem(names.AREAS, "examples.tutorials.mnist.input_data", ("textwrap",))
    left = run(
        "import tensorflow as tf",
        "import tensorflow",
        "import tensorflow.contrib.slim as slim",
        "import tensorflow.contrib.slim",
        "from tensorflow.contrib import slim as same",
        "from tensorflow.contrib.slim import capwords",
        "from tensorflow.examples.tutorials.mnist import input_data",
        "import tensorflow.examples.tutorials.mnist.input_data as data_again",
        "from tensorflow.examples.tutorials.mnist.input_data import dedent",
        "from tensorflow import nn",
        "import tensorflow.compat.v1 as v1",
    )
    root = namespace.ROOT
    assert left["tf"] is left["tensorflow"] is left["v1"] is root
    assert left["slim"] is left["same"] is root.contrib.slim
    assert left["capwords"] is string.capwords
    assert left["input_data"] is left["data_again"] and left["dedent"] is textwrap.dedent
    assert left["nn"] is root.nn


def test_star_imports_bring_the_names_of_the_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(names.AREAS, "contrib.slim", ("textwrap",))
    assert run("from tensorflow.contrib.slim import *")["dedent"] is textwrap.dedent


def test_private_modules_of_tensorflow_are_the_real_ones() -> None:
    left = run(
        "from tensorflow.python.framework import ops",
        "import tensorflow.python.framework.dtypes as dtypes",
        "from tensorflow.python.client import device_lib",
    )
    assert all(left[name] is sys.modules[left[name].__name__] for name in ("ops", "dtypes", "device_lib"))


@pytest.mark.parametrize(
    "line",
    [
        "import tensorflow.contrib.crf",
        "from tensorflow.contrib import crf",
        "from tensorflow.contrib.crf import crf_log_likelihood",
        "from tensorflow.models.image.cifar10 import cifar10",
        "from tensorflow.python.no_such_module import name",
        "from tensorflow.nn import no_such_name",
    ],
)
def test_a_gone_import_is_an_import_error_of_one_line(line: str) -> None:
    with pytest.raises(GoneModuleError, match=r"train\.py, line 2: tf\.\S+ is (gone since|no name)") as raised:
        run("", line)
    assert isinstance(raised.value, ImportError) and "\n" not in str(raised.value)


def test_a_library_gets_the_real_tensorflow() -> None:
    site_packages = str(Path(real.__file__).parents[1] / "library" / "__init__.py")
    for file in (site_packages, string.__file__, lowlevel_cnn.__file__):
        assert run("import tensorflow as tf", file=file)["tf"] is real


def test_a_sibling_of_the_script_gets_tensorflow_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "layers_of_the_reader.py", "import tensorflow as tf")
    monkeypatch.syspath_prepend(str(tmp_path))
    left = run("import layers_of_the_reader")
    del sys.modules["layers_of_the_reader"]
    assert left["layers_of_the_reader"].tf is namespace.ROOT


def test_a_module_of_the_reader_s_that_is_called_keras_stays_his(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "keras.py", "his = True")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    assert run("import keras")["keras"].his
    monkeypatch.delitem(sys.modules, "keras")


def test_relative_imports_and_those_of_other_names_are_left_alone() -> None:
    assert run("import string, os.path as path")["path"] is run("import os")["os"].path


def test_afterwards_imports_are_what_they_were() -> None:
    within = builtins.__import__
    with imports.installed():
        assert builtins.__import__ is within
    assert builtins.__import__ is within


def test_a_notebook_s_cells_are_the_reader_s() -> None:
    assert reader.importer_is_the_reader({"__name__": "__main__"})
    assert not reader.importer_is_the_reader({"__name__": "compiled"})
    assert not reader.importer_is_the_reader(None)


@given(st.lists(st.sampled_from(["a", "b c", "train", "lowlevel_cnn", "lib"]), min_size=1))
def test_a_file_below_site_packages_is_not_the_reader_s_and_elsewhere_it_is(folders: list[str]) -> None:
    assert reader.is_the_readers("/".join(["/home/reader", *folders, "x.py"]))
    assert not reader.is_the_readers("/".join(["/home/reader/venv/lib/site-packages", *folders, "x.py"]))
    assert not reader.is_the_readers("/".join([reader.OURS, *folders, "x.py"]))


def test_matplotlib_gets_its_two_vanished_methods_back() -> None:
    pytest.importorskip("matplotlib")
    left = run(
        "import matplotlib.pyplot as plt",
        "figure = plt.figure()",
        "figure.canvas.set_window_title('digits')",
        "plt.hold(True)",
        "plt.close(figure)",
    )
    assert isinstance(left["plt"], ModuleType)


def test_tensorflow_is_tensorflow_1_by_name_too() -> None:
    left = run(
        "import importlib",
        "root, slim = importlib.import_module('tensorflow'), importlib.import_module('tensorflow.contrib.slim')",
        "called, below = __import__('tensorflow'), __import__('tensorflow.contrib.slim')",
        "text = importlib.import_module('textwrap')",
    )
    assert left["root"] is left["called"] is left["below"] is namespace.ROOT
    assert left["slim"] is namespace.ROOT.contrib.slim and left["text"] is textwrap
    theirs = run("import importlib", "root = importlib.import_module('tensorflow')", file=string.__file__)
    assert theirs["root"] is real


def test_the_readers_of_data_and_pictures_that_scripts_expect_are_there() -> None:
    left = run("import input_data", "import scipy.misc", "from scipy.misc import imsave", "from scipy import misc")
    assert left["input_data"].__name__ == "lowlevel_cnn.tf1.input_data"
    assert left["misc"].imsave is left["scipy"].misc.imsave is left["imsave"]


def test_private_modules_of_cells_layers_and_messages_are_there() -> None:
    left = run(
        "from tensorflow.core.framework import summary_pb2",
        "from tensorflow.python.layers import base",
        "from tensorflow.python.ops import rnn_cell_impl, rnn",
        "from tensorflow.contrib.rnn.python.ops import core_rnn_cell",
        "from tensorflow.contrib.layers.python.layers import utils, initializers",
        "from tensorflow.contrib.learn.python.learn.datasets.base import maybe_download",
    )
    assert left["summary_pb2"].Summary is namespace.ROOT.Summary
    assert left["core_rnn_cell"].LSTMCell is left["rnn_cell_impl"].LSTMCell is namespace.ROOT.contrib.rnn.LSTMCell
    assert left["base"].Layer is namespace.ROOT.layers.Layer
