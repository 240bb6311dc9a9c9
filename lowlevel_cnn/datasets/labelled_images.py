"""Number the classes of a user's own images, and check that labels and images belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowlevel_cnn.datasets.batches import Split
from lowlevel_cnn.errors import InputError


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """The images of a user, before any are held out for validation.

    Attributes:
        class_names: in the order of the class numbers.
        train: the training images, in an order in which the classes are mixed.
        test: the test images.
        remarks: what a user should know about how the files were read, a line each.
        idx_files: the paths of MNIST's four IDX files, if they were read.
        validation: the images that are there for it; None: it takes some of `train`.
    """

    class_names: tuple[str, ...]
    train: Split
    test: Split
    remarks: tuple[str, ...] = ()
    idx_files: tuple[Path, ...] = ()
    validation: Split | None = None


@dataclass(frozen=True)
class Labels:
    """The labels of one split as they stand in a file.

    Attributes:
        where: the file, and the array in it if it has several.
        values: `[count]` integers.
    """

    where: str
    values: np.ndarray


def numbered(train: Labels, test: Labels) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, list[str]]:
    """Number the classes from 0 in the order of the training labels, whatever those are.

    Returns:
        The class names, which are the labels in the files; the class numbers `[count]` of the training and of the
        test images, of the smallest unsigned type; and a remark if the labels are not 0, 1, 2, ...

    Raises:
        InputError: there is only one class, or a test image has a label that no training image has.
    """
    classes = np.unique(train.values)
    if len(classes) < 2:
        raise InputError(f"{train.where}: all labels are {classes[0]}; at least two classes are needed")
    unknown = np.flatnonzero(~np.isin(test.values, classes))
    if len(unknown):
        place = int(unknown[0])
        raise InputError(
            f"{test.where}: label {test.values[place]} at index {place:,} is not among those of the training images,"
            f" {_listed(classes)}; correct it, or add training images"
        )
    names = tuple(str(label) for label in classes)
    remarks = []
    if not np.array_equal(classes, np.arange(len(classes))):
        remarks.append(f"the labels are {_listed(classes)}; they keep these names, and are numbered from 0")
    kind = np.min_scalar_type(len(classes) - 1)
    train_numbers, test_numbers = (np.searchsorted(classes, each.values).astype(kind) for each in (train, test))
    return names, train_numbers, test_numbers, remarks


def check_count(images: np.ndarray, images_name: str, labels: Labels) -> None:
    """Refuse labels that are not as many as the images.

    Raises:
        InputError: they are not.
    """
    if len(labels.values) != len(images):
        raise InputError(
            f"{labels.where}: {len(labels.values):,} labels for {len(images):,} images in {images_name};"
            " give files that belong together"
        )


def mixed(split: Split) -> tuple[Split, list[str]]:
    """Shuffle training images that are grouped by class, as the first are to be held out; leave others as they are.

    Returns:
        The images in an order that depends on their number only, and a remark if it is another one than before.
    """
    labels = split.labels
    share = np.bincount(labels) / len(labels)
    expected = (len(labels) - 1) * (1 - float(share @ share))  # changes between neighbours, in a random order
    if np.count_nonzero(labels[1:] != labels[:-1]) > expected / 2:
        return split, []
    order = np.random.default_rng(0).permutation(len(labels))
    remark = "the training images were grouped by class, and are shuffled before some are held out for validation"
    return Split(split.images[order], labels[order]), [remark]


def _listed(classes: np.ndarray) -> str:
    """Return the labels as a range, or one by one, the first few of many."""
    first, last = int(classes[0]), int(classes[-1])
    if last - first == len(classes) - 1:
        return f"{first} to {last}"
    shown: Sequence[str] = [str(label) for label in classes[:10]]
    return ", ".join(shown) + (f" and {len(classes) - 10} more" if len(classes) > 10 else "")
