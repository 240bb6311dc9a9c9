"""`best/`: a copy of the checkpoint with the highest validation accuracy, which outlives `--keep`."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from lowlevel_cnn import checkpoints
from lowlevel_cnn.checkpoints import Checkpoint
from lowlevel_cnn.files import write_atomically
from lowlevel_cnn.metrics import Row

FOLDER = "best"
_ROW_NAME = "metrics.json"


def keep(directory: Path, checkpoint: Checkpoint, row: Row) -> bool:
    """Copies a checkpoint to `best/` if its accuracy is higher than that of the one kept there; whether it did.

    Args:
        directory: the run directory.
        checkpoint: what was scored.
        row: its score with averaged weights on the validation split.

    Raises:
        DamagedCheckpointError: the copy cannot be read, since the checkpoint was deleted meanwhile, say.
        OSError: it cannot be written.
    """
    folder = directory / FOLDER
    if row.accuracy <= _accuracy_kept(folder):
        return False
    folder.mkdir(exist_ok=True)
    kept = Checkpoint(checkpoint.step, folder / checkpoint.prefix.name)
    # The index last: without it there is no checkpoint.
    for path in sorted(checkpoint.prefix.parent.glob(f"{checkpoint.prefix.name}.*"), key=_is_index):
        shutil.copyfile(path, folder / path.name)
    try:
        checkpoints.verify(kept.prefix)
    except checkpoints.DamagedCheckpointError:
        checkpoints.delete(folder, {kept.step})
        raise
    write_atomically(folder / _ROW_NAME, json.dumps(asdict(row)) + "\n")
    checkpoints.write_state(folder, [kept])
    checkpoints.delete(folder, {each.step for each in checkpoints.listed(folder)} - {kept.step})
    return True


def _accuracy_kept(folder: Path) -> float:
    try:
        accuracy = json.loads((folder / _ROW_NAME).read_text(encoding="utf-8"))["accuracy"]
    except (OSError, ValueError, KeyError, TypeError):
        return -1.0
    return float(accuracy) if isinstance(accuracy, (int, float)) else -1.0


def _is_index(path: Path) -> bool:
    return path.suffix == ".index"
