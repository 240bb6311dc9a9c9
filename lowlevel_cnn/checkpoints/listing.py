"""List the checkpoints of a directory by step, and find the newest good one.

The newest checkpoint is the one with the highest step in its name; neither the clock nor the state file decides.
A checkpoint exists once its `.index` file does, which TensorFlow writes after the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lowlevel_cnn.checkpoints.paths import MODEL_NAME, STATE_NAME
from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError, DeletedCheckpointError, global_step_in, verify
from lowlevel_cnn.errors import WorkError

_WITH_STEP = re.compile(r"(?P<stem>.+)-(?P<step>\d{1,18})")
_NAMED_IN_STATE = re.compile(r'^model_checkpoint_path: "(?P<path>.*)"$', re.MULTILINE)


@dataclass(frozen=True, order=True)
class Checkpoint:
    """A checkpoint on disk: its global step, and the common path prefix of its files."""

    step: int
    prefix: Path


def listed(directory: Path) -> list[Checkpoint]:
    """Return the checkpoints in a directory, lowest step first; an empty list if the directory does not exist.

    Ours are named `model.ckpt-<step>`. A directory written by other programs may use another name before the step, or
    contain a single checkpoint without a step. If there are several names, the state file decides which one counts.
    """
    try:
        names = [path.name.removesuffix(".index") for path in directory.iterdir() if path.name.endswith(".index")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    matches = [match for match in map(_WITH_STEP.fullmatch, names) if match]
    latest = _named_in_state(directory)
    is_there = latest in names
    stem = _stem({match["stem"] for match in matches}, latest, is_there)
    found = [Checkpoint(int(match["step"]), directory / match[0]) for match in matches if match["stem"] == stem]
    if not found and (is_there or len(names) == 1):
        prefix = directory / (latest if is_there else names[0])
        try:
            found = [of_prefix(prefix)]
        except DamagedCheckpointError:
            found = [Checkpoint(0, prefix)]
    return sorted(found)


def of_prefix(prefix: Path) -> Checkpoint:
    """Return the checkpoint with this prefix; its step comes from its name or, if that has none, from its contents.

    Raises:
        DamagedCheckpointError: its contents cannot be read.
    """
    match = _WITH_STEP.fullmatch(prefix.name)
    return Checkpoint(int(match["step"]) if match else global_step_in(prefix), prefix)


def _stem(stems: set[str], latest: str, is_there: bool) -> str:
    """Return the name before the step: ours, else the one in the state file, else the only one."""
    if MODEL_NAME in stems:
        return MODEL_NAME
    named = re.sub(r"-\d+$", "", latest)
    return named if is_there or named in stems or len(stems) != 1 else next(iter(stems))


def _named_in_state(directory: Path) -> str:
    """Return the name, without directory, of the latest checkpoint according to the state file; "" if it has none."""
    try:
        state = (directory / STATE_NAME).read_bytes()[: 1 << 16].decode(errors="replace")
    except OSError:
        return ""
    match = _NAMED_IN_STATE.search(state)
    # An absolute path may come from another machine, where backslashes may separate directories.
    return re.split(r"[/\\]", match["path"])[-1] if match else ""


def state_file_problem(directory: Path) -> str:
    """Return one line on what is wrong with the state file; "" if it is fine, or there is no checkpoint.

    Nothing depends on the state file; but a wrong one suggests that other programs wrote here, or a failing disk.
    """
    found = listed(directory)
    named = _named_in_state(directory)
    if not found or named in {each.prefix.name for each in found}:
        return ""
    path = directory / STATE_NAME
    wrong = f"names {named!r:.100}, which does not exist" if named else "is damaged" if path.exists() else "is missing"
    return f"{path}: {wrong}; ignoring it and using the checkpoints in the directory"


def newest_good(directory: Path, warn: Callable[[str], None]) -> Checkpoint | None:
    """Return the checkpoint with the highest step that can be read in full; None if none was ever completed.

    Args:
        directory: a run directory.
        warn: called with one line for each newer checkpoint that is damaged, and for a wrong state file.

    Raises:
        WorkError: there are or were checkpoints, and none can be read.
    """
    found = listed(directory)
    wrong = state_file_problem(directory)
    if wrong:
        warn(wrong)
    is_damaged = False
    for checkpoint in reversed(found):
        try:
            verify(checkpoint.prefix)
        except DamagedCheckpointError as error:
            warn(f"{error}; trying an older one")
            is_damaged = is_damaged or not isinstance(error, DeletedCheckpointError)
        else:
            return checkpoint
    # The state file is written after the first checkpoint: if it exists, so did a checkpoint.
    if found or (directory / STATE_NAME).exists():
        fresh = "start a new run with `train --fresh`, which moves this directory aside"
        otherwise = fresh if is_damaged else "choose another directory"
        raise WorkError(f"--checkpoint-dir {directory}: no good checkpoint is left; put one back, or {otherwise}")
    return None
