"""What `tf` answers to the names of TensorFlow 1.x."""

from __future__ import annotations

import importlib
import types

import pytest
from helpers.tf1_scripts import leave_tensorflow_as_it_is

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import contrib_metrics, names, namespace, old_calls, replacements
from lowlevel_cnn.tf1.gone import GoneError


@pytest.fixture(autouse=True)
def as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_tensorflow_as_it_is(monkeypatch)


def test_what_tensorflow_still_has_is_tensorflow_s_own() -> None:
    for name in ("placeholder", "nn.conv2d", "train.AdamOptimizer", "app.flags.DEFINE_integer", "GraphKeys"):
        expected: object = tf
        for part in name.split("."):
            expected = getattr(expected, part)
        assert namespace.lookup(name) is expected


@pytest.mark.parametrize("name", names.RENAMED)
def test_every_renamed_function_leads_to_one_that_is_there(name: str) -> None:
    assert namespace.lookup(name) is namespace.lookup(names.RENAMED[name])


@pytest.mark.parametrize("name", old_calls.GIVEN_BACK)
def test_calls_given_back_are_those_that_tensorflow_has_no_more(name: str) -> None:
    assert callable(namespace.lookup(name)) and not hasattr(tf, name)


def test_a_version_of_tensorflow_1_is_what_scripts_see() -> None:
    assert namespace.ROOT.__version__ == namespace.lookup("VERSION") == "1.15.5"


def test_tensorflow_compat_v1_is_the_same_again() -> None:
    assert namespace.lookup("compat.v1") is namespace.ROOT


def test_a_gone_name_is_said_with_file_line_version_and_replacement() -> None:
    with pytest.raises(GoneError) as raised:
        namespace.lookup("contrib.crf.crf_log_likelihood")
    text = str(raised.value)
    assert "test_namespace.py, line " in text and "\n" not in text
    assert text.endswith(
        "tf.contrib.crf is gone since TensorFlow 2.0; the package tensorflow-addons had it as tfa.text"
    )


def test_a_name_that_never_was_is_said_to_be_none() -> None:
    with pytest.raises(GoneError, match=r"tf\.placehodler is no name that TensorFlow has today; a typing error, or"):
        namespace.lookup("placehodler")
    with pytest.raises(GoneError, match=r"tf\.nn\.conv5d is no name"):
        namespace.lookup("nn.conv5d")


def test_asking_whether_a_name_is_there_works_as_always() -> None:
    assert not hasattr(namespace.ROOT, "placehodler")
    assert getattr(namespace.lookup("contrib"), "crf", "nothing") == "nothing"


def test_a_module_that_is_missing_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(names.AREAS, "layers", ("lowlevel_cnn.tf1.no_such_module",))
    with pytest.raises(GoneError, match=r"tf\.layers is gone since TensorFlow 2\.16; use tf\.nn"):
        namespace.lookup("layers.dense")


def test_an_error_within_a_module_is_not_taken_for_its_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(name: str) -> types.ModuleType:
        raise ModuleNotFoundError("No module named 'other'", name="other")

    monkeypatch.setattr("importlib.import_module", failing)
    with pytest.raises(ModuleNotFoundError, match="other"):
        namespace.lookup("layers")


def test_the_first_module_that_has_a_name_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(names.AREAS, "contrib.slim", ("no_such_package", "string", "textwrap"))
    assert namespace.lookup("contrib.slim.capwords") is __import__("string").capwords
    assert namespace.lookup("contrib.slim.dedent") is __import__("textwrap").dedent


def test_private_modules_are_the_real_ones() -> None:
    from tensorflow.python.framework import ops
    from tensorflow.python.ops import array_ops

    assert namespace.lookup("python.framework.ops") is ops
    assert namespace.lookup("python.ops.array_ops") is array_ops


def test_every_area_that_is_gone_has_something_to_say() -> None:
    for path in names.AREAS:
        assert replacements.gone(path)[1]
    assert replacements.gone("contrib.slim.nets.vgg")[1] == "the package tf_slim has it as tf_slim.nets"
    assert replacements.gone("contrib.something_else")[0] == "2.0"


def test_the_names_of_a_module_can_be_listed() -> None:
    listed = dir(namespace.ROOT)
    assert {"placeholder", "sub", "contrib", "layers", "examples"} <= set(listed)
    assert dir(namespace.lookup("examples.tutorials.mnist")) == ["input_data", "mnist"]


def test_the_package_itself_says_what_its_layers_and_estimators_lack() -> None:
    for path in ("layers.bidirectional", "estimator.BoostedTreesClassifier", "estimator.DNNLinearCombinedRegressor"):
        area, _, name = path.partition(".")
        with pytest.raises(
            GoneError, match=rf"test_namespace.py, line \d+: tf\.{path} is gone since TensorFlow 2.16; "
        ):
            getattr(importlib.import_module(f"lowlevel_cnn.tf1.{area}"), name)
    assert not hasattr(importlib.import_module("lowlevel_cnn.tf1.layers"), "__wrapped__")


def test_streaming_metrics_are_those_with_the_predictions_first() -> None:
    assert not [name for name in names.RENAMED if name.startswith("contrib.metrics")]
    assert namespace.lookup("contrib.metrics.streaming_accuracy") is contrib_metrics.streaming_accuracy


def test_cells_of_contrib_alone_are_not_in_nn() -> None:
    assert namespace.lookup("contrib.rnn.LayerNormBasicLSTMCell").__name__ == "LayerNormBasicLSTMCell"
    with pytest.raises(GoneError):
        namespace.lookup("nn.rnn_cell.LayerNormBasicLSTMCell")
