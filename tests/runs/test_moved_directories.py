"""A run directory that is moved away, or begun anew, while others look at it; and one that cannot be written."""

from __future__ import annotations

import errno
import shutil
import signal
from pathlib import Path

import pytest
from conftest import TRAIN, Start
from helpers.processes import ENDLESS, Ended, files_in, run, steps_in
from helpers.signalled_training import held_training

from lowlevel_cnn.checkpoints import listing, saving
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.runs import locking, metrics, run_directory
from lowlevel_cnn.tensorflow_v1 import tf


def test_a_trainer_whose_directory_is_moved_away_ends_and_writes_nothing_under_the_old_name(
    tmp_path: Path, data: Path
) -> None:
    words = (*TRAIN, "--steps", ENDLESS, "--data-dir", data, "--checkpoint-dir", "run")
    # Between two saves.
    with held_training(14, words, cwd=tmp_path) as trainer:
        (tmp_path / "run").rename(tmp_path / "moved")
        trainer.process.send_signal(signal.SIGCONT)
        ended = trainer.ended()
    assert ended.code == 1
    assert ended.err[-1].startswith("error: --checkpoint-dir run: was moved or deleted")
    assert not (tmp_path / "run").exists()
    resumed = run(*TRAIN, "--steps", 12, "--data-dir", data, "--checkpoint-dir", "moved", cwd=tmp_path)
    assert resumed.code == 0


def test_an_evaluator_scores_the_run_that_fresh_puts_in_the_place_of_the_one_it_followed(
    start: Start, tmp_path: Path, finished: Path, data: Path
) -> None:
    # Not finished, so the evaluator goes on waiting.
    record = finished / "run.json"
    record.write_text(record.read_text().replace('"training_steps": 60', '"training_steps": 1000'))
    words = ("--interval-secs", 0.3, "--data-dir", data, "--checkpoint-dir", finished)
    evaluator = start("eval", *words)
    evaluator.wait_for("After 60 training step(s), validation")
    train = (*TRAIN[:-1], 4, "--steps", 9, "--fresh", "--data-dir", data, "--checkpoint-dir", finished)
    assert run(*train, cwd=tmp_path).code == 0
    ended = evaluator.ended()
    assert ended.code == 0
    assert f"A new run was begun in {finished}" in ended.err
    assert [row.step for row in metrics.read(finished, "validation", "average")] == [1, 5, 9]


def test_fresh_works_in_the_current_directory(tmp_path: Path, finished: Path, data: Path) -> None:
    ended = run(*TRAIN, "--steps", 2, "--fresh", "--data-dir", data, "--checkpoint-dir", ".", cwd=finished)
    assert ended.code == 0, ended
    moved = [path for path in tmp_path.iterdir() if path.name.startswith("run.")]
    assert len(moved) == 1 and (moved[0] / "model.ckpt-60.index").exists()
    assert steps_in(tmp_path / "run") == [1, 2]


def test_fresh_on_a_link_moves_what_it_points_to_and_begins_the_new_run_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on_disk = tmp_path / "disk/run"
    on_disk.mkdir(parents=True)
    (on_disk / "run.json").write_text("old")
    link = tmp_path / "link"
    link.symlink_to(on_disk)
    assert run_directory.move_aside(link) == link
    assert link.is_symlink() and link.samefile(on_disk)
    assert list(on_disk.iterdir()) == []
    (aside,) = [path for path in (tmp_path / "disk").iterdir() if path != on_disk]
    assert (aside / "run.json").read_text() == "old"
    assert capsys.readouterr().out == f"Moved {link} aside to {aside}\n"


def test_a_link_to_a_disk_that_is_not_there_is_one_line_that_names_both(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "disk/run")
    with pytest.raises(InputError, match=rf"{tmp_path}/link: is a link to {tmp_path}/disk/run, which is not there"):
        run_directory.make(tmp_path / "link")


