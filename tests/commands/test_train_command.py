"""`train` as processes: resumed, killed, signalled, doubled, damaged, diverged; and what it leaves on disk."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from conftest import STEPS, TRAIN, Start
from helpers.processes import BOOK_SHAPES, ENDLESS, Ended, files_in, run, same_bits, steps_in, tensors, truncate
from helpers.signalled_training import train_with_signals

from lowlevel_cnn.runs import metrics

FOREIGN = ("notes.txt", "model.ckpt-notes", "best/kept.txt", "other-5.index")


@dataclass(frozen=True)
class Resumed:
    """A run of 25 steps, moved to another directory, and continued there to 60, with `--keep 2`."""

    directory: Path
    after_25_steps: list[int]
    foreign: dict[str, bytes]
    ended: Ended


@pytest.fixture(scope="module")
def resumed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Resumed:
    first = tmp_path_factory.mktemp("resumed") / "first"
    flags = ("--keep", 2, "--data-dir", data, "--checkpoint-dir")
    ended = run(*TRAIN, "--steps", 25, *flags, first, cwd=first.parent)
    assert ended.code == 0, ended
    steps = steps_in(first)
    (first / "best").mkdir()
    for name in FOREIGN:
        (first / name).write_text(name)
    foreign = {name: (first / name).read_bytes() for name in FOREIGN}
    second = first.rename(first.with_name("second"))
    ended = run(*TRAIN, "--steps", 60, *flags, second, cwd=second.parent)
    return Resumed(second, steps, foreign, ended)


def test_25_steps_and_a_resume_to_60_in_a_moved_directory_equal_60_steps_in_one_process_bit_for_bit(
    resumed: Resumed, uninterrupted: tuple[Path, Ended]
) -> None:
    assert resumed.ended.code == 0, resumed.ended
    assert "from step 25 to 60" in resumed.ended.out[0]
    assert same_bits(resumed.directory / "model.ckpt-60", uninterrupted[0] / "model.ckpt-60")


def test_no_more_checkpoints_than_keep_are_left_also_after_a_restart(resumed: Resumed) -> None:
    assert resumed.after_25_steps == [21, 25]
    assert steps_in(resumed.directory) == [51, 60]
    assert not [name for name in files_in(resumed.directory) if re.search(r"-(1|11|21|25|31|41)\.|tempstate|tmp", name)]


def test_files_of_others_in_the_run_directory_survive(resumed: Resumed) -> None:
    assert {name: (resumed.directory / name).read_bytes() for name in FOREIGN} == resumed.foreign


def test_the_state_file_names_checkpoints_without_a_directory(resumed: Resumed) -> None:
    assert (resumed.directory / "checkpoint").read_text().splitlines() == [
        'model_checkpoint_path: "model.ckpt-60"',
        'all_model_checkpoint_paths: "model.ckpt-51"',
        'all_model_checkpoint_paths: "model.ckpt-60"',
    ]


def test_each_step_line_has_one_row_of_its_loss_and_a_resumed_run_adds_only_its_own(
    resumed: Resumed, uninterrupted: tuple[Path, Ended]
) -> None:
    directory, ended = uninterrupted
    rows = metrics.read_training(directory)
    assert [row.step for row in rows] == STEPS
    printed = [line for line in ended.out if line.startswith("After ")]
    assert printed == [f"After {row.step} training step(s), loss on training batch is {row.loss:g}." for row in rows]
    losses = {row.step: row.loss for row in rows}
    again = metrics.read_training(resumed.directory)
    assert [row.step for row in again] == [1, 11, 21, 25, 31, 41, 51, 60]
    assert [row.loss for row in again if row.step != 25] == list(losses.values())
    assert len(metrics.training_path(resumed.directory).read_text().splitlines()) == len(again)


def test_steps_that_are_done_again_after_damage_are_read_once_and_a_row_that_cannot_be_written_is_one_warning(
    finished: Path, data: Path
) -> None:
    rows = metrics.read_training(finished)
    for step in (51, 60):
        truncate(finished / f"model.ckpt-{step}")
    words = ("train", "--checkpoint-dir", finished, "--data-dir", data, "--save-every", 6)
    ended = run(*words, "--steps", 50, cwd=finished.parent)
    assert ended.code == 0, ended
    # 51 and 60 are of the run that went on from 41 before; they are ahead of what the run has reached now.
    assert [(row.step, row.loss) for row in metrics.read_training(finished)[:5]] == [
        (row.step, row.loss) for row in rows[:5]
    ]
    assert [row.step for row in metrics.read_training(finished)] == [1, 11, 21, 31, 41, 43, 49, 50]

    metrics.training_path(finished).unlink()
    metrics.training_path(finished).mkdir()
    ended = run(*words, "--steps", 55, cwd=finished.parent)
    warnings = [line for line in ended.warnings if "train/metrics.jsonl" in line]
    assert (ended.code, len(warnings)) == (0, 1), ended
    assert "the loss of step 55 could not be written" in warnings[0]
    assert (finished / "model.ckpt-55.index").exists()


def test_the_lines_of_the_book_are_printed_at_each_checkpoint_and_nothing_else_besides_the_first_line(
    uninterrupted: tuple[Path, Ended],
) -> None:
    directory, ended = uninterrupted
    line = re.compile(r"After (\d+) training step\(s\), loss on training batch is (\d+(?:\.\d+)?)\.")
    matches = [line.fullmatch(text) for text in ended.out[1:]]
    assert [int(match[1]) for match in matches if match] == STEPS == steps_in(directory)
    assert len(ended.out) == 1 + len(STEPS)
    assert [text for text in ended.err if "not the published MNIST" not in text] == []


def test_the_variables_of_a_checkpoint_have_the_names_and_shapes_of_the_book(
    uninterrupted: tuple[Path, Ended],
) -> None:
    found = tensors(uninterrupted[0] / "model.ckpt-60")
    averages = {f"{name}/ExponentialMovingAverage": shape for name, shape in BOOK_SHAPES.items()}
    assert {name: array.shape for name, array in found.items()} == {"global_step": (), **BOOK_SHAPES, **averages}
    assert sum(found[name].size for name in BOOK_SHAPES) == 1_663_370
    assert found["global_step"] == 60 and found["global_step"].dtype == np.int64
    assert {found[name].dtype for name in BOOK_SHAPES} == {np.dtype(np.float32)}


def test_a_trainer_killed_after_a_random_step_ends_with_the_same_bits_after_the_same_command(
    tmp_path: Path, data: Path, uninterrupted: tuple[Path, Ended]
) -> None:
    done = random.randint(1, 59)
    directory = tmp_path / "run"
    words = (*TRAIN, "--save-every", 3, "--steps", 60, "--data-dir", data, "--checkpoint-dir", directory)
    killed = train_with_signals(done, signal.SIGKILL, words=words, cwd=tmp_path)
    assert killed.code == -signal.SIGKILL, killed
    acknowledged = [int(line.split()[1]) for line in killed.out if line.startswith("After ")]
    assert acknowledged == list(range(1, done + 1, 3))
    ended = run(*words, cwd=tmp_path)
    assert ended.code == 0, (done, ended)
    assert f"from step {acknowledged[-1]} to 60" in ended.out[0], (done, ended)
    assert same_bits(directory / "model.ckpt-60", uninterrupted[0] / "model.ckpt-60"), done


def test_sigint_and_sigterm_even_doubled_save_a_checkpoint_from_which_the_run_goes_on_to_the_same_bits(
    tmp_path: Path, data: Path, uninterrupted: tuple[Path, Ended]
) -> None:
    directory = tmp_path / "run"
    words = (*TRAIN, "--steps", 60, "--data-dir", data, "--checkpoint-dir", directory)
    for done, number in ((3, signal.SIGINT), (24, signal.SIGTERM)):
        ended = train_with_signals(done, number, number, words=words, cwd=tmp_path)
        assert ended.code == 128 + number, ended
        assert "Traceback" not in "".join(ended.err)
        # The step that had begun is finished, and is the last.
        assert ended.out[-1].startswith(f"Stopped after {done + 1} training step(s)")
        assert steps_in(directory)[-1] == done + 1
    assert run(*words, cwd=tmp_path).code == 0
    assert same_bits(directory / "model.ckpt-60", uninterrupted[0] / "model.ckpt-60")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_trainer_starts_up_ends_it_without_a_traceback(
    number: signal.Signals, start: Start, tmp_path: Path, data: Path
) -> None:
    trainer = start(*TRAIN, "--steps", ENDLESS, "--data-dir", data, "--checkpoint-dir", tmp_path / "run")
    trainer.wait_for("Training book-lenet")
    trainer.signal(number)
    ended = trainer.ended()
    assert ended.code == 128 + number
    assert "Traceback" not in "".join(ended.err)


def test_fresh_moves_the_old_run_aside_with_all_its_files(finished: Path, tmp_path: Path, data: Path) -> None:
    (finished / "notes.txt").write_text("mine")
    before = files_in(finished)
    words = (*TRAIN, "--seed", 4, "--steps", 2, "--fresh", "--data-dir", data, "--checkpoint-dir", finished)
    ended = run(*words, cwd=tmp_path)
    assert ended.code == 0, ended
    (aside,) = [path for path in tmp_path.iterdir() if path.name.startswith("run.")]
    assert str(aside) in ended.out[0]
    after = files_in(aside)
    # The lock says who held it last.
    assert before.pop("trainer.lock") and after.pop("trainer.lock")
    assert after == before
    assert steps_in(finished) == [1, 2]
    assert json.loads((finished / "run.json").read_text())["seed"] == 4


@pytest.mark.parametrize(
    ("flag", "value", "ours"),
    [
        ("--model", "lenet-5", "book-lenet"),
        ("--dataset", "drawn-digits", "mnist"),
        ("--seed", "4", "3"),
        ("--batch-size", "30", "20"),
        ("--learning-rate", "0.02", "0.01"),
    ],
)
def test_a_flag_that_contradicts_the_run_found_is_named_and_nothing_changes(
    flag: str, value: str, ours: str, finished: Path, tmp_path: Path, data: Path
) -> None:
    before = files_in(finished)
    ended = run("train", flag, value, "--data-dir", data, "--checkpoint-dir", finished, cwd=tmp_path)
    assert ended.code == 2
    assert len(ended.err) == 1 and f"{flag} {value} (the run has {ours})" in ended.err[0]
    assert files_in(finished) == before


def test_other_images_than_those_the_run_began_with_are_refused(finished: Path, tmp_path: Path, data: Path) -> None:
    other = Path(shutil.copytree(data, tmp_path / "other"))
    for name in ("images-idx3", "labels-idx1"):
        shutil.copyfile(other / f"t10k-{name}-ubyte.gz", other / f"train-{name}-ubyte.gz")
    before = files_in(finished)
    ended = run("train", "--steps", 90, "--data-dir", other, "--checkpoint-dir", finished, cwd=tmp_path)
    assert ended.code == 2
    assert "--data-dir" in ended.err[-1] and "checksum" in ended.err[-1]
    assert {**files_in(finished), "trainer.lock": b""} == {**before, "trainer.lock": b""}


def test_of_two_trainers_in_one_directory_the_second_ends_and_names_host_and_process_of_the_first(
    start: Start, tmp_path: Path, data: Path
) -> None:
    directory = tmp_path / "run"
    words = (*TRAIN, "--steps", ENDLESS, "--data-dir", data, "--checkpoint-dir", directory)
    first = start(*words)
    first.wait_for("Training book-lenet")
    for second in (run(*words, cwd=tmp_path), run(*words, "--fresh", cwd=tmp_path)):
        assert second.code == 2
        assert second.err[-1].startswith("error: ")
        assert str(first.process.pid) in second.err[-1] and socket.gethostname() in second.err[-1]
    first.wait_for("After 11 training")
    assert first.process.poll() is None


def test_a_diverging_run_ends_with_1_names_the_step_and_its_newest_checkpoint_is_finite(
    tmp_path: Path, data: Path
) -> None:
    directory = tmp_path / "run"
    words = (*TRAIN, "--learning-rate", "1e10", "--steps", 60, "--data-dir", data, "--checkpoint-dir", directory)
    ended = run(*words, cwd=tmp_path)
    assert ended.code == 1
    assert re.match(r"error: training diverged at step \d+: ", ended.err[-1])
    newest = directory / f"model.ckpt-{steps_in(directory)[-1]}"
    assert f"{newest} is the last good checkpoint" in ended.err[-1]
    assert all(np.isfinite(array).all() for array in tensors(newest).values())


def test_a_damaged_newest_checkpoint_is_named_in_one_warning_and_the_one_before_it_is_used(
    finished: Path, tmp_path: Path, data: Path, uninterrupted: tuple[Path, Ended]
) -> None:
    truncate(finished / "model.ckpt-60")
    ended = run(*TRAIN, "--keep", 20, "--data-dir", data, "--checkpoint-dir", finished, cwd=tmp_path)
    assert ended.code == 0, ended
    assert len(ended.warnings) == 1 and "model.ckpt-60" in ended.warnings[0]
    assert "from step 51 to 60" in ended.out[0]
    assert same_bits(finished / "model.ckpt-60", uninterrupted[0] / "model.ckpt-60")


def test_with_all_checkpoints_damaged_the_trainer_ends_with_1_and_overwrites_nothing(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    for step in STEPS:
        truncate(finished / f"model.ckpt-{step}")
    (finished / "checkpoint").write_bytes(os.urandom(100))
    before = files_in(finished)
    ended = run(*TRAIN, "--steps", 90, "--data-dir", data, "--checkpoint-dir", finished, cwd=tmp_path)
    assert ended.code == 1
    assert len(ended.warnings) == 1 + len(STEPS) and f"{finished / 'checkpoint'}: is damaged" in ended.warnings[0]
    assert ended.err[-1].startswith("error: ") and "--fresh" in ended.err[-1]
    assert {**files_in(finished), "trainer.lock": b""} == {**before, "trainer.lock": b""}
