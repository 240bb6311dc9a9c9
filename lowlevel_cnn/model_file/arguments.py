"""Find by their names what the arguments of a reader's `inference` are for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

_ROLES = {
    "train": ("train", "training", "is_train", "is_training", "istrain", "istraining", "phase_train", "train_phase"),
    "regularizer": ("regularizer", "regularizer_fn", "weights_regularizer", "kernel_regularizer", "reg"),
    "num_labels": ("num_labels", "num_classes", "num_class", "n_classes", "n_class", "n_labels"),
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}
# What a name with one of these in it stands for is neither `train` nor `regularizer`.
_OTHER = (
    "keep",
    "prob",
    "drop",
    "rate",
    "batch",
    "size",
    "decay",
    "weight",
    "bias",
    "hidden",
    "unit",
    "node",
    "avg",
    "num",
    "class",
    "label",
    "reuse",
    "scope",
)
_HARMLESS = ("reuse",)  # a switch that evaluation leaves as it is in training


class UnknownArgumentError(Exception):
    """An `inference` takes what nothing is known to be given for; the message names it, or is empty."""


def caller(inference: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function `(images, train, regularizer, num_labels)` that calls `inference` with what it takes of these.

    Chapter 5's networks have no dropout and no `train`, and others name or order their arguments in another way.

    Raises:
        UnknownArgumentError: it needs another argument, or has a switch that seems to be `train` but is not so named.
    """
    parameters = [*inspect.signature(inference).parameters.values()]
    if not parameters or parameters[0].name.lower() in _ROLE_OF:
        raise UnknownArgumentError
    first, *others = parameters
    if first.kind is first.VAR_POSITIONAL:
        return lambda images, train, regularizer, num_labels: inference(images, train, regularizer)
    roles = _roles(others)
    if any(each.kind is each.VAR_KEYWORD for each in others):
        roles |= {role: role for role in ("train", "regularizer") if role not in roles.values()}
    for each in others:
        if each.name not in roles and _is_needed(each):
            raise UnknownArgumentError(each.name)
        if each.name not in roles and "train" not in roles.values() and _may_be_for_training(each):
            raise UnknownArgumentError(each.name)

    def call(images: Any, train: bool, regularizer: Any, num_labels: int) -> Any:
        given = {"train": train, "regularizer": regularizer, "num_labels": num_labels}
        return inference(images, **{name: given[role] for name, role in roles.items()})

    return call


def _roles(others: list[inspect.Parameter]) -> dict[str, str]:
    """Return the role of each argument that has one; two with names of their own are the book's two, in its order."""
    roles = {each.name: _ROLE_OF[each.name.lower()] for each in others if each.name.lower() in _ROLE_OF}
    needed = [each.name for each in others if _is_needed(each)]
    if len(needed) == 2:
        for name, role in zip(needed, ("train", "regularizer"), strict=True):
            if name not in roles and role not in roles.values() and not any(each in name.lower() for each in _OTHER):
                roles[name] = role
    return roles


def _is_needed(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.kind not in (
        parameter.VAR_POSITIONAL,
        parameter.VAR_KEYWORD,
    )


def _may_be_for_training(parameter: inspect.Parameter) -> bool:
    """Return whether an argument, left at its default, may let dropout drop in evaluation, too."""
    name = parameter.name.lower()
    is_switch = isinstance(parameter.default, bool) and name not in _HARMLESS
    return is_switch or any(each in name for each in ("keep", "drop"))
