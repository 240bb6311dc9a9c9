"""An estimator with a model function in the style of the guide, on 16 rows: train, save, resume, evaluate, predict."""

from __future__ import annotations

import functools
import itertools
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.event_reading import shown

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import estimator as tf_estimator
from lowlevel_cnn.tf1.estimator import Estimator, EstimatorSpec, ModeKeys, RunConfig

ROWS, CLASSES, RATE = 16, 3, 0.1
X = np.random.RandomState(1).normal(size=(ROWS, 4)).astype(np.float32)
Y = (np.arange(ROWS) % CLASSES).astype(np.int32)
IN_ORDER = tf_estimator.inputs.numpy_input_fn({"x": X}, Y, batch_size=ROWS, num_epochs=None, shuffle=False)
ONCE = tf_estimator.inputs.numpy_input_fn({"x": X}, Y, batch_size=5, num_epochs=1, shuffle=False)


def model_fn(features: Any, labels: Any, mode: str) -> EstimatorSpec:
    """Softmax regression, from zeros, so that NumPy can follow it."""
    weights = tf.get_variable("weights", [4, CLASSES], initializer=tf.zeros_initializer())
    logits = tf.matmul(features["x"], weights)
    predictions = {
        "classes": tf.argmax(input=logits, axis=1),
        "probabilities": tf.nn.softmax(logits, name="softmax_tensor"),
    }
    if mode == tf_estimator.ModeKeys.PREDICT:
        return EstimatorSpec(mode=mode, predictions=predictions)
    loss = tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=logits)
    if mode == tf_estimator.ModeKeys.TRAIN:
        optimizer = tf.train.GradientDescentOptimizer(learning_rate=RATE)
        train_op = optimizer.minimize(loss=loss, global_step=tf.train.get_global_step())
        return EstimatorSpec(mode=mode, loss=loss, train_op=train_op)
    metrics = {"accuracy": tf.metrics.accuracy(labels=labels, predictions=predictions["classes"])}
    return EstimatorSpec(mode=mode, loss=loss, eval_metric_ops=metrics)


def softmax(logits: Any) -> Any:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def trained_by_numpy(steps: int) -> Any:
    """The weights after steps of gradient descent on all rows."""
    weights = np.zeros([4, CLASSES])
    for _ in range(steps):
        weights -= RATE * X.T @ (softmax(X @ weights) - np.eye(CLASSES)[Y]) / ROWS
    return weights


