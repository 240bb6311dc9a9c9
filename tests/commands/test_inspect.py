"""`inspect`: tables, values, differences and damage, in checkpoints of ours and of others."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.commands_here import write_checkpoint
from helpers.processes import BOOK_SHAPES, Ended, copy_checkpoint, files_in, run, tensors, truncate

from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError
from lowlevel_cnn.commands import parser
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tensorflow_v1 import tf


def inspected(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    """What `inspect ... --json` prints."""
    parser.parse(["inspect", *map(str, words), "--json"]).run()
    return json.loads(capsys.readouterr().out)


def ended(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, list[str]]:
    """Exit code and lines of `inspect`."""
    code = parser.parse(["inspect", *map(str, words)]).run()
    return code, capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    "path", ["", "model.ckpt-60", "model.ckpt-60.index", "model.ckpt-60.meta", "model.ckpt-60.data-00000-of-00001"]
)
def test_a_run_directory_a_prefix_and_each_file_of_a_checkpoint_mean_the_same(
    path: str, uninterrupted: tuple[Path, Ended], capsys: pytest.CaptureFixture[str]
) -> None:
    found = inspected(capsys, uninterrupted[0] / path)
    assert found["checkpoint"] == str(uninterrupted[0] / "model.ckpt-60")
    assert found["steps"] == [1, 11, 21, 31, 41, 51, 60]
    assert (found["run"]["model"], found["run"]["seed"]) == ("book-lenet", 3)
    assert found["totals"] == {"variables": 17, "values": 2 * 1_663_370 + 1, "weights": 1_663_370}


def test_the_state_file_means_the_newest_checkpoint(
    uninterrupted: tuple[Path, Ended], capsys: pytest.CaptureFixture[str]
) -> None:
    found = inspected(capsys, uninterrupted[0] / "checkpoint")
    assert found["checkpoint"] == str(uninterrupted[0] / "model.ckpt-60")


def test_the_statistics_are_those_of_numpy(
    uninterrupted: tuple[Path, Ended], capsys: pytest.CaptureFixture[str]
) -> None:
    values = tensors(uninterrupted[0] / "model.ckpt-60")
    rows = {row["name"]: row for row in inspected(capsys, uninterrupted[0])["variables"]}
    assert list(rows) == sorted(values)
    for name, shape in BOOK_SHAPES.items():
        value, row = values[name].astype(np.float64), rows[name]
        average = values[f"{name}/ExponentialMovingAverage"]
        assert (row["shape"], row["dtype"], row["count"]) == (list(shape), "float32", value.size)
        found = [row[each] for each in ("minimum", "maximum", "mean", "stddev", "zeros", "average_distance")]
        off = np.linalg.norm(average - value) / np.linalg.norm(value)
        expected = [value.min(), value.max(), value.mean(), value.std(), (value == 0).mean(), off]
        assert found == pytest.approx(expected, rel=1e-9)


def test_the_table_has_a_line_for_each_variable_and_the_run_in_short(
    uninterrupted: tuple[Path, Ended], capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = ended(capsys, uninterrupted[0])
    assert code == 0
    assert lines[0].startswith(f"{uninterrupted[0] / 'model.ckpt-60'}, written 2")
    assert [line.split()[0] for line in lines[2:19]] == sorted(tensors(uninterrupted[0] / "model.ckpt-60"))
    assert lines[19] == "17 variables, 3,326,741 values, 1,663,370 of them weights with moving averages"
    assert lines[20] == "Checkpoints at steps: 1, 11, 21, 31, 41, 51, 60"
    assert lines[-1].startswith("Run: model book-lenet, dataset mnist, seed 3, batch_size 20")


def test_a_tensor_is_printed_whole_or_written_as_npy_which_is_never_overwritten(
    uninterrupted: tuple[Path, Ended], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = tensors(uninterrupted[0] / "model.ckpt-60")["layer6-fc2/weight"]
    words = (uninterrupted[0], "--tensor", "layer6-fc2/weight")
    _, lines = ended(capsys, *words)
    printed = np.array([float(word) for line in lines for word in line.replace("[", " ").replace("]", " ").split()])
    assert np.array_equal(printed.astype(np.float32).reshape(value.shape), value)

    path = tmp_path / "weight.npy"
    assert ended(capsys, *words, "--output", path)[0] == 0
    assert np.array_equal(np.load(path), value)
    with pytest.raises(InputError, match="already exists"):
        ended(capsys, *words, "--output", path)


def test_a_difference_names_what_was_added_removed_reshaped_and_changed_and_by_how_much(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "one", a=np.ones(3), b=np.zeros(2), c=np.array([3.0, 4.0]), d=np.ones(1))
    write(tmp_path / "two", a=np.ones(3), b=np.zeros(5), c=np.array([3.0, 4.5]), e=np.ones(1))
    found = inspected(capsys, tmp_path / "one-1", "--diff", tmp_path / "two-1")["differences"]
    kinds = {each["name"]: (each["kind"], each["largest"], each["distance"]) for each in found}
    assert kinds == {
        "a": ("same", None, None),
        "b": ("reshaped", None, None),
        "c": ("changed", 0.5, 0.1),
        "d": ("removed", None, None),
        "e": ("added", None, None),
    }
    _, lines = ended(capsys, tmp_path / "one-1", "--diff", tmp_path / "two-1")
    assert any("reshaped from [2] to [5]" in line for line in lines)
    assert lines[-1] == "1 of 5 variables are identical, bit for bit"


def test_values_that_are_not_finite_are_counted_and_left_out_of_the_statistics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "some", a=np.array([1.0, np.nan, -3.0, np.inf, 0.0]), b=np.array([np.nan]))
    a, b = inspected(capsys, tmp_path / "some-1")["variables"]
    assert (a["not_finite"], a["minimum"], a["maximum"], a["zeros"]) == (2, -3.0, 1.0, 0.2)
    assert (b["not_finite"], b["minimum"]) == (1, None)


def test_verify_reads_all_checkpoints_of_a_run_and_ends_with_1_where_one_is_damaged(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(capsys, finished, "--verify")[0] == 0
    truncate(finished / "model.ckpt-21")
    before = files_in(finished)
    code, lines = ended(capsys, finished, "--verify")
    assert code == 1
    bad = [line for line in lines if not line.endswith(": good")]
    assert len(lines) == 7 and len(bad) == 1
    assert bad[0].startswith(f"{finished / 'model.ckpt-21'}: damaged: ")
    assert ended(capsys, finished / "model.ckpt-31", "--verify")[0] == 0
    with pytest.raises(DamagedCheckpointError):
        ended(capsys, finished / "model.ckpt-21")
    assert files_in(finished) == before


def test_a_checkpoint_of_tensorflow_2_is_read_with_its_texts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import tensorflow

    weights = tensorflow.Variable([[1.0, 2.0]])
    prefix = tensorflow.train.Checkpoint(weights=weights).save(str(tmp_path / "ckpt"))
    rows = {row["name"]: row for row in inspected(capsys, prefix)["variables"]}
    assert rows["weights/.ATTRIBUTES/VARIABLE_VALUE"]["maximum"] == 2.0
    assert rows["_CHECKPOINTABLE_OBJECT_GRAPH"]["dtype"] == "string"
    assert ended(capsys, prefix)[0] == 0
    assert inspected(capsys, prefix, "--diff", prefix)["differences"][0]["kind"] == "same"


def test_what_is_no_checkpoint_is_one_line_on_the_command_line(
    tmp_path: Path, uninterrupted: tuple[Path, Ended]
) -> None:
    (tmp_path / "empty").mkdir()
    directory = uninterrupted[0]
    for words, said in (
        ((tmp_path / "nowhere",), "no such checkpoint"),
        ((tmp_path / "empty",), "contains no checkpoint"),
        ((directory, "--tensor", "layer9/weight"), "no such variable in"),
        ((directory, "--output", "x.npy"), "only applies to --tensor"),
        ((directory, "--tensor", "layer6-fc2/bias", "--output", "x.txt"), "ends in .npy"),
    ):
        # One of them as a user's is: what imports TensorFlow in vain.
        failed = run("inspect", *words, cwd=tmp_path, fresh="layer9/weight" in words)
        assert (failed.code, failed.out, len(failed.err)) == (2, [], 1), failed
        assert said in failed.err[0]


def test_the_newest_checkpoint_is_the_one_with_the_highest_step_whatever_the_clock_says(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_checkpoint(finished / "model.ckpt-60", finished / "model.ckpt-61")
    os.utime(finished / "model.ckpt-61.index", (0, 0))
    assert inspected(capsys, finished)["checkpoint"].endswith("model.ckpt-61")


def write(path: Path, **values: np.ndarray) -> None:
    """Writes a checkpoint of these variables, as `<path>-1`."""
    with tf.Graph().as_default(), tf.Session() as session:
        for name, value in values.items():
            tf.get_variable(name, initializer=value)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(path), global_step=1)


def test_a_tensor_is_found_by_the_name_that_tensorflow_1_prints_and_a_wrong_name_gets_the_closest_matches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["a", "b", "c", "d", "layer1-conv1/bias", "layer1-conv1/weight", "layer6-fc2/bias"]
    prefix = write_checkpoint(tmp_path / "some-1", {name: np.ones(1) for name in names})
    assert inspected(capsys, prefix, "--tensor", "layer1-conv1/bias:0")["name"] == "layer1-conv1/bias"
    for given, nearest in (
        ("layer1-conv1/biases", "did you mean layer1-conv1/bias, "),
        ("layer1_conv1/weight:0", "did you mean layer1-conv1/weight, "),
        ("bias", r"did you mean layer1-conv1/bias, layer6-fc2/bias\?$"),
        ("zzz", "choose one of a, b, c, d and 3 more$"),
    ):
        with pytest.raises(InputError, match=f"--tensor {given}: no such variable in .*some-1; {nearest}"):
            ended(capsys, prefix, "--tensor", given)


def test_whole_numbers_are_shown_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    count = 2**53 + 1
    values = {"global_step": np.array(123456789), "count": np.array([count]), "weight": np.array([-3.0, 0.123456])}
    prefix = write_checkpoint(tmp_path / "some-1", values)
    _, lines = ended(capsys, prefix)
    cells = {line.split()[0]: line.split() for line in lines}
    assert cells["global_step"][4:8] == ["123456789", "123456789", "123456789", "0"]
    assert cells["count"][4:6] == [str(count), str(count)]
    assert cells["weight"][4:6] == ["-3", "0.12346"]
    other = write_checkpoint(tmp_path / "other-1", {**values, "global_step": np.array(987654321)})
    _, lines = ended(capsys, prefix, "--diff", other)
    assert any("global_step" in line and " 864197532 " in line for line in lines)


def test_bfloat16_is_written_as_float32_and_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = np.array([1.5, -2.25, np.inf], tf.bfloat16.as_numpy_dtype)
    prefix = write_checkpoint(tmp_path / "some-1", {"half": values, "whole": np.arange(3)})
    _, lines = ended(capsys, prefix, "--tensor", "half", "--output", tmp_path / "half.npy")
    assert lines == [f"half: float32 [3] (bfloat16 in the checkpoint) written to {tmp_path / 'half.npy'}"]
    found = np.load(tmp_path / "half.npy")
    assert (found.dtype, found.tolist()) == (np.float32, [1.5, -2.25, np.inf])
    assert inspected(capsys, prefix, "--tensor", "half")["values"] == [1.5, -2.25, None]
    ended(capsys, prefix, "--tensor", "whole", "--output", tmp_path / "whole.npy")
    assert np.load(tmp_path / "whole.npy").dtype == np.int64


def test_texts_are_not_written_as_npy_and_nothing_is_left_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = write_checkpoint(tmp_path / "some-1", {"names": np.array([b"seven", b"eight"], object)})
    before = files_in(tmp_path)
    with pytest.raises(InputError, match=r"names\.npy: names holds strings"):
        ended(capsys, prefix, "--tensor", "names", "--output", tmp_path / "names.npy")
    with pytest.raises(InputError, match="there is no directory"):
        ended(capsys, prefix, "--tensor", "names", "--output", tmp_path / "nowhere" / "names.npy")
    assert files_in(tmp_path) == before
    assert "seven" in ended(capsys, prefix, "--tensor", "names")[1][0]


def test_on_a_full_disk_no_half_of_a_file_stays_and_the_line_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], full_disk: Callable[[], AbstractContextManager[None]]
) -> None:
    prefix = write_checkpoint(tmp_path / "some-1", {"weight": np.ones(100_000)})
    before = files_in(tmp_path)
    words = (prefix, "--tensor", "weight", "--output", tmp_path / "weight.npy")
    with full_disk(), pytest.raises(OSError) as raised:
        ended(capsys, *words)
    assert raised.value.filename == str(tmp_path / "weight.npy") and raised.value.strerror
    assert files_in(tmp_path) == before
    assert ended(capsys, *words)[0] == 0
