"""Keras 2, for `import keras` and `tf.keras` in old scripts: the package tf_keras, with what it has moved since.

Its names are the attributes of this module; tf_keras is imported when one is first asked for.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from typing import Any

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tf1 import data_folders, keras1

_LEGACY = "TF_USE_LEGACY_KERAS"
# The interface for TensorFlow 1.x: its optimizers take `lr` and `decay`, where those of today pass over `lr`.
_VERSION_1 = "tf_keras.api._v1.keras"

# The modules whose names are today in another one; a module comes before those below it.
_MOVED = {
    "engine": "layers",
    "engine.base_layer": "layers",
    "engine.topology": "layers",
    "objectives": "losses",
    "backend.tensorflow_backend": "backend",
    **dict.fromkeys(
        (
            "layers.advanced_activations",
            "layers.convolutional",
            "layers.core",
            "layers.embeddings",
            "layers.local",
            "layers.merge",
            "layers.noise",
            "layers.normalization",
            "layers.pooling",
            "layers.recurrent",
            "layers.wrappers",
        ),
        "layers",
    ),
    **dict.fromkeys(
        ("utils.data_utils", "utils.generic_utils", "utils.layer_utils", "utils.np_utils", "utils.vis_utils"),
        "utils",
    ),
}
# By their names in Keras.
_DATASETS = {"mnist": "mnist", "fashion_mnist": "fashion-mnist", "cifar10": "cifar10"}


class KerasMissingError(InputError, ImportError):
    """Keras 2 is asked for and the package is not installed; a script may have an `except ImportError` for that."""


class Measurements(dict[str, Any]):
    """What was measured in each epoch; Keras called the accuracy `acc`, and since its version 2.3 `accuracy`."""

    def __missing__(self, name: str) -> Any:
        other = name.replace("accuracy", "acc") if "accuracy" in name else name.replace("acc", "accuracy")
        if other not in self:
            raise KeyError(name)
        return self[other]


def __getattr__(name: str) -> Any:
    # Tools that look for marks of their own on a module are no reason to import Keras.
    if name.startswith("_") and name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(load(), name)


@functools.cache
def load() -> Any:
    """Return Keras 2.

    Raises:
        KerasMissingError: tf_keras is not installed.
    """
    # For `tf.compat.v1.keras`, and for what asks TensorFlow itself which Keras to take.
    os.environ[_LEGACY] = "1"
    try:
        keras: Any = importlib.import_module(_VERSION_1)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "tf_keras":
            raise
        raise KerasMissingError("Keras 2 needs the package tf_keras: pip install 'lowlevel-cnn[tf1]'") from None
    keras.__version__ = importlib.import_module("tf_keras").__version__
    _give_back_modules(keras)
    _give_back_names(keras)
    keras1.give_back(keras)
    # It needs the estimators of a package that can no longer be imported.
    vars(keras).pop("estimator", None)
    _take_inputs_of_any_shape()
    for name, ours in _DATASETS.items():
        module = getattr(keras.datasets, name)
        module.load_data = _reading_ours(ours, module.load_data)
    return keras


def _give_back_modules(keras: Any) -> None:
    for old, today in _MOVED.items():
        *path, name = old.split(".")
        owner = functools.reduce(getattr, path, keras)
        if not hasattr(owner, name):
            setattr(owner, name, getattr(keras, today))


def _give_back_names(keras: Any) -> None:
    """Give back the few names that went before tf_keras: the classes predicted, the order of image dimensions."""
    backend = keras.backend
    orders = {"tf": "channels_last", "th": "channels_first"}
    names = {format_: order for order, format_ in orders.items()}
    given_back: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
        (keras.models.Sequential, "predict_classes", _predict_classes),
        (keras.models.Sequential, "predict_proba", lambda model, *args, **kwargs: model.predict(*args, **kwargs)),
        (backend, "image_dim_ordering", lambda: names[backend.image_data_format()]),
        (backend, "set_image_dim_ordering", lambda order: backend.set_image_data_format(orders[order])),
    )
    for owner, name, function in given_back:
        if not hasattr(owner, name):
            setattr(owner, name, function)
    begin = keras.callbacks.History.on_train_begin

    @functools.wraps(begin)
    def on_train_begin(history: Any, logs: Any = None) -> None:
        history.history = Measurements(history.history)
        begin(history, logs)

    keras.callbacks.History.on_train_begin = on_train_begin


def _take_inputs_of_any_shape() -> None:
    """A model called with a tensor did not compare its shape with that of its input; it may begin with a `Reshape`."""
    functional: Any = importlib.import_module("tf_keras.src.engine.functional").Functional
    functional.input_spec = property(lambda model: None, functional.input_spec.fset)


def _predict_classes(model: Any, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
    """Return the class with the highest probability for each example, or 0 or 1 where there is one probability."""
    probabilities = model.predict(x, batch_size=batch_size, verbose=verbose)
    if probabilities.shape[-1] > 1:
        return probabilities.argmax(axis=-1)
    return (probabilities > 0.5).astype("int32")


def _reading_ours(name: str, kerass_own: Callable[..., Any]) -> Callable[..., Any]:
    """`load_data` that reads our files if they are there, and else does what that of Keras does: download its own."""

    @functools.wraps(kerass_own)
    def load_data(*args: Any, **kwargs: Any) -> Any:
        dataset = data_folders.load_if_there(name)
        if dataset is None:
            return kerass_own(*args, **kwargs)
        return tuple(_as_keras_has_them(split.images, split.labels) for split in (dataset.train, dataset.test))

    return load_data


def _as_keras_has_them(images: Any, labels: Any) -> tuple[Any, Any]:
    """Arrays to write to: grey images without a channel and labels `[n]`, colour images with labels `[n, 1]`."""
    if images.shape[-1] == 1:
        return images[..., 0].copy(), labels.copy()
    return images.copy(), labels.reshape(-1, 1).copy()
