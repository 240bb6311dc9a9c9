"""Event files, which TensorBoard reads, written so that a full disk costs summaries and nothing else."""

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

    What cannot be written is said in one line, once; from then on nothing is written.

    Args:
        folder: is made where it is not there; what it is in is there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: tf.summary.FileWriter | None = None
        self._attempt(self._open)

    def add_graph(self, graph: tf.Graph) -> None:
        """Adds a graph."""
        self._add(lambda writer: writer.add_graph(graph))

    def begin_at(self, step: int) -> None:
        """Says that a process begins here: what others wrote of this step and later ones is shown no more."""
        self._add(lambda writer: writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), step))

    def add_summary(self, summary: bytes | tf.Summary, step: int) -> None:
        """Adds a summary of a step."""
        self._add(lambda writer: writer.add_summary(summary, step))

    def add_event(self, event: tf.Event) -> None:
        """Adds an event that has its step and its time already."""
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
    """The books' `FileWriter`, but for the way in which it comes to the disk.

    Its own event writer writes in a thread. Where that fails, the thread prints a traceback or, if it was a large
    event, leaves half of it in the file without a word. Ours writes at once, and raises.
    """
    writer = tf.summary.FileWriter(str(folder))
    writer.event_writer.close()
    writer.event_writer = _EventWriter(folder)
    return writer


class _EventWriter:
    """What `FileWriter` hands its events to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # TensorBoard reads a folder's files in the order of their names. TensorFlow's has whole seconds, so that a
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
        """All is flushed already."""

    def close(self) -> None:
        self._records.close()


def has_events(folder: Path) -> bool:
    """Whether there is an event file with something in it."""
    try:
        return any(path.stat().st_size for path in folder.glob(f"{_NAME}.*"))
    except OSError:
        return False
