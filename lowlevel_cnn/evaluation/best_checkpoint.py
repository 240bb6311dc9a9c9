"""Keep a copy of the checkpoint with the highest validation accuracy in `best/`, where `--keep` does not delete it."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lowlevel_cnn.checkpoints import listing, reading, saving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.runs.metrics import Row
from lowlevel_cnn.system import strict_json
from lowlevel_cnn.system.atomic_files import flush_directory, flush_file, make_directory, write_atomically

FOLDER = "best"
_ROW_NAME = "metrics.json"


def keep(directory: Path, checkpoint: Checkpoint, row: Row) -> bool:
    """Copy a checkpoint to `best/` if its accuracy exceeds that of the one kept there; return whether it did.

    Args:
        directory: the run directory.
        checkpoint: the checkpoint.
        row: its score with averaged weights on the validation split.

    Raises:
        DamagedCheckpointError: the copy cannot be read, for example because the checkpoint was deleted meanwhile.
        OSError: it cannot be written.
    """
    folder = directory / FOLDER
    before = kept(directory)
    if before and row.accuracy <= before["accuracy"]:
        return False
    make_directory(folder)
    copy = Checkpoint(checkpoint.step, folder / checkpoint.prefix.name)
    # The index last: without it there is no checkpoint.
    try:
        for path in sorted(checkpoint.prefix.parent.glob(f"{checkpoint.prefix.name}.*"), key=_is_index):
            shutil.copyfile(path, folder / path.name)
            flush_file(folder / path.name)
        flush_directory(folder)
        reading.verify(copy.prefix)
    except (reading.DamagedCheckpointError, OSError):
        saving.delete(folder, {copy.step})
        raise
    write_atomically(folder / _ROW_NAME, strict_json.dumps(asdict(row)) + "\n")
    saving.write_state(folder, [copy])
    saving.delete(folder, {each.step for each in listing.listed(folder)} - {copy.step})
    return True


def kept(directory: Path) -> dict[str, Any] | None:
    """Return step and validation accuracy of the best checkpoint of a run directory; None if none is kept."""
    folder = directory / FOLDER
    try:
        row = json.loads((folder / _ROW_NAME).read_text(encoding="utf-8"))
        accuracy, step = row["accuracy"], row["step"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    is_sound = type(accuracy) in (int, float) and 0 <= accuracy <= 1 and type(step) is int
    is_there = is_sound and any(each.step == step for each in listing.listed(folder))
    return {"step": step, "accuracy": accuracy} if is_there else None


def _is_index(path: Path) -> bool:
    return path.suffix == ".index"
