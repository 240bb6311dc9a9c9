"""Restore a trained network from a run directory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowlevel_cnn import datasets, models
from lowlevel_cnn.checkpoints import listing, reading, resolving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.restoring import DIVERGED, NotFiniteError
from lowlevel_cnn.datasets.batches import Split, scale
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.mnist_eval import BATCH_SIZE, Network, build_network, restore
from lowlevel_cnn.runs import run_data, run_directory, run_record
from lowlevel_cnn.runs.agreement import model_of
from lowlevel_cnn.system.messages import warn
from lowlevel_cnn.tensorflow_v1 import session_config, tf


@dataclass(frozen=True, kw_only=True)
class RestoreOptions:
    """The options that select a trained network and its data.

    Attributes:
        checkpoint_dir: the run directory, a checkpoint or a file of one.
        model: the network of checkpoints without a `run.json`, or the network of a file.
        accept_changed_model: whether the file may have changed since the run was started.
        weights: `average` or `raw`.
        data_dir: see `datasets.folder`.
        mirror: see `datasets.load`.
    """

    checkpoint_dir: str
    model: str | models.Model | None = None
    accept_changed_model: bool = False
    weights: str = "average"
    data_dir: str | None = None
    mirror: str | None = None

    def directory(self) -> Path:
        """Return the run directory, which must exist.

        Raises:
            InputError: it does not exist, or TensorFlow could not use the path.
        """
        directory, _ = run_directory.directory_to_read(self.checkpoint_dir, self.model)
        run_directory.check_is_there(directory)
        return directory

    def model_and_dataset(self) -> tuple[models.Model, str]:
        """Return the model, and the name of the data set that it was trained on.

        Raises:
            InputError: the directory does not exist, `model` contradicts its `run.json`, or there is neither.
        """
        directory = self.directory()
        found = run_record.read(directory)
        return model_of(directory, found, self.model, accept_changed=self.accept_changed_model)

    def class_names(self) -> tuple[str, ...]:
        """Return the names of the classes that the network tells apart, in the order of the labels.

        Raises:
            InputError: as in `model_and_dataset`.
        """
        found = run_record.read(self.directory())
        return found.labels() if found else datasets.class_names(self.model_and_dataset()[1])

    def load_data(self) -> datasets.Dataset:
        """Load the data set that the run was trained on.

        Raises:
            InputError: it is missing or wrong, or not the data that the run was started with.
        """
        model, dataset = self.model_and_dataset()
        loaded = run_data.load_data(model, dataset, self.data_dir, self.mirror)
        record = run_record.read(self.directory())
        if record and (differs := run_data.other_data(record, loaded)):
            flag = run_data.flag_of_data(dataset)
            raise InputError(f"{flag}: {differs}; use the run's own data, or score the other data with `eval`")
        return loaded


@dataclass(frozen=True)
class RestoredModel:
    """A network with the weights of a checkpoint, in a session."""

    session: tf.Session
    network: Network
    checkpoint: Checkpoint

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the class probabilities `[batch, labels]` float32 of images.

        Args:
            images: `[batch, height, width, channels]` float32 in [0, 1].

        Raises:
            NotFiniteError: they are not finite, because the weights are finite but too large.
        """
        found: np.ndarray = self.session.run(self.network.probabilities, {self.network.images: images})
        if not np.isfinite(found).all():
            raise NotFiniteError(f"{self.checkpoint.prefix}: the probabilities are not finite: {DIVERGED}")
        return found

    def probabilities_of_split(self, split: Split) -> Iterator[np.ndarray]:
        """Yield the class probabilities `[labels]` float32 of each image of a split, computed batch by batch.

        Raises:
            NotFiniteError: they are not finite.
        """
        for start in range(0, len(split), BATCH_SIZE):
            yield from self.probabilities(scale(split.images[start : start + BATCH_SIZE]))


@contextlib.contextmanager
def restored(options: RestoreOptions) -> Iterator[RestoredModel]:
    """Restore the newest good checkpoint of a run directory, or the checkpoint named, in a session.

    Raises:
        InputError: there is no checkpoint, or it is of another network.
        WorkError: no checkpoint is good, or the training had diverged.
    """
    model, _ = options.model_and_dataset()
    checkpoint = _checkpoint(options)
    with tf.Graph().as_default():
        network = build_network(model, options.weights)
        with tf.Session(config=session_config()) as session:
            restore(session, network, checkpoint)
            yield RestoredModel(session, network, checkpoint)


def _checkpoint(options: RestoreOptions) -> Checkpoint:
    """Return the checkpoint named, or the newest good one of the directory.

    Raises:
        InputError: there is none, and never was.
        WorkError: none is good, or the one named is damaged.
    """
    directory, named = run_directory.directory_to_read(options.checkpoint_dir, options.model)
    if named is not None:
        reading.verify(named.prefix)
        return named
    checkpoint = listing.newest_good(directory, warn)
    if checkpoint is None:
        reason = resolving.why_no_checkpoint(directory)
        reason = reason or "contains no checkpoint; train first, or choose another directory"
        raise InputError(f"--checkpoint-dir {directory}: {reason}")
    return checkpoint
