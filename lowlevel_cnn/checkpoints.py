"""The checkpoints of a run directory: list them in order of steps, find the newest good one, restore it.

The newest checkpoint is the one with the highest step in its name; neither the clock nor the state file decides.
A checkpoint is there when its `.index` is, which TensorFlow writes after the data.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.tensorflow_v1 import tf

MODEL_NAME = "model.ckpt"
STATE_NAME = "checkpoint"
FILE_ENDING = r"\.(?:index|meta|data-\d{5}-of-\d{5})"
# The book's global step has no name of its own, so TensorFlow called it "Variable".
STEP_NAMES = ("global_step", "Variable")

_WITH_STEP = re.compile(r"(?P<stem>.+)-(?P<step>\d{1,18})")
_NAMED_IN_STATE = re.compile(r'^model_checkpoint_path: "(?P<path>.*)"$', re.MULTILINE)
_GLOB_CHARACTERS = "*?[]"


class DamagedCheckpointError(WorkError):
    """A checkpoint cannot be read: cut short, changed, half deleted, or gone."""


class DeletedCheckpointError(DamagedCheckpointError):
    """A checkpoint went while it was read, as trainers delete old ones."""


@dataclass(frozen=True, order=True)
class Checkpoint:
    """A checkpoint on disk: its global step, and the path that its files have in common."""

    step: int
    prefix: Path


def check_name(path: Path) -> None:
    """Refuses a path under which TensorFlow would not find a checkpoint: it sees a pattern in it, or another path.

    Raises:
        InputError: the path has one of the characters `* ? [ ]`, or is not UTF-8.
    """
    found = [character for character in _GLOB_CHARACTERS if character in str(path)]
    if found:
        raise InputError(
            f"{path}: TensorFlow takes {' '.join(found)} in a path for a pattern and would not find the checkpoints "
            "again; name a directory without it"
        )
    check_encoding(path)


def check_encoding(path: Path) -> None:
    """Refuses a path that TensorFlow, which takes all for UTF-8, would not find.

    Raises:
        InputError: as the locale has it, the path is not UTF-8.
    """
    if os.fsencode(path) != str(path).encode(errors="replace"):
        raise InputError(
            f"{path}: TensorFlow takes paths for UTF-8, which this one is not (the locale: "
            f"{sys.getfilesystemencoding()}); rename it, or go there with `cd` and name it from there"
        )


def listed(directory: Path) -> list[Checkpoint]:
    """The checkpoints in a directory, lowest step first; empty where there is no directory.

    Those of ours are named `model.ckpt-<step>`. A directory that others wrote may have another name before the step,
    or one checkpoint without a step in its name. Of several names the state file tells which counts.
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
    """The checkpoint with this prefix: its step is that in its name or, where that has none, the one that it holds.

    Raises:
        DamagedCheckpointError: what it holds cannot be read.
    """
    match = _WITH_STEP.fullmatch(prefix.name)
    return Checkpoint(int(match["step"]) if match else step_inside(prefix), prefix)


def _stem(stems: set[str], latest: str, is_there: bool) -> str:
    """What stands before the step: ours, else that of the checkpoint named in the state file, else the only one."""
    if MODEL_NAME in stems:
        return MODEL_NAME
    named = re.sub(r"-\d+$", "", latest)
    return named if is_there or named in stems or len(stems) != 1 else next(iter(stems))


def _named_in_state(directory: Path) -> str:
    """The name, without its directory, of the checkpoint that the state file calls the latest; "" without one."""
    try:
        state = (directory / STATE_NAME).read_bytes()[: 1 << 16].decode(errors="replace")
    except OSError:
        return ""
    match = _NAMED_IN_STATE.search(state)
    # An absolute path may come from another machine, where directories may be divided by backslashes.
    return re.split(r"[/\\]", match["path"])[-1] if match else ""


def wrong_with_state(directory: Path) -> str:
    """What is wrong with the state file, in a line; "" where nothing is, or there is no checkpoint.

    Nothing depends on the state file; but it is a sign that others wrote here, or that the disk is not sound.
    """
    found = listed(directory)
    named = _named_in_state(directory)
    if not found or named in {each.prefix.name for each in found}:
        return ""
    path = directory / STATE_NAME
    wrong = f"names {named!r:.100}, which is not there" if named else "is damaged" if path.exists() else "is gone"
    return f"{path}: {wrong}; going by the checkpoints that are there"


