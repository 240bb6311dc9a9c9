"""Commands run in the process of the tests, where TensorFlow is imported already; and checkpoints made for them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from helpers.processes import tensors
from lowlevel_cnn.commands import parser
from lowlevel_cnn.tensorflow_v1 import tf


def run_here(*words: object) -> int:
    """The exit code of a command line; an error that the command line prints is raised."""
    return parser.parse([str(word) for word in words]).run()


def write_checkpoint(prefix: Path, values: Mapping[str, np.ndarray]) -> Path:
    """Writes a checkpoint of these variables, without a graph and without a state file."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    with tf.Graph().as_default(), tf.Session() as session:
        names = list(values)
        session.run(
            tf.raw_ops.SaveV2(
                prefix=str(prefix),
                tensor_names=names,
                shape_and_slices=[""] * len(names),
                tensors=[values[name] for name in names],
            )
        )
    return prefix


def change_checkpoint(prefix: Path, name: str, place: int, value: float) -> None:
    """Sets one value of a variable."""
    values = tensors(prefix)
    values[name].flat[place] = value
    write_checkpoint(prefix, values)


def copied(directory: Path, target: Path, *steps: int) -> Path:
    """A copy of a run with the checkpoints of these steps alone."""
    shutil.copytree(directory, target)
    for path in target.glob("model.ckpt-*"):
        if int(path.name.split("-")[1].split(".")[0]) not in steps:
            path.unlink()
    return target
