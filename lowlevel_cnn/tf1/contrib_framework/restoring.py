"""Values for variables: given, or from a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.contrib_framework.variables import get_unique_variable

Assignment = tuple[Any, dict[Any, Any]]


def assign_from_values(var_names_to_values: Mapping[str, Any]) -> Assignment:
    """Return an operation that gives variables their values, and what to feed to it."""
    return _assigned({get_unique_variable(name): value for name, value in var_names_to_values.items()})


def assign_from_values_fn(var_names_to_values: Mapping[str, Any]) -> Callable[[Any], None]:
    """Return a function of a session that gives variables their values."""
    return _run(assign_from_values(var_names_to_values))


def assign_from_checkpoint(
    model_path: str, var_list: Sequence[tf.Variable] | Mapping[str, Any], ignore_missing_vars: bool = False
) -> Assignment:
    """Return an operation that gives variables their values in a checkpoint, and what to feed to it.

    Raises:
        ValueError: the checkpoint lacks a variable, or has it in another shape.
    """
    reader = tf.train.load_checkpoint(model_path)
    shapes = reader.get_variable_to_shape_map()
    values = {}
    for name, variable in _by_name(var_list).items():
        if name in shapes:
            values[variable] = reader.get_tensor(name)
        elif not ignore_missing_vars:
            raise ValueError(f"Checkpoint is missing variable [{name}]")
    return _assigned(values)


def assign_from_checkpoint_fn(
    model_path: str,
    var_list: Sequence[tf.Variable] | Mapping[str, Any],
    ignore_missing_vars: bool = False,
    reshape_variables: bool = False,
) -> Callable[[Any], None] | None:
    """Return a function of a session that restores variables; None where there are none.

    `ignore_missing_vars` leaves out those that the checkpoint lacks; `reshape_variables` takes other shapes too.

    Raises:
        ValueError: no variables are given.
    """
    variables = _by_name(var_list)
    if not variables:
        raise ValueError("var_list cannot be empty")
    if ignore_missing_vars:
        there = {name for name, _ in tf.train.list_variables(model_path)}
        for name in sorted(variables.keys() - there):
            tf.logging.warning("Variable %s missing in checkpoint %s", name, model_path)
            del variables[name]
    if not variables:
        tf.logging.warning("No Variables to restore")
        return None
    saver = tf.train.Saver(variables, reshape=reshape_variables)
    return lambda session: saver.restore(session, model_path)


def _by_name(variables: Sequence[tf.Variable] | Mapping[str, Any]) -> dict[str, tf.Variable]:
    return dict(variables) if isinstance(variables, Mapping) else {each.op.name: each for each in variables}


def _assigned(values: Mapping[tf.Variable, Any]) -> Assignment:
    feeds, assignments = {}, []
    for variable, given in values.items():
        value = np.asarray(given)
        if not variable.shape.is_compatible_with(value.shape):
            raise ValueError(f"Variable {variable.op.name} has the shape {variable.shape}, its value {value.shape}")
        # Fed, not a constant: a graph has room for 2 GB.
        placeholder = tf.placeholder(variable.dtype.base_dtype, value.shape)
        feeds[placeholder] = value
        assignments.append(variable.assign(placeholder))
    return tf.group(*assignments), feeds


def _run(assignment: Assignment) -> Callable[[Any], None]:
    return lambda session: session.run(*assignment)
