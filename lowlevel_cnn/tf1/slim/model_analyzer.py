"""`tf.contrib.slim.model_analyzer`: how many numbers variables and outputs have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["analyze_ops", "analyze_vars", "tensor_description"]

_LINE = "---------"


def tensor_description(var: Any) -> str:
    """Return the type and the shape, such as `(float32_ref 5x5x1x32)`."""
    sizes = "x".join(str(size) for size in var.shape.as_list())
    return f"({var.dtype.name} {sizes})"


def analyze_vars(variables: Iterable[Any], print_info: bool = False) -> tuple[int, int]:
    """Return how many numbers all variables have, and how many bytes; print each variable if wished."""
    count = total = 0
    if print_info:
        print(_LINE, "Variables: name (type shape) [size]", _LINE, sep="\n")
    for variable in variables:
        size = variable.shape.num_elements() or 0
        count += size
        total += size * variable.dtype.base_dtype.size
        if print_info:
            print(variable.name, tensor_description(variable), f"[{size}, bytes: {size * variable.dtype.size}]")
    if print_info:
        print(f"Total size of variables: {count}", f"Total bytes of variables: {total}", sep="\n")
    return count, total


def analyze_ops(graph: Any, print_info: bool = False) -> int:
    """Return how many numbers the outputs of known shape have in all; print each operation if wished."""
    count = 0
    if print_info:
        print(_LINE, "Operations: name -> (type shapes) [size]", _LINE, sep="\n")
    for operation in graph.get_operations():
        size = sum(each.shape.num_elements() or 0 for each in operation.outputs if each.shape.is_fully_defined())
        count += size
        if print_info:
            shapes = ", ".join(tensor_description(each) for each in operation.outputs if each.shape.rank is not None)
            print(operation.name, "->", shapes, f"[{size}]")
    if print_info:
        print(f"Total size of operations: {count}")
    return count
