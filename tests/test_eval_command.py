"""`eval` as processes: beside a trainer, restarted, on damaged checkpoints, and on those of TensorFlow 1.x code."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import STEPS, TRAIN, Start
from made_data import made_images
from processes import (
    BOOK_SHAPES,
    Ended,
    copy_checkpoint,
    files_in,
    run,
    run_two_at_a_time,
    steps_in,
    tensors,
    truncate,
)

from lowlevel_cnn.tensorflow_v1 import tf

TEST_IMAGES = 620
EVAL = ("eval", "--interval-secs", "0.2")
AVERAGE = "/ExponentialMovingAverage"


def lines_for(steps: Sequence[int], ended: Ended, split: str = "validation") -> bool:
    """Whether the process printed the book's line for these steps, in this order, and nothing else."""
    starts = [f"After {step} training step(s), {split} accuracy = " for step in steps]
    return len(ended.out) == len(starts) and all(
        line.startswith(start) for line, start in zip(ended.out, starts, strict=True)
    )


def rows_in(directory: Path, split: str = "validation", weights: str = "average") -> list[dict[str, Any]]:
    lines = (directory / "eval" / split / "metrics.jsonl").read_text().splitlines()
    return [row for row in map(json.loads, lines) if row["weights"] == weights]


def raise_steps(directory: Path, steps: int) -> None:
    """Makes a finished run one that has still to reach `steps`."""
    record = json.loads((directory / "run.json").read_text())
    record["hyper_parameters"]["training_steps"] = steps
    (directory / "run.json").write_text(json.dumps(record))


def offline_score(prefix: Path, weights: str) -> tuple[float, float]:
    """Accuracy and loss on the test images, from a checkpoint's variables, without the package's graph."""
    images, labels = made_images(TEST_IMAGES, seed=1)
    found = tensors(prefix)
    value = {name: found[name + AVERAGE if weights == "average" else name] for name in BOOK_SHAPES}
    layer = images.astype(np.float32) / 255
    for name in ("layer1-conv1", "layer3-conv2"):
        convolved = tf.nn.conv2d(layer, value[f"{name}/weight"], 1, "SAME").numpy() + value[f"{name}/bias"]
        layer = tf.nn.max_pool2d(np.maximum(convolved, 0), 2, 2, "SAME").numpy()
    flat = layer.reshape(TEST_IMAGES, -1).astype(np.float64)
    hidden = np.maximum(flat @ value["layer5-fc1/weight"] + value["layer5-fc1/bias"], 0)
    logits = hidden @ value["layer6-fc2/weight"] + value["layer6-fc2/bias"]
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(TEST_IMAGES), labels]
    return float((logits.argmax(axis=1) == labels).mean()), float(losses.mean())


def test_an_evaluator_started_before_the_trainer_waits_and_scores_each_checkpoint_once_in_order(
    start: Start, tmp_path: Path, data: Path
) -> None:
    directory = tmp_path / "run"
    # It looks so seldom that the trainer is several checkpoints ahead.
    evaluator = start("eval", "--interval-secs", 4, "--data-dir", data, "--checkpoint-dir", directory)
    evaluator.wait_for(f"Waiting for a run in {directory}")
    trainer = run(*TRAIN, "--steps", 60, "--keep", 20, "--data-dir", data, "--checkpoint-dir", directory, cwd=tmp_path)
    evaluation = evaluator.ended()
    assert (trainer.code, evaluation.code) == (0, 0), evaluation
    assert lines_for(STEPS, evaluation), evaluation
    assert [row["step"] for row in rows_in(directory)] == STEPS


@dataclass(frozen=True)
class Evaluated:
    """A finished run that two evaluators, one for each kind of weights, went through at the same time."""

    directory: Path
    endings: list[Ended]


