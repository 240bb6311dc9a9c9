"""A trained network, restored from a run directory, for the commands that use one."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lowlevel_cnn import datasets, models
from lowlevel_cnn.checkpoints import listing, reading, resolving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.restoring import DIVERGED, NotFiniteError
from lowlevel_cnn.datasets.batches import Split, scale
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.mnist_eval import BATCH_SIZE, Network, build_network, restore
from lowlevel_cnn.runs import run_directory, run_record
from lowlevel_cnn.system.messages import warn
from lowlevel_cnn.tensorflow_v1 import session_config, tf

Restored = tuple["tf.Session", Network, Checkpoint]


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
    path, _ = run_directory.path_to_read(flags)
    run_directory.check_is_there(path)
    return path


def load_data(flags: argparse.Namespace, model: models.Model, dataset: str) -> datasets.Dataset:
    """The data set that a run was trained on.

    Raises:
        InputError: it is missing or wrong, or what is there is another one.
    """
    loaded = run_directory.load_data(flags, model, dataset)
    record = run_record.read(directory(flags))
    if record and (differs := run_directory.other_data(record, loaded)):
        raise InputError(f"--data-dir: {differs}; give the run's own data, or score the other with `eval`")
    return loaded


@contextlib.contextmanager
def restored(flags: argparse.Namespace, model: models.Model) -> Iterator[Restored]:
    """A session in which the model has the weights of the newest good checkpoint, or of that which the flags name.

    Raises:
        InputError: there is no checkpoint, or it is of another network.
        WorkError: no checkpoint is good, or the training had diverged.
    """
    checkpoint = _good_checkpoint(flags)
    with tf.Graph().as_default():
        network = build_network(model, flags.weights)
        with tf.Session(config=session_config()) as session:
            restore(session, network, checkpoint)
            yield session, network, checkpoint


def probabilities(restored: Restored, images: np.ndarray) -> np.ndarray:
    """The probabilities `[batch, 10]` float32 of the classes of images `[batch, height, width, channels]` in [0, 1].

    Raises:
        NotFiniteError: they are not numbers, as the weights are finite but too large.
    """
    session, network, checkpoint = restored
    found: np.ndarray = session.run(network.probabilities, {network.images: images})
    if not np.isfinite(found).all():
        raise NotFiniteError(f"{checkpoint.prefix}: the probabilities are not finite: {DIVERGED}")
    return found


def probabilities_of_split(restored: Restored, split: Split) -> Iterator[np.ndarray]:
    """For each image of a split the probabilities `[10]` float32 of its classes, computed batch by batch.

    Raises:
        NotFiniteError: they are not numbers.
    """
    for start in range(0, len(split), BATCH_SIZE):
        yield from probabilities(restored, scale(split.images[start : start + BATCH_SIZE]))


def _good_checkpoint(flags: argparse.Namespace) -> Checkpoint:
    """The newest good checkpoint of a directory that should have one, or the one named.

    Raises:
        InputError: there is none, and never was.
        WorkError: none is good, or that which is named is not.
    """
    directory, named = run_directory.path_to_read(flags)
    if named is not None:
        reading.verify(named.prefix)
        return named
    checkpoint = listing.newest_good(directory, warn)
    if checkpoint is None:
        why = resolving.why_no_checkpoint(directory) or "there is no checkpoint; train first, or name another directory"
        raise InputError(f"--checkpoint-dir {directory}: {why}")
    return checkpoint
