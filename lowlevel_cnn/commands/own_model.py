"""Run a network's file where `--model` names one: only there, and only in the command whose command line it is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from lowlevel_cnn import models
from lowlevel_cnn.commands.flag_types import is_model_file
from lowlevel_cnn.models import Model

Options = TypeVar("Options", bound=Any)


def with_own_model(function: Callable[[Options], int]) -> Callable[[Options], int]:
    """Return a command's function for options whose `model` may be a file, which is run first."""

    @functools.wraps(function)
    def command(options: Options) -> int:
        return function(replace(options, model=loaded(options.model)))

    return command


def loaded(model: str | Model | None) -> str | Model | None:
    """Return the network of a file; a name, which runs nothing, as it is.

    Raises:
        InputError: there is no such file, or it defines no network.
    """
    if not isinstance(model, str) or model in models.all_names() or not is_model_file(model):
        return model
    # Imported late: a command with a name needs none of it.
    from lowlevel_cnn import model_file

    return model_file.load(model)


def warn_of_random_operations(model: Model) -> None:
    """Warn of what in a file's network keeps a resumed run from being the same to the bit."""
    if model.file:
        from lowlevel_cnn import model_file

        model_file.warn_of_random_operations(model)
