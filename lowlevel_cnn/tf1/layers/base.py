"""What all layers share: their scope and the names in it, their variables, and the collections that they fill."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.layers import arguments

__all__ = ["Layer"]


class Layer:
    """A layer, whose variables are made at its first call and shared by its later ones.

    A layer of one's own has `call(inputs, ...)`, and `build(input_shape)` if it has variables.

    Attributes:
        trainable: whether the optimizers may change its variables.
        dtype: of its variables; that of its first inputs, if it is not given.
        built: whether it has its variables.
        losses: regularization terms, which are in the collection `REGULARIZATION_LOSSES` too.
        updates: operations to run with each training step, which are in the collection `UPDATE_OPS` too.
    """

    # How many dimensions the inputs have, where there is only one possibility.
    input_rank: int | None = None

    def __init__(
        self,
        trainable: bool = True,
        name: Any = None,
        dtype: Any = None,
        *,
        activity_regularizer: Callable[[tf.Tensor], tf.Tensor] | None = None,
        _scope_is_name: bool = False,
        _reuse: bool | None = None,
    ) -> None:
        """A function's layer has its name as its scope; an object's has the first scope of that name that is free."""
        self.trainable, self.dtype = trainable, dtype
        self.activity_regularizer = activity_regularizer
        self.built = False
        self.losses: list[tf.Tensor] = []
        self.updates: list[Any] = []
        self._weights: list[tuple[tf.Variable, bool]] = []
        self._base_name = getattr(name, "name", name) or _snake_case(type(self).__name__)
        self._reuse, self._scope = _reuse, None
        if name and _scope_is_name:
            with tf.variable_scope(name) as self._scope:
                pass

    def build(self, input_shape: tf.TensorShape) -> None:
        """Make the variables, which depend on the shape of the inputs."""

    def call(self, inputs: Any, *arguments: Any, **keywords: Any) -> Any:
        """Return what the layer makes of the inputs."""
        return inputs

    def __call__(self, inputs: Any, *arguments: Any, scope: Any = None, **keywords: Any) -> Any:
        """Return what the layer makes of the inputs, a tensor or a structure of tensors.

        Raises:
            ValueError: the inputs have another number of dimensions than the layer can take.
        """
        inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
        self._open_scope(scope)
        reuse = self.built or self._reuse
        with (
            tf.variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as current,
            tf.name_scope(current.original_name_scope),
        ):
            if not self.built:
                self._check_rank(inputs)
                self.dtype = tf.as_dtype(self.dtype or tf.nest.flatten(inputs)[0].dtype.base_dtype)
                self.build(tf.nest.map_structure(lambda each: each.shape, inputs))
                self.built = True
            outputs = self.call(inputs, *arguments, **keywords)
            self._regularize_activity(outputs)
        return outputs

    apply = __call__

    def add_weight(
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Callable[[tf.Tensor], tf.Tensor | None] | None = None,
        trainable: bool = True,
        constraint: Any = None,
        **keywords: Any,
    ) -> tf.Variable:
        """Make a variable in the layer's scope, or find it there; `keywords` are those of `tf.get_variable`.

        The first layer that has a variable regularizes it; those that share it later do not do so again.
        """
        self._open_scope(None)
        reuse = self.built or self._reuse
        count = len(tf.global_variables())
        trainable = trainable and self.trainable
        with (
            tf.variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as current,
            tf.name_scope(current.original_name_scope),
        ):
            variable = tf.get_variable(
                name,
                shape,
                dtype or self.dtype,
                arguments.initializer(initializer),
                trainable=trainable,
                constraint=constraint,
                **keywords,
            )
            if regularizer is not None and len(tf.global_variables()) > count:
                with tf.name_scope(f"{name}/Regularizer"):
                    self.add_loss(regularizer(variable))
        self._weights.append((variable, trainable))
        return variable

    add_variable = add_weight

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Add regularization terms to the layer's and to the collection; `inputs` is what they depend on, if any."""
        self.losses += _collected(losses, tf.GraphKeys.REGULARIZATION_LOSSES)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Add operations to the layer's updates and to the collection of those that belong to a training step."""
        self.updates += _collected(updates, tf.GraphKeys.UPDATE_OPS)

    @property
    def name(self) -> str:
        """The last part of the scope's name."""
        return self._scope.name.rpartition("/")[2] if self._scope else self._base_name

    @property
    def scope_name(self) -> str:
        """The name of the variable scope, which a layer without a name has from its first call on."""
        if not self._scope:
            raise ValueError(
                f'No name available for layer scope because the layer "{self.name}" has not been used yet.'
            )
        return self._scope.name  # type: ignore[no-any-return]

    @property
    def variables(self) -> list[tf.Variable]:
        """Those that can be trained, then the others."""
        return self.trainable_variables + self.non_trainable_variables

    @property
    def trainable_variables(self) -> list[tf.Variable]:
        """None where the layer is not trainable."""
        return [each for each, trainable in self._weights if trainable and self.trainable]

    @property
    def non_trainable_variables(self) -> list[tf.Variable]:
        """All where the layer is not trainable."""
        return [each for each, trainable in self._weights if not (trainable and self.trainable)]

    weights, trainable_weights, non_trainable_weights = variables, trainable_variables, non_trainable_variables

    def count_params(self) -> int:
        """How many values the variables have."""
        return sum(each.shape.num_elements() for each in self.variables)

    def _open_scope(self, scope: Any) -> None:
        if self._scope is not None:
            return
        if self._reuse:
            opened = tf.variable_scope(scope if scope is not None else self._base_name)
        else:
            opened = tf.variable_scope(scope, default_name=self._base_name)
        with opened as self._scope:
            pass

    def _check_rank(self, inputs: Any) -> None:
        expected, found = self.input_rank, getattr(getattr(inputs, "shape", None), "rank", None)
        if expected is not None and found not in (None, expected):
            raise ValueError(
                f"Input 0 of layer {self.name} is incompatible with the layer: expected ndim={expected}, "
                f"found ndim={found}. Full shape received: {inputs.shape.as_list()}"
            )

    def _regularize_activity(self, outputs: Any) -> None:
        if self.activity_regularizer is None:
            return
        for output in tf.nest.flatten(outputs):
            with tf.name_scope("ActivityRegularizer"):
                loss = self.activity_regularizer(output)
                if loss is not None:
                    # The mean over the batch, so that its size does not matter.
                    self.add_loss(loss / tf.cast(tf.shape(output)[0], loss.dtype))


def _snake_case(name: str) -> str:
    """`conv2d` of `Conv2D`, `conv2d_transpose` of `Conv2DTranspose`, `my_layer` of `MyLayer`."""
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)).lower()
    return f"private{words}" if words.startswith("_") else words


def _collected(added: Any, collection: str) -> Iterable[Any]:
    """Those added that are not None, as a list, after each is in the collection once."""
    found = [each for each in (added if isinstance(added, list | tuple) else [added]) if each is not None]
    there = {id(each) for each in tf.get_collection(collection)}
    for each in found:
        if id(each) not in there:
            tf.add_to_collection(collection, each)
    return found
