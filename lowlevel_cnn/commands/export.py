"""The command `export`: write a trained network as a SavedModel for TensorFlow 2, or its weights as NumPy arrays.

1.x code would have frozen a graph with `tf.graph_util`; a SavedModel stores graph and weights side by side.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowlevel_cnn.checkpoints.paths import check_encoding
from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import path_name
from lowlevel_cnn.commands.output_paths import already_there, check_output_file, check_parent
from lowlevel_cnn.commands.own_model import with_own_model
from lowlevel_cnn.commands.shared_flags import add_restore_flags
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.prediction.restored_model import RestoredModel, RestoreOptions, restored
from lowlevel_cnn.system.atomic_files import naming
from lowlevel_cnn.tensorflow_v1 import cause, tf

# The contents of a SavedModel; an output with anything else in it is not replaced, even with --force.
_SAVED_MODEL = {"saved_model.pb", "variables", "assets", "assets.extra", "fingerprint.pb"}


@dataclass(frozen=True, kw_only=True)
class ExportOptions(RestoreOptions):
    """The options of `export`.

    Attributes:
        output: a folder for a SavedModel, a file for `.npz`.
        format: `saved-model` or `npz`.
        force: whether to replace an existing export.
    """

    output: str
    format: str = "saved-model"
    force: bool = False


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    add_restore_flags(parser)
    parser.add_argument("--output", type=path_name, metavar="OUT", required=True, help="where to write it")
    parser.add_argument(
        "--format",
        choices=("saved-model", "npz"),
        default="saved-model",
        help="a SavedModel with graph and weights, or NumPy's .npz with the weights (default: saved-model)",
    )
    parser.add_argument("--force", action="store_true", help="replace an existing export")
    # An export needs no data.
    parser.set_defaults(data_dir=None, mirror=None)


def export(options: ExportOptions) -> int:
    """Write the newest good checkpoint of a run, and return the exit code.

    Raises:
        InputError: an option or the directory is wrong, or the output already exists.
        WorkError: there is no good checkpoint.
    """
    output = Path(options.output)
    _check_output(output, options)
    with restored(options) as model:
        write = _write_npz if options.format == "npz" else _write_saved_model
        _replace(output, lambda path: write(model, path))
    checkpoint = model.checkpoint
    print(f"Step {checkpoint.step} of {checkpoint.prefix.parent}, {options.weights} weights, written to {output}")
    return 0


def _check_output(output: Path, options: ExportOptions) -> None:
    if options.format == "npz":
        check_output_file("--output", output, ".npz", "the weights are", force=options.force)
        return
    check_encoding(output)
    check_parent("--output", output)
    if output.exists() and not options.force:
        raise already_there("--output", output, can_be_forced=True)
    if output.exists() and not (output.is_dir() and {path.name for path in output.iterdir()} <= _SAVED_MODEL):
        raise InputError(f"--output {output}: is not a SavedModel, so it is not replaced; choose another")


def _replace(output: Path, write: Callable[[Path], None]) -> None:
    """Write beside the output, then replace it, so that a failure leaves the old output.

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


def _write_saved_model(model: RestoredModel, path: Path) -> None:
    network = model.network
    outputs = {"classes": network.classes, "probabilities": network.probabilities}
    signature = tf.saved_model.predict_signature_def({"images": network.images}, outputs)
    builder = tf.saved_model.Builder(str(path))
    default = tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
    builder.add_meta_graph_and_variables(model.session, [tf.saved_model.tag_constants.SERVING], {default: signature})
    builder.save()


def _write_npz(model: RestoredModel, path: Path) -> None:
    """Write the weights under the variables' own names, whether averaged or raw."""
    variables = {variable.op.name: variable for variable in model.network.variables.values()}
    with path.open("wb") as file:
        np.savez(file, **model.session.run(variables))


COMMAND = Command(add_flags, options_from_flags(ExportOptions), with_own_model(export))
