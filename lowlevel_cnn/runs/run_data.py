"""Load the data of a run, and check that it fits the model and is what the run was started with."""

from __future__ import annotations

from lowlevel_cnn import datasets, models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs.run_record import RunRecord


def load_data(model: models.Model, dataset: str, data_dir: str | None, mirror: str | None) -> datasets.Dataset:
    """Load a data set whose images the model takes.

    Raises:
        InputError: the data is missing or wrong, or its images have another shape.
    """
    check_image_shape(model, dataset)
    return datasets.load(dataset, data_dir, mirror=mirror, validation_count=model.validation_count)


def load_training_data(model: models.Model, dataset: str, data_dir: str | None, mirror: str | None) -> datasets.Dataset:
    """Load a data set to train on, and check that it has enough images for a batch.

    Raises:
        InputError: as in `load_data`, or a batch has more images than the data set.
    """
    loaded = load_data(model, dataset, data_dir, mirror)
    _check_batch_size(model, loaded)
    return loaded


def fitted(model: models.Model, dataset: datasets.Dataset) -> datasets.Dataset:
    """Return a data set that is in memory as `load_training_data` would return it for the model.

    Raises:
        InputError: its images have another shape than the model takes, or are fewer than a batch.
    """
    check_image_shape(model, dataset.name)
    if model.validation_count is not None:
        dataset = dataset.holding_out(model.validation_count)
    _check_batch_size(model, dataset)
    return dataset


def _check_batch_size(model: models.Model, dataset: datasets.Dataset) -> None:
    if model.batch_size > len(dataset.train):
        count = len(dataset.train)
        raise InputError(f"--batch-size {model.batch_size}: there are only {count} training images; use a smaller one")


def check_image_shape(model: models.Model, dataset: str) -> None:
    """Refuse a data set whose images do not have the shape that the model takes.

    Raises:
        InputError: they do not.
    """
    if datasets.image_shape(dataset) != model.image_shape:
        raise InputError(
            f"--dataset {dataset}: its images have shape {datasets.image_shape(dataset)}, but {model.name} takes "
            f"{model.image_shape}; choose another --model or --dataset"
        )


def other_data(found: RunRecord, dataset: datasets.Dataset) -> str:
    """Return how a data set differs from the one a run was started with; "" if it does not, or if that is unknown."""
    if found.data_checksum in ("", dataset.checksum):
        return ""
    both = f"checksum {dataset.checksum}, the run has {found.data_checksum}"
    return f"the images or labels are not the ones that the run was started with ({both})"


def scored_split(split: str | None, model: models.Model) -> str:
    """Return the split to score: the one given, else validation, or test if the model holds out no images.

    Raises:
        InputError: the validation split of a model that has none.
    """
    if model.validation_count != 0:
        return split or "validation"
    if split == "validation":
        raise InputError(f"--split validation: {model.name} trains on all training images; use --split test")
    return "test"
