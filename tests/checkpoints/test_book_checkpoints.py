"""Checkpoints that the book's code wrote on TensorFlow 1.x: evaluated, refused with a reason, trained further."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from helpers.book_checkpoints import write_as_the_book_does
from helpers.evaluations import AVERAGE, lines_for, offline_score
from helpers.made_data import write_mnist
from helpers.processes import BOOK_SHAPES, Ended, files_in, results, run, run_two_at_a_time, steps_in, tensors

from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.commands import parser
from lowlevel_cnn.tensorflow_v1 import tf


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


def test_evaluation_needs_no_more_training_images_than_there_are(
    book_directories: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = shutil.copytree(book_directories / "book", tmp_path / "book")
    small = write_mnist(tmp_path / "data", count_train=60, count_test=12)
    given = ["--checkpoint-dir", str(directory), "--model", "book-lenet", "--data-dir", str(small)]
    for command in (["eval", "--once"], ["predict", "--split", "test"]):
        assert parser.parse([*command, *given]).run() == 0
    scored, *predicted = results(capsys.readouterr().out.splitlines())
    assert scored.startswith("After 1001 training step(s), validation accuracy = ")
    assert len(predicted) == 12


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
    missing, there = refused.err[-1].split("; it contains ")
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


def test_only_the_checkpoint_name_in_a_state_file_from_another_machine_counts(
    book_directories: Path, tmp_path: Path
) -> None:
    directory = Path(shutil.copytree(book_directories / "companion", tmp_path / "run"))
    (directory / "other-7.index").write_bytes(b"of another network")
    (directory / "checkpoint").write_text('model_checkpoint_path: "C:\\\\models\\\\LeNet5_model-1"\n')
    assert [each.prefix.name for each in listing.listed(directory)] == ["LeNet5_model-1"]


def test_a_checkpoint_in_tensorflow_s_first_format_is_inspected_by_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("weight", [2, 3])
        session.run(tf.global_variables_initializer())
        tf.train.Saver(write_version=tf.train.SaverDef.V1).save(session, str(tmp_path / "model.ckpt"), global_step=5)
    assert not (tmp_path / "model.ckpt-5.index").exists()
    assert parser.parse(["inspect", str(tmp_path / "model.ckpt-5")]).run() == 0
    assert "2x3" in capsys.readouterr().out
    assert listing.listed(tmp_path) == []
