"""Make the random operations of a graph functions of the seed and the step. Not in the books.

Those of TensorFlow 1.x draw from a state that no checkpoint holds, so that a resumed run would draw other numbers. What
`tf.nn.dropout`, `tf.layers.dropout`, `tf.random_normal`, `tf.image.random_flip_left_right` and many others are made of
is a handful of such operations. After the forward pass is built, each is replaced by its stateless counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lowlevel_cnn.stateless_random import SLICE_OF_BATCH, seed_of_this_step
from lowlevel_cnn.tensorflow_v1 import tf

# In these, a variable is what it is: how it got its first value does not count.
_VARIABLES = ("VarHandleOp", "VariableV2", "Variable")


def operations_behind(ends: Iterable[tf.Operation]) -> list[tf.Operation]:
    """Return the operations that some are computed from, themselves included, in the order of their creation."""
    found: set[tf.Operation] = set()
    left = list(ends)
    while left:
        operation = left.pop()
        if operation not in found:
            found.add(operation)
            if operation.type not in _VARIABLES:
                left += [*(each.op for each in operation.inputs), *operation.control_inputs]
    return [each for each in next(iter(found)).graph.get_operations() if each in found] if found else []


def make_stateless(ends: Iterable[tf.Operation]) -> list[str]:
    """Replace the random operations that some operations are computed from.

    Returns:
        Those that have no stateless counterpart, or are within a `tf.cond` or loop, as `name (type)`.
    """
    left = []
    for operation in operations_behind(ends):
        if _is_random(operation):
            if operation.type in _counterparts() and operation._get_control_flow_context() is None:
                _replace(operation)
            else:
                left.append(f"{operation.name} ({operation.type})")
        elif inner := _random_types_within(operation):
            left.append(f"{operation.name} ({', '.join(inner)})")
    return left


def _is_random(operation: tf.Operation) -> bool:
    return {"seed", "seed2"} <= {each.name for each in operation.op_def.attr}


def _random_types_within(operation: tf.Operation) -> list[str]:
    """Return the types of the random operations in the functions that an operation calls."""
    names = {each.func.name for each in operation.node_def.attr.values() if each.HasField("func")}
    if not names:
        return []
    functions = {each.signature.name: each for each in operation.graph.as_graph_def().library.function}
    return sorted(
        {
            node.op
            for name in names & functions.keys()
            for node in functions[name].node_def
            if {"seed", "seed2"} <= set(node.attr)
        }
    )


def _counterparts() -> dict[str, Callable[..., tf.Tensor]]:
    """Return for each type of random operation a function of shape, seed, data type and the operation's inputs."""

    def integers(shape: Any, seed: Any, dtype: Any, least: Any, most: Any) -> tf.Tensor:
        return tf.random.stateless_uniform(shape, seed, least, most, dtype)

    return {
        "RandomUniform": lambda shape, seed, dtype: tf.random.stateless_uniform(shape, seed, dtype=dtype),
        "RandomStandardNormal": lambda shape, seed, dtype: tf.random.stateless_normal(shape, seed, dtype=dtype),
        "TruncatedNormal": lambda shape, seed, dtype: tf.random.stateless_truncated_normal(shape, seed, dtype=dtype),
        "RandomUniformInt": integers,
    }


def _replace(operation: tf.Operation) -> None:
    """Let all that read a random operation read its stateless counterpart."""
    shape, *bounds = operation.inputs
    old = operation.outputs[0]
    draw = _counterparts()[operation.type]
    with tf.name_scope(f"{operation.name}/stateless/"), tf.device(operation.device):
        seed = seed_of_this_step(operation.name)
        sliced = tf.get_collection(SLICE_OF_BATCH)
        if sliced and old.shape.rank and old.shape.as_list()[0] is None:
            # Draw for the whole batch, of which this graph sees a slice.
            [(part, parts)] = sliced
            count = shape[0]
            whole = draw(tf.concat([[count * parts], shape[1:]], axis=0), seed, old.dtype, *bounds)
            new = whole[part * count : (part + 1) * count]
        else:
            new = draw(shape, seed, old.dtype, *bounds)
        new.set_shape(old.shape)
    for reader in old.consumers():
        for number, each in enumerate(reader.inputs):
            if each is old:
                reader._update_input(number, new)
