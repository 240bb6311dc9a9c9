"""The data of a run: loaded, and checked to be what its model takes and what it began with."""

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
    """Load a data set to train on, with enough images for a batch.

    Raises:
        InputError: what `load_data` raises, or a batch has more images than there are.
    """
    loaded = load_data(model, dataset, data_dir, mirror)
    if model.batch_size > len(loaded.train):
        count = len(loaded.train)
        raise InputError(f"--batch-size {model.batch_size}: there are only {count} training images; give a smaller one")
    return loaded


def check_image_shape(model: models.Model, dataset: str) -> None:
    """Refuse a data set whose images have another shape than the model takes.

    Raises:
        InputError: they have.
    """
    if datasets.image_shape(dataset) != model.image_shape:
        raise InputError(
            f"--dataset {dataset}: its images are {datasets.image_shape(dataset)}, and {model.name} takes "
            f"{model.image_shape}; choose another --model or --dataset"
        )


def other_data(found: RunRecord, dataset: datasets.Dataset) -> str:
    """Say how a data set differs from the one that a run began with; "" if it does not, or if that is not known."""
    if found.data_checksum in ("", dataset.checksum):
        return ""
    both = f"checksum {dataset.checksum}, the run: {found.data_checksum}"
    return f"the images or labels are not those that the run began with ({both})"


def scored_split(split: str | None, model: models.Model) -> str:
    """Return the split to score: the one given, else validation, or test where the model holds out no images.

    Raises:
        InputError: the validation split of a model that has none.
    """
    if model.validation_count != 0:
        return split or "validation"
    if split == "validation":
        raise InputError(f"--split validation: {model.name} trains on all training images; use --split test")
    return "test"
