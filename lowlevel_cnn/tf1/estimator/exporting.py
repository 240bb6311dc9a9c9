"""A SavedModel of an estimator, in a directory named after the time."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.building import Model
from lowlevel_cnn.tf1.estimator.export import ExportOutput, PredictOutput
from lowlevel_cnn.tf1.estimator.specification import DEFAULT_SIGNATURE, EstimatorSpec, ModeKeys

__all__ = ["export_saved_model"]


def export_saved_model(
    model: Model,
    base: str,
    serving_input_receiver_fn: Callable[[], Any],
    assets_extra: Mapping[str, str] | None,
    as_text: bool,
    checkpoint_path: str | None,
    strip_default_attrs: bool,
) -> bytes:
    """Write a SavedModel for serving into a new directory below `base`, and return its path.

    `assets_extra` names files to copy, by their place below `assets.extra/`. Raises ValueError for a model without
    a checkpoint.
    """
    checkpoint = checkpoint_path or model.latest_checkpoint()
    if not checkpoint:
        raise ValueError(f"Couldn't find trained model at {model.directory}.")
    with model.graph(), tf.Session(config=model.config.for_session()) as session:
        receiver = serving_input_receiver_fn()
        spec = model.specification(receiver.features, None, ModeKeys.PREDICT)
        saver = spec.scaffold.saver or tf.train.Saver(sharded=True)
        saver.restore(session, checkpoint)
        target = _new_directory(Path(os.fspath(base)))
        # Not there under its name before it is complete: a server may be waiting for it.
        unfinished = target.with_name(f"temp-{target.name}")
        builder = tf.saved_model.Builder(str(unfinished))
        builder.add_meta_graph_and_variables(
            session,
            [tf.saved_model.tag_constants.SERVING],
            signature_def_map=_signatures(spec, receiver),
            assets_collection=tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS),
            main_op=spec.scaffold.local_init_op or tf.train.Scaffold.default_local_init_op(),
            saver=saver,
            strip_default_attrs=strip_default_attrs,
        )
        builder.save(as_text)
    for place, source in (assets_extra or {}).items():
        copy = unfinished / "assets.extra" / place
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    unfinished.rename(target)
    tf.logging.info("SavedModel written to: %s", target)
    return os.fsencode(target)


def _new_directory(base: Path) -> Path:
    """Return a directory named after the time in seconds, or the second after the newest export's.

    A second that an older export has given free again would make this one look older than those that are kept.
    """
    base.mkdir(parents=True, exist_ok=True)
    taken = (path.name.removeprefix("temp-") for path in base.iterdir())
    newest = max((int(each) for each in taken if each.isdecimal()), default=0)
    return base / str(max(int(time.time()), newest + 1))


def _signatures(spec: EstimatorSpec, receiver: Any) -> dict[str, Any]:
    """Return the signatures of all outputs; say of those that the placeholders do not suit that they are left out."""
    outputs: dict[str, ExportOutput] = spec.export_outputs or {DEFAULT_SIGNATURE: PredictOutput(spec.predictions)}
    made, left_out = {}, {}
    inputs = {"": receiver.receiver_tensors, **(receiver.receiver_tensors_alternatives or {})}
    for kind, tensors in inputs.items():
        for name, output in outputs.items():
            full_name = f"{kind}:{name}" if kind else name
            try:
                made[full_name] = output.signature(tensors)
            except ValueError as error:
                left_out[full_name] = str(error)
    tf.logging.info("Signatures INCLUDED in export: %s", sorted(made))
    for name, why in left_out.items():
        tf.logging.warning("Signature EXCLUDED from export: %r %s", name, why)
    if DEFAULT_SIGNATURE not in made:
        tf.logging.warning("Export includes no default signature!")
    return made
