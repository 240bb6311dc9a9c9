"""A network from a Python file of the reader's own, which runs only because a command line names it.

| file               | contents                                                                        |
| ------------------ | ------------------------------------------------------------------------------- |
| `source.py`        | the file's text, its checksum, the network's name                               |
| `execution.py`     | runs the reader's code as in TensorFlow 1.x; its errors become one line         |
| `book_module.py`   | makes a `Model` of the book's own module: `inference` and its constants         |
| `arguments.py`     | finds by their names what the arguments of `inference` are for                  |
| `settings.py`      | checks the settings of a `Model` that the file defines                          |
| `forward_pass.py`  | calls the file's `inference`, and says what it must keep to                     |
| `randomness.py`    | makes random operations functions of the seed and the step                      |
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from types import ModuleType
from typing import Any

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.model_file import book_module, settings
from lowlevel_cnn.model_file.execution import ReadersCode
from lowlevel_cnn.model_file.forward_pass import ForwardPass, Function, try_out
from lowlevel_cnn.model_file.source import Source, read
from lowlevel_cnn.models import Model
from lowlevel_cnn.system.messages import shortened, warn

__all__ = ["load", "warn_of_random_operations"]


def load(path: str) -> Model:
    """Run a file and return its network, tried out in training and in evaluation.

    Raises:
        InputError: there is no such file, its code fails, or it does not keep to what a network must.
    """
    source = read(path)
    code = ReadersCode(source.path)
    module = code.run(source.name, source.text)
    with code.running():
        found, function = _network(source, module)
    model = replace(found, name=source.name, file=source.file, inference=ForwardPass(code, function, found.num_labels))
    return replace(model, parameters=try_out(model))


def warn_of_random_operations(model: Model) -> None:
    """Warn of the random operations of a file's network that a resumed run would run otherwise."""
    # Fitted to the data, a model calls its forward pass with the number of classes.
    forward = getattr(model.inference, "func", model.inference)
    if model.file and isinstance(forward, ForwardPass) and (left := forward.random_operations):
        warn(
            f"--model {model.file.path}: {shortened(left)}: a run that is interrupted and resumed draws other numbers "
            "there, so it will not be the same to the bit"
        )


def _network(source: Source, module: ModuleType) -> tuple[Model, Function]:
    """Return the model that a module defines, and how to call its forward pass."""
    if hasattr(module, "MODEL"):
        model = settings.checked(source.path, module.MODEL)
        return model, _with_classes(model.inference)
    if named := next((name for name, value in vars(module).items() if isinstance(value, Model)), ""):
        raise InputError(f"--model {source.path}: its Model is named {named}; name it MODEL")
    if callable(getattr(module, "inference", None)):
        return book_module.model(source.path, module)
    raise InputError(f"--model {source.path}: defines neither MODEL = Model(...) nor {book_module.EXPECTED}")


def _with_classes(inference: Any) -> Function:
    """Return a function that takes the number of classes, too, and passes it on if the file's own takes it."""
    if "num_labels" in inspect.signature(inference).parameters:
        return lambda images, train, regularizer, num_labels: inference(
            images, train, regularizer, num_labels=num_labels
        )
    return lambda images, train, regularizer, num_labels: inference(images, train, regularizer)
