"""A trained network, restored from a run directory, for the commands that use one."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lowlevel_cnn import checkpoints, models, run_directory, run_record
from lowlevel_cnn.checkpoints import Checkpoint
from lowlevel_cnn.datasets.batches import Split, scale
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.messages import warn
from lowlevel_cnn.mnist_eval import BATCH_SIZE, Network, build_network, restore
from lowlevel_cnn.tensorflow_v1 import session_config, tf


def model_of(flags: argparse.Namespace) -> tuple[models.Model, str]:
    """The model of a run directory, and the data set that it was trained on.

    Raises:
        InputError: there is no such directory, or the flags contradict its `run.json`, or there is none and no --model.
    """
    found = directory(flags)
    return run_directory.model_of(found, run_record.read(found), flags.model)


def directory(flags: argparse.Namespace) -> Path:
    """The run directory, which is there.

    Raises:
        InputError: it is not, or TensorFlow could not use the path.
    """
    path = run_directory.path(flags)
    if not path.is_dir():
        raise InputError(f"--checkpoint-dir {path}: there is no such directory; name one that holds checkpoints")
    return path


@contextlib.contextmanager
def restored(flags: argparse.Namespace, model: models.Model) -> Iterator[tuple[tf.Session, Network, Checkpoint]]:
    """A session in which the model has the weights of the newest good checkpoint.

    Raises:
        InputError: there is no checkpoint, or it is of another network.
        WorkError: no checkpoint is good.
    """
    checkpoint = newest_good(run_directory.path(flags))
    with tf.Graph().as_default():
        network = build_network(model, flags.weights)
        with tf.Session(config=session_config()) as session:
            restore(session, network, checkpoint)
            yield session, network, checkpoint


def probabilities(session: tf.Session, network: Network, split: Split) -> Iterator[np.ndarray]:
    """For each image of a split the probabilities `[10]` float32 of its classes, computed batch by batch."""
    for start in range(0, len(split), BATCH_SIZE):
        images = scale(split.images[start : start + BATCH_SIZE])
        yield from session.run(network.probabilities, {network.images: images})


def newest_good(directory: Path) -> Checkpoint:
    """The newest good checkpoint of a directory that should have one.

    Raises:
        InputError: it has none, and never had.
        WorkError: none is good.
    """
    checkpoint = checkpoints.newest_good(directory, warn)
    if checkpoint is None:
        raise InputError(
            f"--checkpoint-dir {directory}: there is no checkpoint; train first, or name another directory"
        )
    return checkpoint
