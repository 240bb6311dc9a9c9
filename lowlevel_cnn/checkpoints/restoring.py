"""Restore checkpoints, and check that they have the required variables with finite values."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.reading import global_step_in, reading, variables_in
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.system.messages import shortened
from lowlevel_cnn.tensorflow_v1 import tf

DIVERGED = "training had diverged; use an older checkpoint, or train again with a lower --learning-rate"


class NotFiniteError(WorkError):
    """Values are infinite or NaN, so anything computed from them is meaningless: training had diverged."""


def mismatched_variables(prefix: Path, wanted: dict[str, tuple[int, ...]]) -> list[str]:
    """Describe each required variable that a checkpoint lacks or has with another shape."""
    there = variables_in(prefix)
    missing = sorted(name for name in wanted if name not in there)
    reshaped = [
        f"{name} with shape {list(shape)} (it has {list(there[name])})"
        for name, shape in wanted.items()
        if there.get(name, shape) != shape
    ]
    return missing + reshaped


def check_fit(prefix: Path, variables: dict[str, tf.Variable]) -> None:
    """Refuse a checkpoint of another network, or one without the requested weights.

    Args:
        prefix: the checkpoint's prefix.
        variables: the variables to restore, by their names in the checkpoint: weights or their moving averages.

    Raises:
        InputError: variables are missing; the error names them and what the checkpoint contains.
    """
    lacking = mismatched_variables(prefix, {name: tuple(variable.shape) for name, variable in variables.items()})
    if not lacking:
        return
    raw = {variable.op.name: tuple(variable.shape) for variable in variables.values()}
    advice = "specify the network with --model"
    if raw.keys() != variables.keys() and not mismatched_variables(prefix, raw):
        advice = "its raw weights are complete: add --weights raw"
    there = shortened(list(variables_in(prefix)))
    raise InputError(f"{prefix}: lacks {shortened(lacking)}; it contains {there}; {advice}")


def check_finite(prefix: Path, names: Iterable[str]) -> None:
    """Refuse the weights of a run that had diverged; pooling and ReLU may hide that in their outputs.

    Raises:
        NotFiniteError: one of these variables of a checkpoint has a value that is infinite or NaN.
        DamagedCheckpointError: it cannot be read.
    """
    with reading(prefix):
        reader = tf.train.load_checkpoint(str(prefix))
        diverged = [name for name in names if not np.isfinite(reader.get_tensor(name)).all()]
    if diverged:
        raise NotFiniteError(f"{prefix}: non-finite values in {shortened(diverged)}: {DIVERGED}")


class Restorer:
    """Restores every variable of the default graph from a checkpoint, bit for bit."""

    def __init__(self) -> None:
        self._global_step = tf.train.get_global_step()
        self._variables = {each.op.name: each for each in tf.global_variables() if each is not self._global_step}
        self._saver = tf.train.Saver(self._variables)

    def restore(self, session: tf.Session, checkpoint: Checkpoint) -> None:
        """Restore all variables in a session.

        Raises:
            InputError: the checkpoint is of another network.
            DamagedCheckpointError: it cannot be read.
            NotFiniteError: its training had diverged.
        """
        shapes = {name: tuple(each.shape) for name, each in self._variables.items()}
        lacking = mismatched_variables(checkpoint.prefix, shapes)
        if lacking:
            raise InputError(
                f"{checkpoint.prefix}: is from another network or optimizer: it lacks {shortened(lacking)} and "
                f"contains {shortened(list(variables_in(checkpoint.prefix)))}; choose another --model or "
                "--checkpoint-dir"
            )
        with reading(checkpoint.prefix):
            self._saver.restore(session, str(checkpoint.prefix))
        check_finite(checkpoint.prefix, self._variables)
        # By value: the book's step is an int32 and has another name.
        self._global_step.load(global_step_in(checkpoint.prefix), session)
