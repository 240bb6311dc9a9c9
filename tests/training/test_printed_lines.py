"""What is printed: each source's own lines, of a training, of an evaluation, and of the data that were read."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import write_cifar10, write_mnist
from helpers.processes import same_bits
from helpers.small_training import small_words, train_small

from lowlevel_cnn import datasets, models
from lowlevel_cnn.__main__ import main
from lowlevel_cnn.commands import parser
from lowlevel_cnn.commands.command_line import command_line
from lowlevel_cnn.datasets.printed_lines import print_files_read
from lowlevel_cnn.evaluation.printed_lines import EvaluationLines
from lowlevel_cnn.runs import metrics
from lowlevel_cnn.runs.metrics import Row
from lowlevel_cnn.training.epoch_lines import KerasLines, MasteringLines
from lowlevel_cnn.training.printed_lines import BookLines, EstimatorLines
from lowlevel_cnn.training.training_lines import Step, TrainingLines

STYLES: list[TrainingLines] = [BookLines(), EstimatorLines(), MasteringLines(10), KerasLines(100, 10, 20)]
NO_LABELS = np.zeros(1, np.int64)


def step(done: int, loss: float = 1.0, before: int | None = None) -> Step:
    return Step(done - 1 if before is None else before, done, loss, NO_LABELS)


def said(lines: TrainingLines, steps: list[Step], saved: tuple[int, ...] = ()) -> list[str]:
    return [line for each in steps for line in lines.after_step(each, saved=each.done in saved)]


def row(step: int, split: str = "test", accuracy: float = 0.9733, loss: float = 0.090227105) -> Row:
    return Row(step, split, "average", accuracy, loss, 10_000, 1.0, "2026-01-01T00:00:00+00:00")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that the lines' clock shows next."""
    seconds: list[float] = []
    monkeypatch.setattr("time.perf_counter", lambda: seconds.pop(0))
    yield seconds


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two steps. Not to be changed."""
    return train_small(data, tmp_path_factory.mktemp("trained") / "run")


def test_each_network_prints_in_the_style_of_its_source() -> None:
    styles = {name: models.get(name).lines for name in models.all_names()}
    assert styles == {
        "book-lenet": "book",
        **dict.fromkeys(["book-lenet-fast", "book-lenet-99"], "book"),
        **dict.fromkeys([*models.ladder("book-lenet-best"), "book-lenet-best"], "book"),
        "lenet-5": "book",
        "layers-guide": "estimator",
        "mastering-mnist-tf": "mastering",
        "mastering-mnist-keras": "keras",
        "mastering-cifar10-tf": "mastering",
        "mastering-cifar10-keras": "keras",
        **dict.fromkeys([*models.ladder("fashion-cnn"), "fashion-cnn"], "estimator"),
    }
    assert set(styles.values()) == set(models.LINES)


def test_the_book_s_line_comes_where_it_saves_and_with_log_every_also_between_but_never_twice() -> None:
    steps = [step(done, loss=0.866859) for done in range(1, 13)]
    line = "After 1 training step(s), loss on training batch is 0.866859."
    assert said(BookLines(), steps, saved=(1, 7)) == [line, line.replace("1 ", "7 ", 1)]
    lines = BookLines(every=5)
    shown = [*said(lines, steps, saved=(1, 7)), *lines.at_the_end(12, 0.866859, saved=True)]
    assert [int(each.split()[1]) for each in shown] == [1, 6, 7, 11, 12]
    lines = BookLines(every=11)
    assert len([*said(lines, steps), *lines.at_the_end(12, 0.866859, saved=True)]) == 2


def test_the_estimator_s_lines_are_the_guide_s_letter_by_letter(clock: list[float]) -> None:
    lines = EstimatorLines()
    clock += [10.0, 30.0]
    losses = {1: 2.36026, 101: 2.13119}
    shown = said(lines, [step(done, loss=losses.get(done, 9.0)) for done in range(1, 151)])
    assert shown == [
        "INFO:tensorflow:loss = 2.36026, step = 1",
        "INFO:tensorflow:loss = 2.13119, step = 101",
        "INFO:tensorflow:global_step/sec: 5",
    ]
    assert lines.at_the_end(150, 0.553216, saved=True) == ["INFO:tensorflow:Loss for final step: 0.553216."]
    of_step_1 = Step(0, 1, 2.36026, NO_LABELS, np.array([[0.07722801, 0.08618255]], np.float32))
    assert lines.probabilities(of_step_1) == ["INFO:tensorflow:probabilities = [[0.07722801 0.08618255]]"]


def test_a_resumed_training_prints_at_the_steps_at_which_an_uninterrupted_one_does() -> None:
    lines = EstimatorLines(every=10)
    shown = said(lines, [step(done) for done in range(25, 45)])
    assert [line for line in shown if "loss" in line] == [
        "INFO:tensorflow:loss = 1, step = 31",
        "INFO:tensorflow:loss = 1, step = 41",
    ]
    assert "global_step/sec" not in shown[0] and "global_step/sec" in shown[2]


def test_a_chief_that_does_not_see_the_very_step_prints_at_the_next_it_sees() -> None:
    shown = said(EstimatorLines(), [step(98), step(104, before=98), step(110, before=104)])
    assert shown == ["INFO:tensorflow:loss = 1, step = 104"]


def test_the_chapter_s_lines_have_the_mean_loss_of_each_epoch_and_say_of_which_only_a_part_is_known() -> None:
    lines = MasteringLines(steps_an_epoch=4)
    steps = [step(done, loss=float(done)) for done in range(3, 11)]
    assert [*said(lines, steps), *lines.at_the_end(10, 10.0, saved=True)] == [
        "Epoch: 0000   loss = 3.500000   (of 2 of its 4 steps)",
        "Epoch: 0001   loss = 6.500000",
        "Epoch: 0002   loss = 9.500000   (of 2 of its 4 steps)",
        "Model Trained.",
    ]
    assert said(MasteringLines(1), [step(1, loss=1.418295)]) == ["Epoch: 0000   loss = 1.418295"]
    assert MasteringLines(4).at_the_end(4, 1.0, saved=True) == ["Model Trained."]


def test_keras_s_lines_have_the_running_means_of_loss_and_accuracy_and_the_images_that_they_are_of(
    clock: list[float],
) -> None:
    clock += [0.0, 26.0, 30.0]
    lines = KerasLines(num_examples=100, batch_size=40, training_steps=30)
    labels = np.arange(40) % 10
    right, wrong = np.eye(10)[labels], np.eye(10)[(labels + 1) % 10]
    half = np.concatenate([right[:20], wrong[20:]])
    steps = [
        Step(done - 1, done, loss, labels, probabilities)
        for done, loss, probabilities in ((1, 3.0, wrong), (2, 2.0, half), (3, 1.0, right), (4, 0.5, right))
    ]
    assert [*said(lines, steps), *lines.at_the_end(4, 0.5, saved=True)] == [
        "Epoch 1/10",
        "100/100 [==============================] - 26s - loss: 2.0000 - acc: 0.5000",
        "Epoch 2/10",
        " 40/100 [===========>..................] - 4s - loss: 0.5000 - acc: 1.0000",
    ]
    assert KerasLines.want_probabilities


@pytest.mark.parametrize("lines", STYLES, ids=models.LINES)
def test_a_chief_without_a_step_of_its_own_prints_no_number_as_its_loss(lines: TrainingLines) -> None:
    first, *others = lines.at_the_end(20, None, saved=True)
    assert "other tasks" in first.lower() and "no loss" in first
    assert others == (["Model Trained."] if isinstance(lines, MasteringLines) else [])


def test_the_lines_of_the_last_score_on_the_test_images_are_those_of_the_sources() -> None:
    shown = {}
    for style in models.LINES:
        lines = EvaluationLines(style, 20_000)
        shown[style] = [*lines.score(row(20_000)), *lines.end(row(20_000))]
    assert shown == {
        "book": ["After 20000 training step(s), test accuracy = 0.9733"],
        "estimator": [
            "INFO:tensorflow:Saving evaluation summary for step 20000: accuracy = 0.9733, loss = 0.0902271",
            "{'loss': 0.090227105, 'global_step': 20000, 'accuracy': 0.9733}",
        ],
        "mastering": ["Accuracy: 0.9733"],
        "keras": ["Test loss: 0.0902271", "Test accuracy: 0.9733"],
    }


def test_other_scores_say_of_which_step_and_of_which_images_they_are() -> None:
    shown = {style: EvaluationLines(style, 20_000).score(row(1001, "validation")) for style in models.LINES}
    assert shown == {
        "book": ["After 1001 training step(s), validation accuracy = 0.9733"],
        "estimator": [
            "INFO:tensorflow:Saving evaluation summary for step 1001: accuracy = 0.9733, loss = 0.0902271"
            "   (validation)",
        ],
        "mastering": ["Accuracy: 0.9733   (step 1001, validation)"],
        "keras": ["Validation loss: 0.0902271   (step 1001)", "Validation accuracy: 0.9733   (step 1001)"],
    }


def test_the_evaluator_s_line_carries_the_loss_where_it_is_asked_for() -> None:
    shown = {style: EvaluationLines(style, 5, with_loss=True).score(row(5)) for style in models.LINES}
    assert shown["book"] == ["After 5 training step(s), test accuracy = 0.9733, loss = 0.0902271"]
    assert shown["mastering"] == ["Accuracy: 0.9733, loss = 0.0902271"]
    assert all("".join(lines).count("0.0902271") == 1 for lines in shown.values())


def test_the_four_files_that_were_really_read_are_named_and_no_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"{name}-ubyte.gz" for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3")]
    names.append("t10k-labels-idx1-ubyte.gz")
    for folder in (tmp_path, tmp_path / "MNIST/raw"):
        write_mnist(folder)
        print_files_read("book", datasets.load("mnist", str(tmp_path)))
        assert capsys.readouterr().out.splitlines() == [f"Extracting {folder / name}" for name in names]
        print_files_read("estimator", datasets.load("mnist", str(tmp_path)))
        assert capsys.readouterr().out == ""
        for name in names:
            (folder / name).unlink()
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 255, (12, 28, 28), np.uint8), np.arange(12, dtype=np.uint8) % 10
    np.savez(tmp_path / "mnist.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    write_cifar10(tmp_path / "cifar10", records_per_file=4)
    for name in ("mnist", "cifar10"):
        print_files_read("book", datasets.load(name, str(tmp_path)))
        assert capsys.readouterr().out == ""


def test_train_and_eval_print_the_lines_that_are_asked_for_and_the_rows_and_weights_are_the_same(
    trained: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = small_words(data, tmp_path / "run")
    assert main([*words, "--lines", "keras"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^Epoch 1/1\n 40/550 \[=>\.{28}\] - \d+s - loss: \d\.\d{4} - acc: 0\.\d{4}$", shown, re.MULTILINE)
    assert "After" not in shown and "Extracting" not in shown
    assert same_bits(trained / "model.ckpt-2", tmp_path / "run/model.ckpt-2")
    rows = [[(row.step, row.loss) for row in metrics.read_training(run)] for run in (trained, tmp_path / "run")]
    assert rows[0] == rows[1] and len(rows[0]) == 2

    where = ["--checkpoint-dir", str(tmp_path / "run"), "--data-dir", str(data)]
    assert main(["eval", "--once", "--lines", "estimator", *where]) == 0
    (scored,) = metrics.read(tmp_path / "run", "validation", "average")
    lines = EvaluationLines("estimator", 2)
    assert capsys.readouterr().out.splitlines() == [*lines.score(scored), *lines.end(scored)]


def test_the_probabilities_are_logged_from_step_1_on(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = small_words(data, tmp_path / "run", steps=5, save_every=5)
    assert main([*words, "--lines", "estimator", "--log-every", "2", "--log-probabilities-every", "3"]) == 0
    shown = re.findall(r"INFO:tensorflow:(loss|probabilities) = (?:.*step = (\d))?", capsys.readouterr().out)
    # After steps 1 and 4, that is after the lines of the steps 1 and 3.
    assert shown == [("loss", "1"), ("probabilities", ""), ("loss", "3"), ("probabilities", ""), ("loss", "5")]


def test_top_k_accuracy_is_the_share_whose_label_is_among_the_k_likeliest_and_is_scored_also_where_a_row_is_there(
    trained: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = shutil.copytree(trained, tmp_path / "run")
    where = ["--checkpoint-dir", str(run), "--data-dir", str(data)]
    assert main(["predict", "--split", "validation", "--json", *where]) == 0
    predicted = json.loads(capsys.readouterr().out)
    expected = np.mean([each["true_label"] in [guess["label"] for guess in each["guesses"]] for each in predicted])
    for _ in range(2):
        assert main(["eval", "--top", "3", "--loss", *where]) == 0
    (scored,) = metrics.read(run, "validation", "average")
    first, second = [line for line in capsys.readouterr().out.splitlines() if line.startswith("After ")][-2:]
    assert first == f"After 2 training step(s), validation accuracy = {scored.accuracy:g}, loss = {scored.loss:g}"
    assert second == (
        f"After 2 training step(s), validation top-3 accuracy = {expected:g}, top-1 accuracy = {scored.accuracy:g}"
    )
    assert scored.accuracy < expected < 1


@pytest.mark.parametrize("command", ["train", "run"])
def test_steps_between_lines_are_refused_where_the_lines_come_at_the_end_of_epochs(
    command: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--model", "mastering-mnist-tf", "--log-every", "5", "--checkpoint-dir", str(tmp_path / "run")]
    assert main([command, *words, "--data-dir", str(data)]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and not (tmp_path / "run").exists()
    assert shown.err == (
        "error: --log-every 5: the mastering style prints its lines at the end of each epoch; leave the flag out, "
        "or add --lines book\n"
    )


def test_run_hands_the_flags_of_the_lines_to_the_trainer_and_to_the_evaluator() -> None:
    options = parser.parse(["run", "--lines", "book", "--log-every", "7", "--top", "5", "--loss"]).options
    assert command_line(options.train) == ["--lines=book", "--log-every=7"]
    assert command_line(options.eval) == ["--lines=book", "--top=5", "--loss"]


def test_more_likeliest_classes_than_there_are_are_refused(
    trained: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", "--top", "11", "--checkpoint-dir", str(trained), "--data-dir", str(data)]) == 2
    assert "error: --top 11: there are only 10 classes" in capsys.readouterr().err
