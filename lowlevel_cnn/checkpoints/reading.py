"""Read and verify checkpoints: their variables and their global step."""

from __future__ import annotations

import contextlib
import glob
from collections.abc import Iterator
from pathlib import Path

from lowlevel_cnn.checkpoints.paths import check_encoding
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.tensorflow_v1 import cause, tf

# The book's global step has no name of its own, so TensorFlow called it "Variable".
STEP_NAMES = ("global_step", "Variable")


class DamagedCheckpointError(WorkError):
    """A checkpoint cannot be read: it is truncated, altered, half deleted, or gone."""


class DeletedCheckpointError(DamagedCheckpointError):
    """A checkpoint was deleted while it was being read, as trainers delete old ones."""


@contextlib.contextmanager
def reading(prefix: Path) -> Iterator[None]:
    """Turn every error that TensorFlow raises for an unreadable checkpoint into one of ours.

    Raises:
        DamagedCheckpointError: the checkpoint is damaged; the error names the file and what TensorFlow found.
        DeletedCheckpointError: its index is gone.
        InputError: its files cannot be opened, so nothing is known about their contents.
    """
    try:
        yield
    except (tf.errors.OpError, ValueError, RuntimeError, LookupError, TypeError) as error:
        if not prefix.with_name(prefix.name + ".index").exists():
            raise DeletedCheckpointError(f"{prefix}: was deleted while it was being read") from None
        _check_readable(prefix)
        raise DamagedCheckpointError(f"{prefix}: damaged or incomplete ({cause(error)})") from None


def _check_readable(prefix: Path) -> None:
    """Check that TensorFlow found damage, and was not merely prevented from reading.

    Raises:
        InputError: TensorFlow cannot find the path, or a file cannot be opened.
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
    """Return the names and shapes of the variables in a checkpoint, from its index alone.

    Raises:
        DamagedCheckpointError: the index cannot be read.
    """
    with reading(prefix):
        shapes = tf.train.load_checkpoint(str(prefix)).get_variable_to_shape_map()
    return {name: tuple(shape) for name, shape in sorted(shapes.items())}


def verify(prefix: Path) -> None:
    """Read every variable of a checkpoint, so that TensorFlow verifies the checksums.

    Raises:
        DamagedCheckpointError: any of it cannot be read.
    """
    with reading(prefix):
        reader = tf.train.load_checkpoint(str(prefix))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)


def global_step_in(prefix: Path) -> int:
    """Return the global step stored in a checkpoint, under our name or the book's; 0 if there is none."""
    with reading(prefix):
        reader = tf.train.load_checkpoint(str(prefix))
        for name in STEP_NAMES:
            if reader.has_tensor(name):
                return int(reader.get_tensor(name))
    return 0