def losses_by_numpy(weights: Any) -> Any:
    return -np.log(softmax(X @ weights)[np.arange(ROWS), Y])


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is logged at the level that the scripts set, also where other tests have TensorFlow print by itself."""
    logger = logging.getLogger("tensorflow")
    before = logger.level, logger.propagate
    tf.logging.set_verbosity(tf.logging.INFO)
    logger.propagate = True
    yield caplog
    logger.setLevel(before[0])
    logger.propagate = before[1]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Estimator:
    """Trained 10 steps. Not to be trained on."""
    made = Estimator(model_fn, str(tmp_path_factory.mktemp("trained")), RunConfig(save_checkpoints_steps=4))
    return made.train(IN_ORDER, steps=10)


def test_training_is_gradient_descent(trained: Estimator) -> None:
    np.testing.assert_allclose(trained.get_variable_value("weights"), trained_by_numpy(10), rtol=1e-5, atol=1e-6)
    assert trained.get_variable_value("global_step") == 10


def test_checkpoints_are_those_of_the_first_step_the_interval_and_the_end(trained: Estimator) -> None:
    state = tf.train.get_checkpoint_state(trained.model_dir)
    names = [Path(path).name for path in state.all_model_checkpoint_paths]
    assert names == ["model.ckpt-1", "model.ckpt-5", "model.ckpt-9", "model.ckpt-10"]
    assert trained.latest_checkpoint() == str(Path(trained.model_dir) / "model.ckpt-10")
    assert (Path(trained.model_dir) / "graph.pbtxt").exists()
    assert trained.get_variable_names() == ["global_step", "weights"]


def test_a_moved_model_directory_has_its_checkpoints(tmp_path: Path) -> None:
    Estimator(model_fn, str(tmp_path / "here")).train(IN_ORDER, steps=1)
    moved = (tmp_path / "here").rename(tmp_path / "there")
    assert Estimator(model_fn, str(moved)).latest_checkpoint() == str(moved / "model.ckpt-1")


def test_the_loss_is_summarized_and_so_are_steps_per_second(tmp_path: Path) -> None:
    config = RunConfig(save_summary_steps=2, log_step_count_steps=2)
    Estimator(model_fn, str(tmp_path), config).train(IN_ORDER, steps=4)
    found = shown(tmp_path)
    expected = {step: losses_by_numpy(trained_by_numpy(step - 1)).mean() for step in (1, 3)}
    assert found.scalars("loss") == pytest.approx(expected, rel=1e-5)
    assert found.steps("global_step/sec") == [3]


def test_training_goes_on_from_the_newest_checkpoint(tmp_path: Path) -> None:
    Estimator(model_fn, str(tmp_path)).train(IN_ORDER, steps=3)
    resumed = Estimator(model_fn, str(tmp_path)).train(IN_ORDER, steps=4)
    np.testing.assert_allclose(resumed.get_variable_value("weights"), trained_by_numpy(7), rtol=1e-5, atol=1e-6)


def test_max_steps_is_a_step_that_is_reached_once(tmp_path: Path, lines: pytest.LogCaptureFixture) -> None:
    made = Estimator(model_fn, str(tmp_path))
    made.train(IN_ORDER, max_steps=3).train(IN_ORDER, max_steps=5).train(IN_ORDER, max_steps=5)
    assert made.get_variable_value("global_step") == 5
    assert lines.messages[-1] == "Skipping training since max_steps has already saved."


def test_training_ends_with_its_inputs(tmp_path: Path) -> None:
    made = Estimator(model_fn, str(tmp_path)).train(ONCE)
    assert made.get_variable_value("global_step") == 4


def test_an_input_without_rows_trains_nothing_and_says_so(tmp_path: Path, lines: pytest.LogCaptureFixture) -> None:
    nothing = tf_estimator.inputs.numpy_input_fn({"x": X[:0]}, Y[:0], shuffle=False)
    Estimator(model_fn, str(tmp_path)).train(nothing, steps=5)
    assert "Training with estimator made no steps. Perhaps input is empty or misspecified." in lines.messages


def test_evaluation_is_what_numpy_says(trained: Estimator) -> None:
    weights = trained_by_numpy(10)
    found = trained.evaluate(ONCE)
    batches = [losses_by_numpy(weights)[start : start + 5].mean() for start in range(0, ROWS, 5)]
    accuracy = ((X @ weights).argmax(1) == Y).mean()
    assert found == {
        "accuracy": pytest.approx(accuracy),
        "loss": pytest.approx(np.mean(batches), rel=1e-5),
        "global_step": 10,
    }
    assert shown(Path(trained.model_dir) / "eval").scalars("accuracy") == {10: pytest.approx(accuracy)}


def test_evaluation_of_some_batches_of_an_older_checkpoint_has_a_directory_of_its_name(trained: Estimator) -> None:
    checkpoint = str(Path(trained.model_dir) / "model.ckpt-5")
    found = trained.evaluate(ONCE, steps=2, checkpoint_path=checkpoint, name="old")
    losses = losses_by_numpy(trained_by_numpy(5))[:10]
    assert (found["global_step"], found["loss"]) == (5, pytest.approx(losses.mean(), rel=1e-5))
    assert shown(Path(trained.model_dir) / "eval_old").steps("loss") == [5]


def test_an_evaluation_before_any_training_is_of_the_initial_variables(tmp_path: Path) -> None:
    found = Estimator(model_fn, str(tmp_path)).evaluate(ONCE)
    assert (found["global_step"], found["loss"]) == (0, pytest.approx(np.log(CLASSES)))


def test_predictions_come_one_example_after_the_other(trained: Estimator) -> None:
    found = list(trained.predict(tf_estimator.inputs.numpy_input_fn({"x": X}, batch_size=5, shuffle=False)))
    logits = X @ trained_by_numpy(10)
    assert [each["classes"] for each in found] == list(logits.argmax(1))
    np.testing.assert_allclose([each["probabilities"] for each in found], softmax(logits), rtol=1e-4)


def test_predictions_come_as_batches_of_the_names_that_are_asked_for(trained: Estimator) -> None:
    found = list(trained.predict(ONCE, predict_keys="classes", yield_single_examples=False))
    assert [list(each) for each in found] == [["classes"]] * 4
    assert [len(each["classes"]) for each in found] == [5, 5, 5, 1]


def test_between_two_predictions_the_default_graph_is_the_callers(trained: Estimator) -> None:
    with tf.Graph().as_default() as graph:
        for _ in itertools.islice(trained.predict(ONCE), 2):
            assert tf.get_default_graph() is graph
            assert trained.evaluate(ONCE)["global_step"] == 10


def test_predictions_of_an_unknown_name_are_an_error(trained: Estimator) -> None:
    with pytest.raises(ValueError, match="at least one output from \\['classes', 'probabilities'\\]"):
        next(trained.predict(ONCE, predict_keys=["nothing"]))


def by_data_set() -> Any:
    return tf.data.Dataset.from_tensor_slices(({"x": X}, Y)).repeat().batch(ROWS)


def by_iterator() -> Any:
    return tf.data.make_one_shot_iterator(by_data_set()).get_next()


def by_tensors() -> Any:
    return {"x": tf.constant(X)}, tf.constant(Y)


def by_queue() -> Any:
    row, label = tf.train.slice_input_producer([tf.constant(X), tf.constant(Y)], shuffle=False)
    rows, labels = tf.train.batch([row, label], ROWS)
    return {"x": rows}, labels


@pytest.mark.parametrize("input_fn", [by_data_set, by_iterator, by_tensors, by_queue])
def test_inputs_are_a_data_set_or_tensors(input_fn: Any, tmp_path: Path) -> None:
    made = Estimator(model_fn, str(tmp_path)).train(input_fn, steps=2)
    np.testing.assert_allclose(made.get_variable_value("weights"), trained_by_numpy(2), rtol=1e-5, atol=1e-6)


def test_functions_are_called_with_the_arguments_that_they_name(tmp_path: Path) -> None:
    called: list[Any] = []

    def input_fn(params: Any, mode: str, greeting: str) -> Any:
        called.append((params, mode, greeting))
        return by_tensors()

    def asking(features: Any, labels: Any, mode: str, params: Any, config: RunConfig) -> EstimatorSpec:
        called.append((params["depth"], config.model_dir))
        return model_fn(features, labels, mode)

    made = Estimator(asking, str(tmp_path), params={"depth": 3})
    made.train(functools.partial(input_fn, greeting="hello"), steps=1)
    assert called == [({"depth": 3}, ModeKeys.TRAIN, "hello"), (3, str(tmp_path))]


def test_the_lines_of_a_training_are_those_of_the_old_pages(tmp_path: Path, lines: pytest.LogCaptureFixture) -> None:
    hook = tf_estimator.LoggingTensorHook({"probabilities": "softmax_tensor"}, every_n_iter=50, at_end=False)
    made = Estimator(model_fn, str(tmp_path))
    made.train(IN_ORDER, hooks=[hook], steps=101)
    path = re.escape(str(tmp_path / "model.ckpt"))
    expected = [
        "Using default config\\.",
        "Using config: {'_model_dir': '.*', '_tf_random_seed': None, '_save_summary_steps': 100, .*}",
        "Calling model_fn\\.",
        "Done calling model_fn\\.",
        "Create CheckpointSaverHook\\.",
        f"Saving checkpoints for 1 into {path}\\.",
        "loss = 1\\.098\\d+, step = 1",
        "global_step/sec: [\\d.]+",
        "loss = 0\\.\\d+, step = 101 \\([\\d.]+ sec\\)",
        f"Saving checkpoints for 101 into {path}\\.",
        "Loss for final step: 0\\.\\d+\\.",
    ]
    rest = iter(lines.messages)
    for pattern in expected:
        assert any(re.fullmatch(pattern, line) for line in rest), (pattern, lines.messages)


def test_the_lines_of_an_evaluation_are_those_of_the_old_pages(
    trained: Estimator, lines: pytest.LogCaptureFixture
) -> None:
    found = trained.evaluate(ONCE, steps=2)
    expected = [
        "Starting evaluation at \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d",
        "Restoring parameters from .*model\\.ckpt-10",
        "Evaluation \\[1/2\\]",
        "Evaluation \\[2/2\\]",
        "Finished evaluation at .*",
        f"Saving dict for global step 10: accuracy = {found['accuracy']!s}, global_step = 10, loss = {found['loss']!s}",
    ]
    rest = iter(lines.messages)
    for pattern in expected:
        assert any(re.fullmatch(pattern, line) for line in rest), (pattern, lines.messages)


def test_a_loss_that_is_no_number_ends_the_training(tmp_path: Path) -> None:
    def diverging(features: Any, labels: Any, mode: str) -> EstimatorSpec:
        step = tf.assign_add(tf.train.get_global_step(), 1)
        return EstimatorSpec(mode, loss=tf.constant(float("nan")), train_op=step)

    with pytest.raises(tf_estimator.NanLossDuringTrainingError):
        Estimator(diverging, str(tmp_path)).train(by_tensors, steps=3)


def test_a_seed_makes_the_same_variables_again(tmp_path: Path) -> None:
    def random(features: Any, labels: Any, mode: str) -> EstimatorSpec:
        value = tf.get_variable("value", [3], initializer=tf.random_normal_initializer())
        return EstimatorSpec(mode, loss=tf.reduce_sum(value), train_op=tf.assign_add(tf.train.get_global_step(), 1))

    def initial(name: str, seed: int) -> Any:
        made = Estimator(random, str(tmp_path / name), RunConfig(tf_random_seed=seed))
        return made.train(by_tensors, steps=1).get_variable_value("value").tolist()

    first = initial("first", 7)
    assert initial("again", 7) == first
    assert initial("other", 8) != first


def test_a_warm_start_takes_the_values_of_another_model_once(trained: Estimator, tmp_path: Path) -> None:
    settings = tf_estimator.WarmStartSettings(trained.model_dir, vars_to_warm_start="weights")
    made = Estimator(model_fn, str(tmp_path), warm_start_from=settings).train(IN_ORDER, steps=1)
    np.testing.assert_allclose(made.get_variable_value("weights"), trained_by_numpy(11), rtol=1e-5, atol=1e-6)
    made.train(IN_ORDER, steps=1)
    np.testing.assert_allclose(made.get_variable_value("weights"), trained_by_numpy(12), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "intervals"),
    [
        ({}, (None, 600)),
        ({"save_checkpoints_steps": 50}, (50, None)),
        ({"save_checkpoints_secs": 20}, (None, 20)),
        ({"save_checkpoints_secs": None}, (None, None)),
    ],
)
def test_checkpoints_come_at_one_interval(settings: dict[str, Any], intervals: tuple[Any, Any]) -> None:
    config = RunConfig(**settings)
    assert (config.save_checkpoints_steps, config.save_checkpoints_secs) == intervals
    assert config.replace(model_dir="here").save_checkpoints_secs == intervals[1]
    assert config.replace(save_checkpoints_steps=7).save_checkpoints_secs is None


def test_several_tasks_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TF_CONFIG", '{"cluster": {"ps": ["a:1"], "worker": ["b:1"]}}')
    with pytest.raises(InputError, match="unset TF_CONFIG"):
        RunConfig()


def test_wrong_calls_are_refused(tmp_path: Path) -> None:
    made = Estimator(model_fn, str(tmp_path))
    with pytest.raises(ValueError, match="both steps and max_steps"):
        made.train(ONCE, steps=1, max_steps=1)
    with pytest.raises(ValueError, match="Must specify steps > 0"):
        made.evaluate(ONCE, steps=0)
    with pytest.raises(ValueError, match="no checkpoint"):
        made.get_variable_names()
    with pytest.raises(ValueError, match="does not include params"):
        Estimator(model_fn, str(tmp_path), params={"depth": 1})
    with pytest.raises(ValueError, match="both save_checkpoints_steps"):
        RunConfig(save_checkpoints_steps=1, save_checkpoints_secs=1)
    with pytest.raises(ValueError, match="model_dir are set both"):
        Estimator(model_fn, str(tmp_path), RunConfig(model_dir="elsewhere"))


def test_a_strategy_for_one_replica_changes_nothing_and_one_for_several_is_refused() -> None:
    class Strategy:
        num_replicas_in_sync = 1

    assert RunConfig(train_distribute=Strategy()).train_distribute.num_replicas_in_sync == 1
    Strategy.num_replicas_in_sync = 2
    with pytest.raises(InputError, match="several replicas"):
        RunConfig(train_distribute=Strategy())
    with pytest.raises(InputError, match="several replicas"):
        RunConfig(eval_distribute=Strategy())