@contextlib.contextmanager
def reading(prefix: Path) -> Iterator[None]:
    """Turns every error that TensorFlow raises for an unreadable checkpoint into one.

    Raises:
        DamagedCheckpointError: with the file's name and what TensorFlow found.
        DeletedCheckpointError: its index has gone.
        InputError: nobody knows what the files hold, since they cannot be opened.
    """
    try:
        yield
    except (tf.errors.OpError, ValueError, RuntimeError, LookupError, TypeError) as error:
        if not prefix.with_name(prefix.name + ".index").exists():
            raise DeletedCheckpointError(f"{prefix}: was deleted while it was read") from None
        _check_readable(prefix)
        raise DamagedCheckpointError(f"{prefix}: damaged or incomplete ({cause(error)})") from None


def _check_readable(prefix: Path) -> None:
    """Makes sure that what TensorFlow found is damage, and not that it was kept from reading.

    Raises:
        InputError: TensorFlow does not find the path, or a file cannot be opened.
    """
    check_encoding(prefix)
    for path in prefix.parent.glob(f"{glob.escape(prefix.name)}.*"):
        try:
            path.open("rb").close()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); make it readable") from None


def variables_in(prefix: Path) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the variables in a checkpoint, from its index alone.

    Raises:
        DamagedCheckpointError: the index cannot be read.
    """
    with reading(prefix):
        shapes = tf.train.load_checkpoint(str(prefix)).get_variable_to_shape_map()
    return {name: tuple(shape) for name, shape in sorted(shapes.items())}


def verify(prefix: Path) -> None:
    """Reads every variable of a checkpoint, whereby TensorFlow compares its checksum.

    Raises:
        DamagedCheckpointError: any of it cannot be read.
    """
    with reading(prefix):
        reader = tf.train.load_checkpoint(str(prefix))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)


def step_inside(prefix: Path) -> int:
    """The global step that a checkpoint holds, under our name for it or the book's; 0 where it holds none."""
    with reading(prefix):
        reader = tf.train.load_checkpoint(str(prefix))
        for name in STEP_NAMES:
            if reader.has_tensor(name):
                return int(reader.get_tensor(name))
    return 0


def newest_good(directory: Path, warn: Callable[[str], None]) -> Checkpoint | None:
    """The checkpoint with the highest step that can be read in full; None where none was ever completed.

    Args:
        directory: a run directory.
        warn: told of each newer one that is damaged, and of a damaged state file, in one line each.

    Raises:
        WorkError: there are checkpoints, or there were, and none can be read.
    """
    found = listed(directory)
    wrong = wrong_with_state(directory)
    if wrong:
        warn(wrong)
    is_damaged = False
    for checkpoint in reversed(found):
        try:
            verify(checkpoint.prefix)
        except DamagedCheckpointError as error:
            warn(f"{error}; looking for an older one")
            is_damaged = is_damaged or not isinstance(error, DeletedCheckpointError)
        else:
            return checkpoint
    # The state file is written after the first checkpoint: where it stands, there was one.
    if found or (directory / STATE_NAME).exists():
        anew = "begin anew with `train --fresh`, which moves this directory aside"
        otherwise = anew if is_damaged else "name another directory"
        raise WorkError(f"--checkpoint-dir {directory}: no good checkpoint is left; put one back, or {otherwise}")
    return None


def shortened(names: list[str], most: int = 4) -> str:
    """Some names in a row, for a line that a person reads."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "nothing"


def cause(error: Exception) -> str:
    """The line of an error that says what went wrong; TensorFlow puts it below the place in the graph."""
    text = str(getattr(error, "message", None) or getattr(error, "strerror", None) or error)
    below = re.search(r"^Node: .*\n(.+)", text, re.MULTILINE)
    line = below[1] if below else next(iter(text.splitlines()), "")
    return line[:200] or type(error).__name__
