"""The checkpoints of a training: after its first step, at intervals, and at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["CheckpointSaver"]


class CheckpointSaver:
    """A session hook that saves `model.ckpt-<step>` and tells its listeners.

    The first checkpoint is that of step 1, as the pages of TensorFlow 1.x print it. `tf.train.CheckpointSaverHook`
    saves the untrained network too, as step 0. No subclass of `SessionRunHook`, which would import TensorFlow with
    this module: a session asks for the five methods alone.
    """

    def __init__(self, directory: str, timer: Any, scaffold: Any, listeners: tuple[Any, ...]) -> None:
        tf.logging.info("Create CheckpointSaverHook.")
        self._directory, self._timer, self._scaffold, self._listeners = directory, timer, scaffold, listeners
        self._path = str(Path(directory) / "model.ckpt")

    def begin(self) -> None:
        self._writer = tf.summary.FileWriterCache.get(self._directory)
        self._step = tf.train.get_global_step()
        for each in self._listeners:
            each.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Write the graph, which the hooks have finished by now."""
        graph = tf.get_default_graph()
        tf.train.write_graph(graph.as_graph_def(add_shapes=True), self._directory, "graph.pbtxt")
        self._writer.add_graph(graph)

    def before_run(self, run_context: Any) -> None:
        """Ask for no tensor."""

    def after_run(self, run_context: Any, run_values: Any) -> None:
        step = int(run_context.session.run(self._step))
        if self._timer.should_trigger_for_step(step) and self._save(run_context.session, step):
            run_context.request_stop()

    def end(self, session: Any) -> None:
        step = int(session.run(self._step))
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for each in self._listeners:
            each.end(session, step)

    def _save(self, session: Any, step: int) -> bool:
        """Save, and return whether a listener wants to stop."""
        self._timer.update_last_triggered_step(step)
        for each in self._listeners:
            each.before_save(session, step)
        tf.logging.info("Saving checkpoints for %d into %s.", step, self._path)
        self._scaffold.saver.save(session, self._path, global_step=step)
        saved = tf.SessionLog(status=tf.SessionLog.CHECKPOINT, checkpoint_path=self._path)
        self._writer.add_session_log(saved, step)
        # Every listener is told, also after one that wants to stop.
        answers = [each.after_save(session, step) for each in self._listeners]
        return any(answers)
