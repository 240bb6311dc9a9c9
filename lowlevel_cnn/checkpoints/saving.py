"""Save checkpoints so that a kill, a full disk or a power loss costs none, and delete old ones."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from lowlevel_cnn.checkpoints.listing import Checkpoint, listed
from lowlevel_cnn.checkpoints.paths import FILE_ENDING, MODEL_NAME, STATE_NAME
from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.system.atomic_files import flush_directory, flush_file, temporary_files, write_atomically
from lowlevel_cnn.tensorflow_v1 import cause, tf

# TensorFlow first writes its files with these endings, and leaves them behind if it is killed.
_UNFINISHED = r"\.tempstate\d+|\.tmp[0-9a-f]{32}"
_FILE = re.compile(rf"{re.escape(MODEL_NAME)}-(?P<step>\d{{1,18}}){FILE_ENDING}(?P<unfinished>{_UNFINISHED})?")


class CheckpointSaver:
    """Saves all variables of the default graph, which must be complete, so that a failure costs no checkpoint.

    Attributes:
        saver: TensorFlow's own saver.
    """

    def __init__(self) -> None:
        self.saver = tf.train.Saver(max_to_keep=0)
        # The contents of the `.meta` files: the same at every save, and as slow to make as a training step.
        meta_graph = self.saver.export_meta_graph(clear_devices=True)
        for node in meta_graph.graph_def.node:
            # The names of our own gradients, without which other programs could not compute any.
            node.attr.pop("_gradient_op_type", None)
        self._meta_graph: bytes = meta_graph.SerializeToString()

    def save(self, session: tf.Session, directory: Path, step: int, *, keep: int, first_step: int) -> None:
        """Save `model.ckpt-<step>`, flush it to disk, name it in the state file, then delete old checkpoints.

        Args:
            session: the session whose values are saved.
            directory: the run directory.
            step: the global step.
            keep: number of checkpoints to keep.
            first_step: checkpoints up to this step existed before the run and are never deleted.

        Raises:
            WorkError: it could not be written; earlier checkpoints are untouched.
            tf.errors.AbortedError, tf.errors.UnavailableError: another machine that holds variables is gone.
        """
        try:
            prefix = self._write(session, directory, step)
            ours = [each for each in listed(directory) if first_step < each.step <= step]
            kept = ours[-keep:] or [Checkpoint(step, prefix)]
            write_state(directory, kept)
        except (tf.errors.AbortedError, tf.errors.UnavailableError):
            # Not the disk: a parameter server of the cluster is gone; the caller waits for it.
            delete(directory, {step})
            raise
        except (tf.errors.OpError, OSError, ValueError) as error:
            delete(directory, {step})
            raise WorkError(
                f"--checkpoint-dir {directory}: the checkpoint of step {step} could not be saved ({cause(error)}); "
                "earlier ones are intact; free disk space or make the directory writable, then run the command again"
            ) from None
        old = {each for each in (int(match["step"]) for match in _files(directory)) if first_step < each < step}
        delete(directory, old - {each.step for each in kept})

    def _write(self, session: tf.Session, directory: Path, step: int) -> Path:
        """Write the files of a checkpoint and flush them to disk; return its prefix."""
        # TensorFlow would update the state file before the flush, and delete old checkpoints before both.
        path = str(directory / MODEL_NAME)
        prefix = Path(self.saver.save(session, path, step, write_state=False, write_meta_graph=False))
        Path(f"{prefix}.meta").write_bytes(self._meta_graph)
        for each in directory.glob(prefix.name + ".*"):
            flush_file(each)
        flush_directory(directory)
        return prefix


def delete_unfinished(directory: Path) -> None:
    """Delete what a killed trainer of ours had begun to write; the caller must hold the directory's lock."""
    unfinished = [directory / match[0] for match in _files(directory) if match["unfinished"]]
    for path in [*unfinished, *temporary_files(directory)]:
        with contextlib.suppress(OSError):
            path.unlink()


def write_state(directory: Path, kept: list[Checkpoint]) -> None:
    """Write TensorFlow's state file: these checkpoints, the newest last, with relative paths."""
    lines = [f'model_checkpoint_path: "{kept[-1].prefix.name}"']
    lines += [f'all_model_checkpoint_paths: "{each.prefix.name}"' for each in kept]
    write_atomically(directory / STATE_NAME, "\n".join(lines) + "\n")


def delete(directory: Path, steps: set[int]) -> None:
    """Delete the files of our checkpoints of these steps, the index first: without it there is no checkpoint."""
    for match in sorted(_files(directory), key=lambda match: not match[0].endswith(".index")):
        if int(match["step"]) in steps:
            with contextlib.suppress(OSError):
                (directory / match[0]).unlink()


def _files(directory: Path) -> list[re.Match[str]]:
    """Return the names of the files of our checkpoints, complete or not, as matches of `_FILE`."""
    return [match for match in map(_FILE.fullmatch, (path.name for path in directory.iterdir())) if match]
