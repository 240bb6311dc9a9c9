"""Agree on a run's settings: those of the options, and those that the run in the directory was started with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from lowlevel_cnn import datasets, models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.models import Model
from lowlevel_cnn.runs import run_record
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.runs.run_record import RunRecord

# The flags of hyper-parameters, by their names in `Model` and `run.json`, which the options may set.
_HYPER_PARAMETERS = {
    "batch_size": "batch_size",
    "learning_rate": "learning_rate_base",
    "optimizer": "optimizer",
    "moving_average_decay": "moving_average_decay",
    "regularization_rate": "regularization_rate",
}


def agreed_record(options: TrainOptions, found: RunRecord | None) -> RunRecord:
    """Return the record of the run found, if the options agree with it, or of a new run.

    Raises:
        InputError: the options contradict it, or it is a file's network and they do not name the file.
    """
    own = own_model(options.model)
    given = {ours: getattr(options, flag) for flag, ours in _HYPER_PARAMETERS.items()}
    given = {name: value for name, value in given.items() if value is not None}
    if options.steps:
        given["training_steps"] = options.steps
    if found:
        if contradictions := [*_contradictions(options, found)]:
            raise InputError(
                f"{', '.join(contradictions)}: the directory contains a different run; leave the flag out to resume "
                "it, choose another --checkpoint-dir, or start a new run with --fresh"
            )
        if found.model_file:
            own = _the_same_file(found, own, accepted=options.accept_changed_model)
            found = replace(found, **_file(own))
        if options.dataset and datasets.is_path(options.dataset):
            found = replace(found, dataset=located(options.dataset))
        return replace(found, hyper_parameters={**found.hyper_parameters, **given})
    model = own or models.get(_name(options.model) or models.names()[0])
    return RunRecord(
        model=model.name,
        dataset=located(options.dataset or model.dataset),
        seed=options.seed or 0,
        hyper_parameters=run_record.hyper_parameters(replace(model, **given)),
        image_shape=(*options.image_size, model.image_shape[2]) if options.image_size else None,
        **_file(own),
    )


def model_of(
    directory: Path, found: RunRecord | None, given: str | Model | None, *, accept_changed: bool = False
) -> tuple[Model, str]:
    """Return the model of the run in a directory, and the name of the data set that it was trained on.

    Args:
        directory: named in the error.
        found: its record; None if other programs wrote the checkpoints.
        given: the value of `--model`, which is optional if there is a record and the network is not a file's.
        accept_changed: whether the file may have changed since the run was started.

    Raises:
        InputError: `--model` contradicts the record, or there is neither, or the file is not named.
    """
    own = own_model(given)
    if found is None:
        if given is None:
            raise InputError(
                f"--checkpoint-dir {directory}: has checkpoints but no run.json; specify their network with --model"
            )
        model = own or models.get(str(given))
        return model, model.dataset
    if found.model_file and (own or given is None):
        own = _the_same_file(found, own, accepted=accept_changed)
    elif own or given not in (None, found.model) or found.model_file:
        uses = found.model_file or found.model
        otherwise = f"give --model {uses}" if found.model_file else "leave the flag out"
        raise InputError(f"--model {_shown(given)}: the run in {directory} uses {uses}; {otherwise}")
    return found.restored_model(own), found.dataset


def own_model(given: str | Model | None) -> Model | None:
    """Return the network of a file, if `--model` gives one."""
    return given if isinstance(given, Model) else None


def located(dataset: str) -> str:
    """Return a data set's name, or the absolute path of pictures of one's own."""
    return os.path.abspath(dataset) if datasets.is_path(dataset) else dataset  # noqa: PTH100


def _contradictions(options: TrainOptions, found: RunRecord) -> Iterator[str]:
    """Yield each flag that contradicts the run, with both values."""
    own = own_model(options.model)
    is_another = not found.model_file if own else found.model_file or options.model != found.model
    if options.model is not None and is_another:
        yield f"--model {_shown(options.model)} (the run has {found.model_file or found.model})"
    dataset = options.dataset
    # A folder may have moved; the checksum tells whether it is the same.
    if dataset not in (None, found.dataset) and not (datasets.is_path(dataset) and datasets.is_path(found.dataset)):
        yield f"--dataset {dataset} (the run has {found.dataset})"
    if options.seed not in (None, found.seed):
        yield f"--seed {options.seed} (the run has {found.seed})"
    for flag, name in _HYPER_PARAMETERS.items():
        given, ours = getattr(options, flag), found.hyper_parameters[name]
        if given not in (None, ours):
            yield f"--{flag.replace('_', '-')} {given} (the run has {ours})"
    size = (found.image_shape or datasets.image_shape(found.dataset))[:2]
    if options.image_size is not None and options.image_size != size:
        given, ours = "x".join(map(str, options.image_size)), "x".join(map(str, size))
        yield f"--image-size {given} (the run has {ours})"


def _the_same_file(found: RunRecord, own: Model | None, *, accepted: bool) -> Model:
    """Return the network of the file that a run was started with.

    Raises:
        InputError: `--model` does not name it, or its text is another.
    """
    if own is None or own.file is None:
        raise InputError(
            f"--model: the run's network is in the file {found.model_file}, and a file is run only where it is named; "
            f"add --model with its path"
        )
    if own.file.checksum != found.model_checksum and not accepted:
        what = "has changed since" if own.file.name == found.model_file else f"is not {found.model_file}, with which"
        raise InputError(
            f"--model {own.file.path}: {what} the run was started; go on with it all the same by "
            "--accept-changed-model, or start a new run with --fresh"
        )
    return own


def _file(own: Model | None) -> dict[str, Any]:
    if own is None or own.file is None:
        return {}
    return {"model_file": own.file.name, "model_checksum": own.file.checksum}


def _name(given: str | Model | None) -> str | None:
    return given.name if isinstance(given, Model) else given


def _shown(given: str | Model | None) -> str:
    return given.file.path if isinstance(given, Model) and given.file else str(_name(given))
