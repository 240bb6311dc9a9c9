"""Write TensorBoard's event files so that a full disk costs summaries and nothing else."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from lowlevel_cnn.system.messages import warn
from lowlevel_cnn.tensorflow_v1 import cause, tf

_NAME = "events.out.tfevents"  # TensorBoard looks for `tfevents` in a file's name
_VERSION = "brain.Event:2"


class EventFile:
    """A new event file in a folder, beside those of earlier processes; TensorBoard shows them as one.

    The first failure to write prints one warning; from then on nothing is written.

    Args:
        folder: created if it does not exist; its parent must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: tf.summary.FileWriter | None = None
        self._attempt(self._open)

    def add_graph(self, graph: tf.Graph) -> None:
        """Add a graph."""
        self._add(lambda writer: writer.add_graph(graph))

    def begin_at(self, step: int) -> None:
        """Mark the start of a process: TensorBoard drops what others wrote for this step and later ones."""
        self._add(lambda writer: writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), step))

    def add_summary(self, summary: bytes | tf.Summary, step: int) -> None:
        """Add a summary of a step."""
        self._add(lambda writer: writer.add_summary(summary, step))

    def add_event(self, event: tf.Event) -> None:
        """Add an event that already has its step and time."""
        self._add(lambda writer: writer.add_event(event))

    def _open(self) -> None:
        self._folder.mkdir(exist_ok=True)
        self._writer = _file_writer(self._folder)

    def _add(self, add: Callable[[tf.summary.FileWriter], None]) -> None:
        writer = self._writer
        if writer is not None:
            self._attempt(lambda: add(writer))

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, tf.errors.OpError) as error:
            self._writer = None
            # TensorFlow names the file before the reason.
            reason = cause(error).rpartition("; ")[2]
            warn(f"{self._folder}: TensorBoard summaries cannot be written ({reason}); continuing without them")


def _file_writer(folder: Path) -> tf.summary.FileWriter:
    """Return the books' `FileWriter`, which here writes events to disk at once.

    Its own event writer writes in a thread. If that fails, the thread prints a traceback or, for a large event,
    silently leaves half of it in the file. Ours writes immediately, and raises.
    """
    writer = tf.summary.FileWriter(str(folder))
    writer.event_writer.close()
    writer.event_writer = _EventWriter(folder)
    return writer


class _EventWriter:
    """The event writer behind a `FileWriter`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # TensorBoard reads a folder's files in the order of their names. TensorFlow's names have whole seconds, so a
        # process started soon after another would overwrite its file.
        name = f"{_NAME}.{time.time():017.6f}.{socket.gethostname()}.{os.getpid()}"
        self._records = tf.io.TFRecordWriter(str(folder / name))
        self.add_event(tf.Event(wall_time=time.time(), file_version=_VERSION))

    def get_logdir(self) -> str:
        return str(self._folder)

    def add_event(self, event: tf.Event) -> None:
        self._records.write(event.SerializeToString())
        self._records.flush()

    def flush(self) -> None:
        """Do nothing: everything is flushed already."""

    def close(self) -> None:
        self._records.close()


def has_events(folder: Path) -> bool:
    """Return whether the folder has a non-empty event file."""
    try:
        return any(path.stat().st_size for path in folder.glob(f"{_NAME}.*"))
    except OSError:
        return False