@pytest.fixture(scope="module")
def evaluated(uninterrupted: tuple[Path, Ended], data: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    directory = tmp_path_factory.mktemp("evaluated") / "run"
    shutil.copytree(uninterrupted[0], directory)
    words = (*EVAL, "--all", "--split", "test", "--data-dir", data, "--checkpoint-dir", directory)
    both = [(*words, "--weights", "average"), (*words, "--weights", "raw")]
    return Evaluated(directory, run_two_at_a_time(both, directory.parent))


def test_all_scores_the_checkpoints_already_there_in_the_order_of_steps(evaluated: Evaluated) -> None:
    for ended in evaluated.endings:
        assert ended.code == 0, ended
        assert lines_for(STEPS, ended, "test")


@pytest.mark.parametrize("weights", ["average", "raw"])
def test_a_row_equals_what_is_computed_from_the_checkpoint_offline(weights: str, evaluated: Evaluated) -> None:
    rows = rows_in(evaluated.directory, "test", weights)
    assert [row["step"] for row in rows] == STEPS
    for row in rows:
        accuracy, loss = offline_score(evaluated.directory / f"model.ckpt-{row['step']}", weights)
        assert row["accuracy"] == pytest.approx(accuracy, abs=1e-12)
        assert row["loss"] == pytest.approx(loss, rel=1e-5)
        assert row["images"] == TEST_IMAGES
        assert row["split"] == "test"


def test_a_restarted_evaluator_scores_only_what_has_no_row_yet(
    evaluated: Evaluated, tmp_path: Path, data: Path
) -> None:
    complete = Path(shutil.copytree(evaluated.directory, tmp_path / "complete"))
    stopped = Path(shutil.copytree(evaluated.directory, tmp_path / "stopped"))
    rows = [json.dumps(row) for row in rows_in(complete, "test")]
    (complete / "eval/test/metrics.jsonl").write_text("\n".join(rows) + "\n")
    (stopped / "eval/test/metrics.jsonl").write_text("\n".join(rows[:-2]) + "\n" + rows[-2][:40])
    words = (*EVAL, "--split", "test", "--data-dir", data, "--checkpoint-dir")
    again, went_on = run_two_at_a_time([(*words, complete, "--all"), (*words, stopped)], tmp_path)
    assert (again.code, went_on.code) == (0, 0)
    assert (complete / "eval/test/metrics.jsonl").read_text().splitlines() == rows
    assert lines_for(STEPS[-2:], went_on, "test"), went_on
    written = (stopped / "eval/test/metrics.jsonl").read_text().splitlines()
    assert written[: len(rows) - 2] == rows[:-2]
    assert [json.loads(line)["step"] for line in written[len(rows) - 1 :]] == STEPS[-2:]


def test_once_scores_the_newest_good_checkpoint_or_ends_with_1_where_there_is_none(
    evaluated: Evaluated, tmp_path: Path, data: Path
) -> None:
    some = Path(shutil.copytree(evaluated.directory, tmp_path / "some"))
    none = Path(shutil.copytree(evaluated.directory, tmp_path / "none"))
    truncate(some / "model.ckpt-60")
    for step in STEPS:
        truncate(none / f"model.ckpt-{step}")
    words = ("eval", "--once", "--split", "test", "--data-dir", data, "--checkpoint-dir")
    fell_back, failed = run_two_at_a_time([(*words, some), (*words, none)], tmp_path)
    assert fell_back.code == 0
    assert lines_for([51], fell_back, "test")
    assert len(fell_back.warnings) == 1 and "model.ckpt-60" in fell_back.warnings[0]
    assert failed.code == 1
    assert failed.out == []
    assert len(failed.warnings) == len(STEPS)
    assert failed.err[-1].startswith("error: ")


def test_without_a_new_checkpoint_the_evaluator_ends_after_timeout_secs(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    raise_steps(finished, 90)
    words = (*EVAL, "--timeout-secs", "0.5", "--data-dir", data, "--checkpoint-dir")
    nothing = run(*words, tmp_path / "nothing", cwd=tmp_path)
    assert nothing.code == 1
    assert nothing.err[-1].startswith("error: ") and str(tmp_path / "nothing") in nothing.err[-1]
    assert not (tmp_path / "nothing").exists()
    ended = run(*words, finished, cwd=tmp_path)
    assert ended.code == 0
    assert lines_for([60], ended)
    assert ended.err[-1] == f"Waiting for a checkpoint after step 60 in {finished}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_waiting_evaluator_at_once(
    number: signal.Signals, start: Start, tmp_path: Path, data: Path
) -> None:
    evaluator = start(*EVAL, "--data-dir", data, "--checkpoint-dir", tmp_path / "run")
    evaluator.wait_for("Waiting for a run")
    assert evaluator.signal(number, number) < 5
    ended = evaluator.ended()
    assert (ended.code, len(ended.err)) == (128 + number, 1)


def test_a_damaged_checkpoint_costs_the_evaluator_one_warning_and_it_goes_on_to_the_next(
    start: Start, finished: Path, tmp_path: Path, data: Path
) -> None:
    raise_steps(finished, 100)
    good = Path(shutil.copytree(finished, tmp_path / "good"))
    (finished / "model.ckpt-1.data-00000-of-00001").unlink()
    truncate(finished / "model.ckpt-11")
    (finished / "model.ckpt-21.index").write_bytes(b"garbage" * 100)
    (finished / "model.ckpt-31.index").write_bytes(b"")
    evaluator = start(*EVAL, "--all", "--data-dir", data, "--checkpoint-dir", finished)
    evaluator.wait_for("Waiting for a checkpoint after step 60")
    (finished / "model.ckpt-70.index").write_bytes((good / "model.ckpt-60.index").read_bytes())
    evaluator.wait_for("model.ckpt-70: ")
    for path in finished.glob("model.ckpt-70.*"):
        path.unlink()
    (finished / "checkpoint").write_bytes(b"\xff\x00 garbage")
    copy_checkpoint(good / "model.ckpt-60", finished / "model.ckpt-80")
    evaluator.wait_for("Waiting for a checkpoint after step 80")
    copy_checkpoint(good / "model.ckpt-60", finished / "model.ckpt-100")
    ended = evaluator.ended()
    assert ended.code == 0, ended
    assert lines_for([41, 51, 60, 80, 100], ended), ended
    assert "Traceback" not in "".join(ended.err)
    assert [line for line in ended.err if "Waiting" not in line] == [ended.err[0], *ended.warnings]
    for step, warning in zip([1, 11, 21, 31, 70], ended.warnings, strict=True):
        assert f"model.ckpt-{step}:" in warning


def test_a_damaged_checkpoint_that_is_written_again_is_scored_after_all(
    start: Start, finished: Path, tmp_path: Path, data: Path
) -> None:
    raise_steps(finished, 90)
    good = Path(shutil.copytree(finished, tmp_path / "good"))
    truncate(finished / "model.ckpt-60")
    evaluator = start(*EVAL, "--data-dir", data, "--checkpoint-dir", finished)
    evaluator.wait_for("model.ckpt-60: damaged")
    # As a trainer does that has gone on from the checkpoint before it.
    copy_checkpoint(good / "model.ckpt-60", finished / "model.ckpt-60")
    evaluator.wait_for("Waiting for a checkpoint after step 60")
    copy_checkpoint(good / "model.ckpt-60", finished / "model.ckpt-90")
    ended = evaluator.ended()
    assert ended.code == 0
    assert [row["step"] for row in rows_in(finished)][-2:] == [60, 90]


def write_as_the_book_does(
    directory: Path, name: str, step: int, *, averages: bool = True, layers: tuple[str, ...] = tuple(BOOK_SHAPES)
) -> Path:
    """A checkpoint as the book's code writes it on TensorFlow 1.x, in a directory that was moved since."""
    written = directory.with_name("path_to_model")
    written.mkdir(parents=True)
    with tf.Graph().as_default(), tf.Session() as session:
        global_step = tf.Variable(step, trainable=False)
        assert (global_step.op.name, global_step.dtype.base_dtype) == ("Variable", tf.int32)
        initializer = tf.truncated_normal_initializer(stddev=0.05, seed=7)
        for variable in layers:
            tf.get_variable(variable, BOOK_SHAPES[variable], initializer=initializer)
        if averages:
            variable_averages = tf.train.ExponentialMovingAverage(0.99, global_step)
            variable_averages.apply(tf.trainable_variables())
        session.run(tf.global_variables_initializer())
        for each in tf.trainable_variables() if averages else ():
            session.run(tf.assign(variable_averages.average(each), each * 1.5))
        tf.train.Saver().save(session, str(written / name), global_step=global_step)
    assert str(written) in (written / "checkpoint").read_text()
    return written.rename(directory)


@pytest.fixture(scope="module")
def book_directories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of directories without a `run.json`. Not to be changed."""
    folder = tmp_path_factory.mktemp("book")
    write_as_the_book_does(folder / "book", "model.ckpt", 1001)
    write_as_the_book_does(folder / "companion", "LeNet5_model", 1)
    write_as_the_book_does(folder / "raw", "model.ckpt", 1001, averages=False)
    write_as_the_book_does(folder / "other", "model.ckpt", 1001, layers=tuple(BOOK_SHAPES)[:4])
    return folder


@pytest.fixture(scope="module")
def book_evaluations(book_directories: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    folder = Path(shutil.copytree(book_directories, tmp_path_factory.mktemp("evaluated_book") / "book"))
    words = ("eval", "--model", "book-lenet", "--once", "--split", "test", "--data-dir", data, "--checkpoint-dir")
    commands: dict[str, tuple[object, ...]] = {
        name: (*words, folder / name) for name in ("book", "companion", "raw", "other")
    }
    commands["raw, asked for"] = (*words, folder / "raw", "--weights", "raw")
    return dict(zip(commands, run_two_at_a_time(commands.values(), folder), strict=True))


@pytest.mark.parametrize(
    ("directory", "prefix", "step"), [("book", "model.ckpt-1001", 1001), ("companion", "LeNet5_model-1", 1)]
)
def test_a_moved_directory_that_tensorflow_1_code_wrote_is_scored(
    directory: str, prefix: str, step: int, book_directories: Path, book_evaluations: dict[str, Ended]
) -> None:
    ended = book_evaluations[directory]
    assert ended.code == 0, ended
    assert lines_for([step], ended, "test")
    accuracy, _ = offline_score(book_directories / directory / prefix, "average")
    assert ended.out[0].endswith(f"accuracy = {accuracy:g}")


def test_a_checkpoint_without_averages_is_refused_with_the_offer_of_its_raw_weights_which_works(
    book_directories: Path, book_evaluations: dict[str, Ended]
) -> None:
    refused = book_evaluations["raw"]
    assert (refused.code, refused.out) == (2, [])
    assert "--weights raw" in refused.err[-1] and f"layer1-conv1/bias{AVERAGE}" in refused.err[-1]
    taken = book_evaluations["raw, asked for"]
    accuracy, _ = offline_score(book_directories / "raw" / "model.ckpt-1001", "raw")
    assert (taken.code, taken.out) == (0, [f"After 1001 training step(s), test accuracy = {accuracy:g}"])


def test_a_checkpoint_of_another_network_is_refused_with_what_is_missing_and_what_is_there(
    book_evaluations: dict[str, Ended],
) -> None:
    refused = book_evaluations["other"]
    assert (refused.code, refused.out) == (2, [])
    missing, there = refused.err[-1].split("; it holds ")
    assert f"layer5-fc1/bias{AVERAGE}" in missing
    assert "Variable" in there and "--weights raw" not in there
    assert len([line for line in refused.err if "not the published" not in line]) == 1


def test_a_directory_without_a_record_asks_for_the_model(book_directories: Path, tmp_path: Path, data: Path) -> None:
    ended = run("eval", "--data-dir", data, "--checkpoint-dir", book_directories / "book", cwd=tmp_path)
    assert ended.code == 2
    assert len(ended.err) == 1 and "--model" in ended.err[0]


def test_training_goes_on_from_the_checkpoint_of_tensorflow_1_code_and_leaves_it_there(
    book_directories: Path, tmp_path: Path, data: Path
) -> None:
    folder = Path(shutil.copytree(book_directories, tmp_path / "book"))
    words = ("train", "--batch-size", 20, "--save-every", 1, "--keep", 1, "--data-dir", data, "--checkpoint-dir")
    endings = run_two_at_a_time(
        [(*words, folder / "book", "--steps", 1003), (*words, folder / "companion", "--steps", 3)], folder
    )
    for name, first, last, ended in zip(("book", "companion"), (1001, 1), (1003, 3), endings, strict=True):
        assert ended.code == 0, ended
        assert f"from step {first} to {last}" in ended.out[0]
        before, after = files_in(book_directories / name), files_in(folder / name)
        assert {path: after[path] for path in before if path != "checkpoint"} == {
            path: content for path, content in before.items() if path != "checkpoint"
        }
        assert steps_in(folder / name) == ([1001, 1003] if name == "book" else [3])
        assert tensors(folder / name / f"model.ckpt-{last}")["global_step"] == last


def test_a_run_is_scored_on_another_data_set_when_asked_to_and_its_rows_stand_apart(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    words = ("eval", "--once", "--split", "test", "--dataset", "drawn-digits", "--checkpoint-dir", finished)
    ended = run(*words, cwd=tmp_path)
    assert ended.code == 0, ended
    assert "Scoring drawn-digits, on which the run was not trained" in ended.err
    assert (finished / "eval/drawn-digits-test/metrics.jsonl").exists()
    assert not (finished / "eval/test").exists()
