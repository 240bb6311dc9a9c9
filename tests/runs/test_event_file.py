"""Event files: a full disk is one warning, and processes do not disturb one another."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.event_reading import event_files, events

from lowlevel_cnn.runs.event_files import EventFile
from lowlevel_cnn.tensorflow_v1 import tf


def test_a_failed_write_is_reported_once_and_later_calls_do_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(event: object) -> None:
        raise tf.errors.ResourceExhaustedError(None, None, f"{tmp_path}/file; No space left on device")

    with tf.Graph().as_default():
        file = EventFile(tmp_path / "train")
        assert file._writer is not None
        monkeypatch.setattr(file._writer.event_writer, "add_event", full)
        for step in range(3):
            file.add_summary(tf.Summary(), step)
        file.begin_at(3)
    assert capfd.readouterr().err.splitlines() == [
        f"warning: {tmp_path}/train: TensorBoard summaries cannot be written (No space left on device); "
        "continuing without them"
    ]
    assert len(events(tmp_path / "train")) == 1


def test_processes_that_begin_in_the_same_second_have_files_of_their_own(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        files = [EventFile(tmp_path / "train") for _ in range(3)]
        for step, file in enumerate(files):
            file.begin_at(step)
    starts = [event.step for event in events(tmp_path / "train") if event.session_log.status]
    assert starts == [0, 1, 2] and len(event_files(tmp_path / "train")) == 3
