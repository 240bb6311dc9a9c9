"""What an estimator exports, loaded again by TensorFlow 2; the checks of a specification; training with evaluations."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import estimator as tf_estimator
from lowlevel_cnn.tf1.estimator import Estimator, EstimatorSpec, EvalSpec, ModeKeys, RunConfig, TrainSpec
from lowlevel_cnn.tf1.estimator.export import (
    ClassificationOutput,
    PredictOutput,
    ServingInputReceiver,
    build_parsing_serving_input_receiver_fn,
    build_raw_serving_input_receiver_fn,
)

X = np.arange(48, dtype=np.float32).reshape(16, 3)
Y = X.sum(1, keepdims=True)
INPUTS = tf_estimator.inputs.numpy_input_fn({"x": X}, Y, batch_size=16, num_epochs=None, shuffle=False)
ONCE = tf_estimator.inputs.numpy_input_fn({"x": X}, Y, batch_size=16, shuffle=False)


def model_fn(features: Any, labels: Any, mode: str, params: Any) -> EstimatorSpec:
    """A sum with a bias that counts the steps."""
    count = tf.get_variable("count", [], initializer=tf.zeros_initializer())
    total = tf.reduce_sum(features["x"], 1, keepdims=True) + count
    if mode == ModeKeys.PREDICT:
        outputs = {name: made(total) for name, made in params["outputs"].items()} or None
        return EstimatorSpec(mode, predictions={"total": total}, export_outputs=outputs)
    loss = tf.reduce_mean(tf.abs(total - labels))
    train_op = tf.group(tf.assign_add(count, 1), tf.assign_add(tf.train.get_global_step(), 1))
    return EstimatorSpec(mode, loss=loss, train_op=train_op)


def made(directory: Path, config: RunConfig | None = None, **outputs: Any) -> Estimator:
    return Estimator(model_fn, str(directory), config, params={"outputs": outputs})


def loaded(path: bytes) -> Any:
    """The signatures of a SavedModel, callable, as TensorFlow 2 loads them."""
    return importlib.import_module("tensorflow").saved_model.load(os.fsdecode(path)).signatures


def test_an_exported_model_is_loaded_by_tensorflow_2(tmp_path: Path) -> None:
    def serving_input_receiver_fn() -> ServingInputReceiver:
        images = tf.placeholder(tf.float32, [None, 3])
        return ServingInputReceiver({"x": images * 2.0}, {"images": images})

    trained = made(tmp_path / "model", total=lambda total: PredictOutput({"sum": total})).train(INPUTS, steps=5)
    path = trained.export_savedmodel(str(tmp_path / "export"), serving_input_receiver_fn)
    again = trained.export_saved_model(str(tmp_path / "export"), serving_input_receiver_fn)
    assert int(Path(os.fsdecode(path)).name) < int(Path(os.fsdecode(again)).name)
    signatures = loaded(path)
    assert set(signatures) == {"serving_default", "total"}
    images = importlib.import_module("tensorflow").constant(X)
    np.testing.assert_allclose(signatures["serving_default"](images=images)["sum"], 2 * Y + 5)


def test_predictions_are_the_signature_where_the_model_names_none(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        receiver_fn = build_raw_serving_input_receiver_fn({"x": tf.constant(X)})
    path = made(tmp_path / "model").train(INPUTS, steps=1).export_saved_model(str(tmp_path / "export"), receiver_fn)
    [signature] = loaded(path).values()
    found = signature(x=importlib.import_module("tensorflow").constant(X[:2]))
    np.testing.assert_allclose(found["total"], Y[:2] + 1)


def test_serialized_examples_are_parsed(tmp_path: Path) -> None:
    def example(row: Any) -> bytes:
        feature = tf.train.Feature(float_list=tf.train.FloatList(value=row))
        written: bytes = tf.train.Example(features=tf.train.Features(feature={"x": feature})).SerializeToString()
        return written

    outputs: dict[str, Any] = {
        "serving_default": lambda total: ClassificationOutput(scores=total),
        "predict": lambda total: PredictOutput(total),
    }
    trained = made(tmp_path / "model", **outputs).train(INPUTS, steps=2)
    parsing = build_parsing_serving_input_receiver_fn({"x": tf.FixedLenFeature([3], tf.float32)})
    signatures = loaded(trained.export_saved_model(str(tmp_path / "export"), parsing))
    examples = importlib.import_module("tensorflow").constant([example(row) for row in X])
    np.testing.assert_allclose(signatures["serving_default"](inputs=examples)["scores"], Y + 2)
    np.testing.assert_allclose(signatures["predict"](examples=examples)["output"], Y + 2)


def test_a_signature_that_does_not_suit_the_placeholders_is_left_out(tmp_path: Path) -> None:
    outputs: dict[str, Any] = {
        "serving_default": lambda total: PredictOutput(total),
        "classify": lambda total: ClassificationOutput(scores=total),
    }
    with tf.Graph().as_default():
        receiver_fn = build_raw_serving_input_receiver_fn({"x": tf.constant(X)})
    trained = made(tmp_path / "model", **outputs).train(INPUTS, steps=1)
    assert set(loaded(trained.export_saved_model(str(tmp_path / "export"), receiver_fn))) == {"serving_default"}


def test_files_are_copied_beside_an_exported_model(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("zero\none\n")
    with tf.Graph().as_default():
        receiver_fn = build_raw_serving_input_receiver_fn({"x": tf.constant(X)})
    trained = made(tmp_path / "model").train(INPUTS, steps=1)
    extra = {"words/names.txt": str(tmp_path / "names.txt")}
    path = trained.export_savedmodel(str(tmp_path / "export"), receiver_fn, assets_extra=extra, as_text=True)
    folder = Path(os.fsdecode(path))
    assert (folder / "assets.extra/words/names.txt").read_text() == "zero\none\n"
    assert (folder / "saved_model.pbtxt").exists()
    assert [each.name for each in folder.parent.iterdir()] == [folder.name]


def test_a_model_without_a_checkpoint_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Couldn't find trained model"):
        made(tmp_path).export_savedmodel(str(tmp_path / "export"), lambda: None)
    assert not (tmp_path / "export").exists()


def test_training_is_evaluated_at_its_checkpoints_and_at_its_end(tmp_path: Path) -> None:
    trained = made(tmp_path, RunConfig(save_checkpoints_steps=2))
    found, exports = tf_estimator.train_and_evaluate(
        trained, TrainSpec(INPUTS, max_steps=6), EvalSpec(ONCE, steps=None, throttle_secs=0)
    )
    assert (found, exports) == ({"loss": 6.0, "global_step": 6}, [])
    [events] = (tmp_path / "eval").glob("*tfevents*")
    losses = {
        event.step: value.simple_value
        for event in tf.train.summary_iterator(str(events))
        for value in event.summary.value
        if value.tag == "loss"
    }
    assert losses == {1: 1.0, 3: 3.0, 5: 5.0, 6: 6.0}


def test_a_throttle_leaves_the_evaluation_at_the_end(tmp_path: Path) -> None:
    called: list[str] = []

    def inputs(mode: str) -> Any:
        called.append(mode)
        return INPUTS()

    trained = made(tmp_path, RunConfig(save_checkpoints_steps=1))
    train_spec, eval_spec = TrainSpec(inputs, max_steps=3), EvalSpec(inputs, steps=1, name="late")
    assert tf_estimator.train_and_evaluate(trained, train_spec, eval_spec)[0] == {"loss": 3.0, "global_step": 3}
    assert called == [ModeKeys.TRAIN, ModeKeys.EVAL]
    assert tf_estimator.train_and_evaluate(trained, train_spec, eval_spec) == (None, [])


def test_the_latest_checkpoints_are_exported_and_the_final_one(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        receiver_fn = build_raw_serving_input_receiver_fn({"x": tf.constant(X)})
    exporters = [
        tf_estimator.LatestExporter("latest", receiver_fn, exports_to_keep=2),
        tf_estimator.FinalExporter("final", receiver_fn),
    ]
    trained = made(tmp_path, RunConfig(save_checkpoints_steps=2))
    eval_spec = EvalSpec(ONCE, exporters=exporters, throttle_secs=0)
    _, exports = tf_estimator.train_and_evaluate(trained, TrainSpec(INPUTS, max_steps=6), eval_spec)
    [final] = (tmp_path / "export/final").iterdir()
    latest = sorted((tmp_path / "export/latest").iterdir(), key=lambda each: int(each.name))
    assert len(latest) == 2
    assert exports == [os.fsencode(latest[-1]), os.fsencode(final)]
    found = loaded(os.fsencode(final))["serving_default"](x=importlib.import_module("tensorflow").constant(X))
    np.testing.assert_allclose(found["total"], Y + 6)


def test_a_listener_is_told_of_every_checkpoint_and_can_end_the_training(tmp_path: Path) -> None:
    told: list[Any] = []

    class Listener(tf_estimator.CheckpointSaverListener):  # type: ignore[misc]
        def begin(self) -> None:
            told.append("begin")

        def before_save(self, session: Any, step: int) -> None:
            told.append(("before", step))

        def after_save(self, session: Any, step: int) -> bool:
            told.append(("after", step))
            return step == 3

        def end(self, session: Any, step: int) -> None:
            told.append(("end", step))

    made(tmp_path, RunConfig(save_checkpoints_steps=2)).train(INPUTS, steps=9, saving_listeners=[Listener()])
    assert told == ["begin", ("before", 1), ("after", 1), ("before", 3), ("after", 3), ("end", 3)]


@pytest.mark.parametrize(
    ("make", "error", "line"),
    [
        (lambda one: EstimatorSpec("testing", one), ValueError, "mode must be one of"),
        (lambda one: EstimatorSpec(ModeKeys.TRAIN, loss=one), ValueError, "Missing train_op"),
        (lambda one: EstimatorSpec(ModeKeys.TRAIN, train_op=one), ValueError, "Missing loss"),
        (lambda one: EstimatorSpec(ModeKeys.EVAL, one), ValueError, "Missing loss"),
        (lambda one: EstimatorSpec(ModeKeys.PREDICT), ValueError, "Missing predictions"),
        (lambda one: EstimatorSpec(ModeKeys.PREDICT, {"a": 1.0}), TypeError, "must be Tensor"),
        (lambda one: EstimatorSpec(ModeKeys.EVAL, loss=tf.zeros([2])), ValueError, "Loss must be scalar"),
        (lambda one: EstimatorSpec(ModeKeys.EVAL, loss=one, eval_metric_ops={"a": one}), TypeError, "pairs"),
        (lambda one: EstimatorSpec(ModeKeys.EVAL, loss=one, evaluation_hooks=[1]), TypeError, "SessionRunHook"),
        (lambda one: EstimatorSpec(ModeKeys.PREDICT, one, export_outputs={"a": one}), TypeError, "ExportOutput"),
        (
            lambda one: EstimatorSpec(
                ModeKeys.PREDICT, one, export_outputs={"a": PredictOutput(one), "b": PredictOutput(one)}
            ),
            ValueError,
            "none of them is named 'serving_default'",
        ),
    ],
)
def test_a_specification_without_what_its_mode_needs_is_refused(make: Any, error: type[Exception], line: str) -> None:
    with tf.Graph().as_default(), pytest.raises(error, match=line):
        make(tf.constant(1.0))


def test_a_tensor_of_another_graph_is_refused() -> None:
    with tf.Graph().as_default():
        foreign = tf.constant(1.0)
    with tf.Graph().as_default(), pytest.raises(ValueError, match="must be from the default graph"):
        EstimatorSpec(ModeKeys.PREDICT, foreign)


def test_a_loss_of_one_number_becomes_a_scalar() -> None:
    with tf.Graph().as_default():
        assert EstimatorSpec(ModeKeys.EVAL, loss=tf.zeros([1, 1])).loss.shape == []


def test_tensorflow_is_imported_when_it_is_first_used() -> None:
    line = "import lowlevel_cnn.tf1.estimator, sys; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", line], capture_output=True, text=True).stdout == "False\n"


def test_every_public_name_is_there() -> None:
    for name in tf_estimator.__all__:
        assert getattr(tf_estimator, name)
    with pytest.raises(AttributeError, match=r"tf\.estimator\.BoostedTreesClassifier is gone"):
        _ = tf_estimator.BoostedTreesClassifier
