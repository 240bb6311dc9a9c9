"""What all cells have in common: a variable scope of their own, and states of zeros."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

# Between the words of a class name: BasicLSTMCell has three.
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

# A number of units, a shape without the batch, or a nest of these.
Size = Any
# A tensor `[batch, size]`, or a nest of these.
State = Any


class RNNCell:
    """A cell: `output, state = cell(inputs, state)`.

    A subclass has the properties `state_size` and `output_size`, and either `call(inputs, state)`, perhaps with
    `build(inputs_shape)` for its variables, or a `__call__` of its own; then it need not call this `__init__`.
    """

    # For subclasses that do not call `__init__`.
    built = False
    trainable = True
    _name: str | None = None
    _dtype: Any = None
    _reuse: Any = None
    _scope: Any = None
    _layer_variables: tuple[Any, ...] = ()

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, _reuse: Any = None) -> None:
        """Make a cell without variables; they are made when it is first called.

        Args:
            trainable: whether its variables are.
            name: of its variable scope; by default of its class, `basic_lstm_cell`.
            dtype: of its variables; by default of its first inputs.
            _reuse: whether it takes the variables that are there.
        """
        self.trainable, self._name, self._dtype, self._reuse = trainable, name, dtype, _reuse

    @property
    def state_size(self) -> Size:
        """The size, or the nest of sizes, of a state."""
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self) -> Size:
        """The size of an output."""
        raise NotImplementedError("Abstract method")

    @property
    def name(self) -> str:
        """The name given, or that of the class as variables have it."""
        return (
            self._name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", type(self).__name__).lower()
        )

    @property
    def variables(self) -> list[Any]:
        """The variables; before the first call none."""
        return list(self._layer_variables)

    @property
    def trainable_variables(self) -> list[Any]:
        """The variables that are trained; before the first call none."""
        trained = set(map(id, tf.trainable_variables())) if self._layer_variables else set()
        return [variable for variable in self._layer_variables if id(variable) in trained]

    weights, trainable_weights = variables, trainable_variables

    def zero_state(self, batch_size: Any, dtype: Any) -> State:
        """Return a state of zeros.

        Args:
            batch_size: a number, or a scalar tensor.
        """
        with tf.name_scope(f"{type(self).__name__}ZeroState"):
            return tf.nest.map_structure(lambda size: _zeros(batch_size, size, dtype), self.state_size)

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> State:
        """Return a state of zeros, of the batch size and type of `inputs` where they are given."""
        if inputs is not None:
            inputs = tf.convert_to_tensor(inputs)
            batch_size, dtype = tf.shape(inputs)[0], inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError(f"an initial state needs batch_size and dtype; they are {batch_size!r} and {dtype!r}")
        return self.zero_state(batch_size, dtype)

    def build(self, inputs_shape: Any) -> None:
        """Make the variables, within the scope of the cell."""

    def call(self, inputs: Any, state: State) -> tuple[Any, State]:
        """Return the output and the next state."""
        raise NotImplementedError(f"{type(self).__name__} has neither call() nor __call__()")

    def __call__(self, inputs: Any, state: State, scope: Any = None, *args: Any, **kwargs: Any) -> tuple[Any, State]:
        """Return the output and the next state; the first call makes the variables.

        Args:
            scope: the variable scope; by default one by the name of the cell within the present one.
        """
        if self._scope is None:
            self._open_scope(scope)
        reuse = True if self.built else self._reuse
        getter = self._note_variable
        with (
            tf.variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False, custom_getter=getter),
            tf.name_scope(self._scope.original_name_scope),
        ):
            if not self.built:
                first = tf.nest.flatten(inputs)[0]
                self._dtype = self._dtype or first.dtype.base_dtype
                self.build(first.shape)
            result = self.call(inputs, state, *args, **kwargs)
        self.built = True
        return result

    def add_variable(self, name: str, shape: Any, dtype: Any = None, initializer: Any = None, **kwargs: Any) -> Any:
        """Return a variable of the cell, as `tf.get_variable` does; for `build`."""
        kwargs.setdefault("trainable", self.trainable)
        return tf.get_variable(name, shape, dtype or self._dtype or tf.float32, initializer, **kwargs)

    add_weight = add_variable

    def _open_scope(self, scope: Any) -> None:
        if self._reuse:
            opened = tf.variable_scope(scope if scope is not None else self.name)
        else:
            opened = tf.variable_scope(scope, default_name=self.name)
        with opened as self._scope:
            pass

    def _note_variable(self, getter: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        variable = getter(*args, **kwargs)
        if not any(variable is each for each in self._layer_variables):
            self._layer_variables += (variable,)
        return variable


def activation_function(activation: Any) -> Any:
    """Return the function that is meant: by its name, itself, or tanh."""
    return getattr(tf.nn, activation) if isinstance(activation, str) else activation or tf.tanh


def input_depth(inputs_shape: Any) -> int:
    """Return the number of columns of inputs `[batch, columns]`, which must be known."""
    sizes = inputs_shape.as_list()
    if len(sizes) != 2 or sizes[1] is None:
        raise ValueError(f"Expected inputs of shape [batch, depth] with a depth that is known, saw shape: {sizes}")
    return int(sizes[1])


def _zeros(batch_size: Any, size: Size, dtype: Any) -> Any:
    shape = tf.TensorShape(size).as_list()
    if not isinstance(batch_size, tf.Tensor):
        return tf.zeros([int(batch_size), *shape], dtype)
    zeros = tf.zeros(tf.stack([batch_size, *shape]), dtype)
    # What is known of the shape would be lost in the stack.
    zeros.set_shape([tf.get_static_value(batch_size), *shape])
    return zeros
