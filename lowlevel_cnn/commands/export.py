"""The command `export`: a trained network as a SavedModel for TensorFlow 2, or its weights as NumPy arrays.

Where the 1.x code would have frozen a graph with `tf.graph_util`, a SavedModel holds graph and weights side by side.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lowlevel_cnn.checkpoints import paths
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.mnist_eval import Network
from lowlevel_cnn.prediction import restored_model
from lowlevel_cnn.system.atomic_files import naming
from lowlevel_cnn.tensorflow_v1 import cause, tf

# What a SavedModel consists of: an output that holds anything else is not replaced, even with --force.
_SAVED_MODEL = {"saved_model.pb", "variables", "assets", "assets.extra", "fingerprint.pb"}

Write = Callable[["tf.Session", Network, Path], None]


def export(flags: argparse.Namespace) -> int:
    """Writes the newest good checkpoint of a run, and returns the exit code.

    Raises:
        InputError: a flag or the directory is wrong, or the output is there already.
        WorkError: there is no good checkpoint.
    """
    output = Path(flags.output)
    _check_output(output, flags)
    model, _ = restored_model.model_of(flags)
    with restored_model.restored(flags, model) as (session, network, checkpoint):
        write = _write_npz if flags.format == "npz" else _write_saved_model
        _replace(output, lambda path: write(session, network, path))
    print(f"Step {checkpoint.step} of {checkpoint.prefix.parent}, {flags.weights} weights, written to {output}")
    return 0


def _check_output(output: Path, flags: argparse.Namespace) -> None:
    if flags.format == "npz" and output.suffix != ".npz":
        raise InputError(f"--output {output}: the weights are written as .npz; name a file that ends so")
    if flags.format == "saved-model":
        paths.check_encoding(output)
    if not output.parent.is_dir():
        raise InputError(f"--output {output}: there is no directory {output.parent}; make it first")
    if not output.exists():
        return
    if not flags.force:
        raise InputError(f"--output {output}: is there already; name another, or replace it with --force")
    ours = {path.name for path in output.iterdir()} <= _SAVED_MODEL if output.is_dir() else flags.format == "npz"
    if not ours or output.is_dir() != (flags.format == "saved-model"):
        raise InputError(f"--output {output}: is not an export of this format, so it is not replaced; name another")


def _replace(output: Path, write: Callable[[Path], None]) -> None:
    """Writes beside the output first, so that a failure leaves what was there.

    Raises:
        OSError: it cannot be written.
        WorkError: TensorFlow cannot write it.
    """
    with naming(output), tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as folder:
        new, old = Path(folder) / output.name, Path(folder) / "old"
        try:
            write(new)
        except tf.errors.OpError as error:
            raise WorkError(f"--output {output}: cannot be written ({cause(error)})") from None
        if output.is_dir():
            output.rename(old)
        new.replace(output)


def _write_saved_model(session: tf.Session, network: Network, path: Path) -> None:
    outputs = {"classes": network.classes, "probabilities": network.probabilities}
    signature = tf.saved_model.predict_signature_def({"images": network.images}, outputs)
    builder = tf.saved_model.Builder(str(path))
    default = tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
    builder.add_meta_graph_and_variables(session, [tf.saved_model.tag_constants.SERVING], {default: signature})
    builder.save()


def _write_npz(session: tf.Session, network: Network, path: Path) -> None:
    """The weights under the names that the variables have, whether averaged or not."""
    variables = {variable.op.name: variable for variable in network.variables.values()}
    with path.open("wb") as file:
        np.savez(file, **session.run(variables))
