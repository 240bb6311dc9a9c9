"""Load the data of a run, and check that it fits the model and is what the run was started with."""

from __future__ import annotations

from dataclasses import replace

from lowlevel_cnn import datasets, models
from lowlevel_cnn.datasets import Dataset
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs.agreement import own_model
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.tensorflow_v1 import cause, seeded_graph, tf


def load_data(model: models.Model, dataset: str, data_dir: str | None, mirror: str | None) -> Dataset:
    """Load a data set whose images and classes the model has.

    Raises:
        InputError: the data is missing or wrong, or its images have another shape, or it has other classes.
    """
    check_image_shape(model, dataset)
    loaded = _load(model, dataset, data_dir, mirror)
    _check_fits(model, loaded)
    return loaded


def fitted(model: models.Model, dataset: Dataset) -> Dataset:
    """Return a data set that is in memory as `load_data` would return it for the model.

    Raises:
        InputError: its images have another shape than the model takes, or it has other classes.
    """
    dataset = _holding_out(model, dataset)
    _check_fits(model, dataset)
    return dataset


def load_training_data(
    record: RunRecord, options: TrainOptions, given: Dataset | None = None
) -> tuple[RunRecord, models.Model, Dataset]:
    """Load the data of a run to train, and check that it has enough images for a batch.

    Args:
        record: the record of the run.
        options: how to train it.
        given: the data, if it is in memory already.

    Returns:
        The record with the data's checksum, shape and classes; the run's model, for these; the data.

    Raises:
        InputError: the data is missing or wrong, the network does not fit it, or there are too few images for a batch.
    """
    own = own_model(options.model)
    model = record.restored_model(own)
    check_image_shape(model, record.dataset)
    if given is None:
        loaded = _load(model, record.dataset, options.data_dir, options.mirror)
    else:
        loaded = _holding_out(model, given)
    shape = _shape(loaded)
    if record.image_shape and shape[:2] != record.image_shape[:2]:
        # A folder of pictures is scaled, other data is not.
        _check_shape(model, record.dataset, shape)
    if model.batch_size > len(loaded.train):
        count = len(loaded.train)
        raise InputError(f"--batch-size {model.batch_size}: there are only {count} training images; use a smaller one")
    record = replace(record, data_checksum=loaded.checksum, image_shape=shape, class_names=tuple(loaded.class_names))
    fitted = record.restored_model(own)
    if shape != model.image_shape or own:
        _check_takes(fitted)
    return record, fitted, loaded


def check_image_shape(model: models.Model, dataset: str) -> None:
    """Refuse a named data set whose images do not have the shape that the model takes; read nothing.

    Raises:
        InputError: they do not.
    """
    if not datasets.is_path(dataset):
        _check_shape(model, dataset, datasets.image_shape(dataset))


def other_data(found: RunRecord, dataset: Dataset) -> str:
    """Return how a data set differs from the one a run was started with; "" if it does not, or if that is unknown."""
    if found.data_checksum in ("", dataset.checksum):
        return ""
    both = f"checksum {dataset.checksum}, the run has {found.data_checksum}"
    return f"the images or labels are not the ones that the run was started with ({both})"


def flag_of_data(dataset: str) -> str:
    """Return the flag by which the user says where the data is."""
    return "--dataset" if datasets.is_path(dataset) else "--data-dir"


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


def _load(model: models.Model, dataset: str, data_dir: str | None, mirror: str | None) -> Dataset:
    return datasets.load(
        dataset, data_dir, mirror=mirror, validation_count=model.validation_count, image_shape=model.image_shape
    )


def _holding_out(model: models.Model, dataset: Dataset) -> Dataset:
    return dataset if model.validation_count is None else dataset.holding_out(model.validation_count)


def _check_fits(model: models.Model, dataset: Dataset) -> None:
    _check_shape(model, dataset.name, _shape(dataset))
    if len(dataset.class_names) != model.num_labels:
        raise InputError(
            f"--dataset {dataset.name}: has {len(dataset.class_names)} classes, but the network was trained for "
            f"{model.num_labels}; choose another --dataset"
        )


def _shape(dataset: Dataset) -> tuple[int, int, int]:
    height, width, channels = dataset.train.images.shape[1:]
    return height, width, channels


def _check_shape(model: models.Model, dataset: str, shape: tuple[int, int, int]) -> None:
    if shape != model.image_shape:
        raise InputError(
            f"--dataset {dataset}: its images have shape {shape}, but {model.name} takes {model.image_shape}; choose "
            "another --model or --dataset"
        )


def _check_takes(model: models.Model) -> None:
    """Build a network for images of a shape that it was not made for.

    Raises:
        InputError: it does not take them: they are too small, for instance.
    """
    with seeded_graph():
        try:
            model.inference(tf.placeholder(tf.float32, [None, *model.image_shape]), False, None)
        except (ValueError, tf.errors.InvalidArgumentError) as error:
            size = "x".join(map(str, model.image_shape[:2]))
            raise InputError(
                f"--dataset, --image-size: {model.name} does not take images of {size} ({cause(error)}); choose "
                "another size or --model"
            ) from None