@pytest.mark.parametrize("windows", [False, True])
def test_while_fresh_moves_a_directory_no_trainer_can_come_in_and_on_windows_no_file_in_it_is_open(
    windows: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "run"
    directory.mkdir()
    (directory / "run.json").write_text("old")
    is_free: list[bool] = []
    rename = Path.rename

    def look_and_rename(source: Path, target: Path) -> Path:
        try:
            # A lock on a file that is open elsewhere in this process is refused as well.
            with locking.locked(source):
                is_free.append(True)
        except InputError:
            is_free.append(False)
        return rename(source, target)

    monkeypatch.setattr(locking, "_OPEN_FILES_HOLD_DIRECTORIES", windows)
    monkeypatch.setattr(Path, "rename", look_and_rename)
    run_directory.move_aside(directory)
    assert is_free == [windows]
    assert list(directory.iterdir()) == []


def test_where_a_trainer_holds_a_directory_on_windows_fresh_leaves_it_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(source: Path, target: Path) -> Path:
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "run.json").write_text("old")
    monkeypatch.setattr(locking, "_OPEN_FILES_HOLD_DIRECTORIES", True)
    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(InputError, match=r"--fresh: .* cannot be moved aside \(Permission denied\)"):
        run_directory.move_aside(tmp_path)
    assert (tmp_path / "run.json").read_text() == "old"


def test_a_score_is_printed_also_where_its_row_cannot_be_written(finished: Path, tmp_path: Path, data: Path) -> None:
    (finished / "eval").write_text("in the way")
    ended = run("eval", "--once", "--data-dir", data, "--checkpoint-dir", finished, cwd=tmp_path)
    assert ended.code == 0
    assert ended.out[0].startswith("After 60 training step(s), validation accuracy = ")
    assert len(ended.warnings) == 1 and "the row could not be written" in ended.warnings[0]


def test_a_checkpoint_that_cannot_be_saved_is_one_line_with_the_cause_and_leaves_the_last_one_newest(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullDisk:
        def save(self, session: object, prefix: str, global_step: int, **settings: bool) -> str:
            Path(f"{prefix}-{global_step}.data-00000-of-00001").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    before = {path.name for path in finished.iterdir()}
    with tf.Graph().as_default():
        tf.get_variable("weight", initializer=1.0)
        checkpoint_saver = saving.CheckpointSaver()
        checkpoint_saver.saver = FullDisk()
    with pytest.raises(WorkError, match=r"step 70 could not be saved \(No space left on device\)"):
        checkpoint_saver.save(None, finished, 70, keep=1, first_step=0)
    assert {path.name for path in finished.iterdir()} == before
    assert listing.listed(finished)[-1].step == 60


def test_a_lock_notices_that_its_directory_was_moved_and_lets_one_holder_in_at_a_time(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    directory.mkdir()
    with locking.locked(directory) as lock:
        lock.check()
        with pytest.raises(InputError, match=r"process \d+ on '.+' trains in it"), locking.locked(directory):
            pass
        directory.rename(tmp_path / "moved")
        with pytest.raises(WorkError, match="was moved or deleted"):
            lock.check()
        directory.mkdir()
        with pytest.raises(WorkError, match="was moved or deleted"):
            lock.check()
        with locking.locked(directory) as other:
            other.check()


def test_a_batch_larger_than_the_training_images_is_refused(tmp_path: Path, data: Path) -> None:
    ended: Ended = run("train", "--batch-size", 551, "--data-dir", data, "--checkpoint-dir", "run", cwd=tmp_path)
    said = "error: --batch-size 551: there are only 550 training images; give a smaller one"
    assert (ended.code, ended.err[-1]) == (2, said)
    assert not (tmp_path / "run").exists()


def test_checkpoints_of_another_name_are_found_also_without_a_state_file(finished: Path, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    for path in finished.glob("model.ckpt-60.*"):
        shutil.copy(path, others / path.name.replace("model.ckpt", "LeNet5_model"))
    assert [each.step for each in listing.listed(others)] == [60]


def test_a_checkpoint_of_another_network_is_refused_by_the_trainer_and_the_directory_stays_as_it_was(
    finished: Path, tmp_path: Path, data: Path
) -> None:
    (finished / "run.json").unlink()
    before = {name: content for name, content in files_in(finished).items() if name != locking.LOCK_NAME}
    ended = run("train", "--model", "lenet-5", "--data-dir", data, "--checkpoint-dir", finished, cwd=tmp_path)
    assert ended.code == 2
    assert "a checkpoint of another network or optimizer; it lacks " in ended.err[-1]
    assert {name: content for name, content in files_in(finished).items() if name != locking.LOCK_NAME} == before
