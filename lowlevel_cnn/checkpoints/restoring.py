"""Restoring: whether a checkpoint has the variables that are wanted, and whether their values are numbers at all."""

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
    """Values are infinite or not a number, so that what is computed with them means nothing: training had diverged."""


def mismatched_variables(prefix: Path, wanted: dict[str, tuple[int, ...]]) -> list[str]:
    """What of the wanted variables a checkpoint lacks, or holds in another shape, in words."""
    there = variables_in(prefix)
    missing = sorted(name for name in wanted if name not in there)
    reshaped = [
        f"{name} with shape {list(shape)} (it has {list(there[name])})"
        for name, shape in wanted.items()
        if there.get(name, shape) != shape
    ]
    return missing + reshaped


def check_fit(prefix: Path, variables: dict[str, tf.Variable]) -> None:
    """Refuses a checkpoint of another network, or without the weights asked for.

    Args:
        prefix: of the checkpoint.
        variables: what is to be restored, by the names there: those of the weights, or of their moving averages.

    Raises:
        InputError: names what is missing and what is there.
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
    """Refuses the weights of a training that had diverged; pooling and ReLU may hide them in what they give.

    Raises:
        NotFiniteError: one of these variables of a checkpoint holds a value that is infinite or not a number.
        DamagedCheckpointError: it cannot be read.
    """
    with reading(prefix):
        reader = tf.train.load_checkpoint(str(prefix))
        diverged = [name for name in names if not np.isfinite(reader.get_tensor(name)).all()]
    if diverged:
        raise NotFiniteError(f"{prefix}: non-finite values in {shortened(diverged)}: {DIVERGED}")


class Restorer:
    """Gives every variable of the default graph its value in a checkpoint, bit for bit."""

    def __init__(self) -> None:
        self._global_step = tf.train.get_global_step()
        self._variables = {each.op.name: each for each in tf.global_variables() if each is not self._global_step}
        self._saver = tf.train.Saver(self._variables)

    def restore(self, session: tf.Session, checkpoint: Checkpoint) -> None:
        """Restores them in a session.

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
