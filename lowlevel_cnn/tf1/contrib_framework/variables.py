"""Variables that belong to a model, as `tf.contrib` made and found them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.contrib_framework.default_arguments import add_arg_scope


@add_arg_scope
def variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Sequence[str] | None = None,
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    use_resource: bool | None = None,
    **keywords: Any,
) -> tf.Variable:
    """Make a variable of the scope, or find it there, on the device."""
    getter = tf.get_variable if custom_getter is None else custom_getter
    if custom_getter is not None:
        keywords.setdefault("reuse", tf.get_variable_scope().reuse)
    with tf.device(device or ""):
        return getter(
            name,
            shape=shape,
            dtype=dtype,
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
            collections=list(dict.fromkeys(collections or [tf.GraphKeys.GLOBAL_VARIABLES])),
            caching_device=caching_device,
            partitioner=partitioner,
            use_resource=use_resource,
            **keywords,
        )


@add_arg_scope
def model_variable(
    name: str,
    shape: Any = None,
    dtype: Any = "float32",
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Sequence[str] | None = None,
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    use_resource: bool | None = None,
    **keywords: Any,
) -> tf.Variable:
    """Make a variable, or find it, that is in the collection `MODEL_VARIABLES`."""
    return variable(
        *(name, shape, dtype, initializer, regularizer, trainable),
        [*(collections or []), tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES],
        *(caching_device,),
        device=device,
        partitioner=partitioner,
        custom_getter=custom_getter,
        use_resource=use_resource,
        **keywords,
    )


def add_model_variable(var: tf.Variable) -> None:
    """Put a variable into the collection `MODEL_VARIABLES`, once."""
    if not any(each is var for each in get_model_variables()):
        tf.add_to_collection(tf.GraphKeys.MODEL_VARIABLES, var)


def local_variable(initial_value: Any, validate_shape: bool = True, name: str | None = None) -> tf.Variable:
    """Make a variable that no checkpoint saves."""
    return _untrained(initial_value, validate_shape, name, tf.GraphKeys.LOCAL_VARIABLES)


def global_variable(initial_value: Any, validate_shape: bool = True, name: str | None = None) -> tf.Variable:
    """Make a variable that is saved and not trained."""
    return _untrained(initial_value, validate_shape, name, tf.GraphKeys.GLOBAL_VARIABLES)


def _untrained(value: Any, validate_shape: bool, name: str | None, collection: str) -> tf.Variable:
    return tf.Variable(value, trainable=False, collections=[collection], validate_shape=validate_shape, name=name)


def get_variables(scope: Any = None, suffix: str | None = None, collection: str = "variables") -> list[tf.Variable]:
    """The variables of a collection whose names begin with a scope's and end with the suffix."""
    prefix = getattr(scope, "name", scope)
    return tf.get_collection(collection, f"{prefix or ''}.*{suffix}" if suffix else prefix)  # type: ignore[no-any-return]


def get_model_variables(scope: Any = None, suffix: str | None = None) -> list[tf.Variable]:
    """The model's variables of a scope."""
    return get_variables(scope, suffix, tf.GraphKeys.MODEL_VARIABLES)


def get_local_variables(scope: Any = None, suffix: str | None = None) -> list[tf.Variable]:
    """The local variables of a scope."""
    return get_variables(scope, suffix, tf.GraphKeys.LOCAL_VARIABLES)


def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> list[tf.Variable]:
    """The trainable variables of a scope."""
    return get_variables(scope, suffix, tf.GraphKeys.TRAINABLE_VARIABLES)


def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[tf.Variable]:
    """The variables of a scope whose names end with the suffix."""
    return get_variables(scope, suffix)


def get_variables_by_name(given_name: str, scope: Any = None) -> list[tf.Variable]:
    """The variables of a scope whose names' last part is the one given."""
    return [each for each in get_variables(scope) if f"/{each.op.name}".endswith(f"/{given_name}")]


def get_unique_variable(var_op_name: str) -> tf.Variable:
    """The one variable of that name.

    Raises:
        ValueError: there is none.
    """
    for each in get_variables():
        if each.op.name == var_op_name:
            return each
    raise ValueError(f"Variable {var_op_name} does not uniquely identify a variable")


def get_variables_to_restore(
    include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> list[tf.Variable]:
    """The variables of the scopes included (all, if None), without those of the scopes excluded."""
    left_out = [each for scope in exclude or () for each in get_variables(scope)]
    found = get_variables() if include is None else [each for scope in include for each in get_variables(scope)]
    kept = {each.op.name: each for each in found if not any(each is other for other in left_out)}
    return list(kept.values())


def get_global_step(graph: Any = None) -> Any:
    """The number of training steps so far; None where the graph does not count them."""
    return tf.train.get_global_step(graph)


def create_global_step(graph: Any = None) -> tf.Variable:
    """Make the variable that counts the training steps."""
    return tf.train.create_global_step(graph)


def get_or_create_global_step(graph: Any = None) -> tf.Variable:
    """Return the variable that counts the training steps, made if need be."""
    return tf.train.get_or_create_global_step(graph)
