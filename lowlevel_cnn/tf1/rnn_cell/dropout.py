"""A cell with dropout of its inputs, states and outputs."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.rnn_cell.long_short_term import LSTMStateTuple
from lowlevel_cnn.tf1.rnn_cell.wrappers import CellWrapper


class DropoutWrapper(CellWrapper):
    """Sets shares of the inputs, outputs and states of a cell to zero, and scales the others."""

    def __init__(
        self,
        cell: Any,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: int | None = None,
        dropout_state_filter_visitor: Callable[[Any], Any] | None = None,
    ) -> None:
        """Wrap `cell`.

        Args:
            input_keep_prob, output_keep_prob, state_keep_prob: the shares that are kept, numbers or scalar tensors.
            variational_recurrent: whether all steps and all examples of the batch have the same mask.
            input_size: the depth of the inputs, for the mask of all steps.
            dtype: the type of these masks.
            seed: of the masks.
            dropout_state_filter_visitor: says of a state, or of each part of it, whether it is dropped; by default
                all are but the memory `c` of an `LSTMStateTuple`.

        Raises:
            ValueError: a share is not within 0 and 1, or the masks of all steps need a size or a type.
        """
        super().__init__(cell)
        self._keep = {
            "input": _share("input_keep_prob", input_keep_prob),
            "state": _share("state_keep_prob", state_keep_prob),
            "output": _share("output_keep_prob", output_keep_prob),
        }
        self._seed = seed
        self._is_dropped = dropout_state_filter_visitor or _all_but_the_memory
        self._noise: dict[tuple[str, int], Any] = {}
        if variational_recurrent:
            self._draw_noise(input_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Return the output of the cell and its next state, after dropout."""
        output, state = self._cell(self._dropped("input", inputs), state, scope=scope)
        if self._is_needed("state"):
            count = len(tf.nest.flatten(state))
            state = self._dropped_state(state, tf.nest.pack_sequence_as(state, list(range(count))))
        return self._dropped("output", output), state

    def _is_needed(self, purpose: str) -> bool:
        keep = self._keep[purpose]
        return not isinstance(keep, float) or keep < 1

    def _dropped(self, purpose: str, values: Any) -> Any:
        if not self._is_needed(purpose):
            return values
        parts = [self._drop(purpose, number, part) for number, part in enumerate(tf.nest.flatten(values))]
        return tf.nest.pack_sequence_as(values, parts)

    def _dropped_state(self, state: Any, numbers: Any, decision: Any = None) -> Any:
        """The state with dropout where the visitor says so; `numbers` numbers its tensors."""
        decision = self._is_dropped(state) if decision is None else decision
        if isinstance(decision, bool):
            if not decision:
                return state
            if not tf.nest.is_nested(state):
                return self._drop("state", numbers, state)
            decision = [None] * len(state)
        parts = [self._dropped_state(*each) for each in zip(state, numbers, _asked_again(decision), strict=True)]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)

    def _drop(self, purpose: str, number: int, values: Any) -> Any:
        keep, noise = self._keep[purpose], self._noise.get((purpose, number))
        if noise is None:
            return tf.nn.dropout(values, rate=1 - keep, seed=self._seed_of(purpose, number))
        return values / keep * tf.floor(keep + noise)

    def _draw_noise(self, input_size: Any, dtype: Any) -> None:
        """Draw what decides in all steps alike. It must be outside of the loop over them, therefore at once."""
        if dtype is None:
            raise ValueError("When variational_recurrent=True, dtype must be provided")
        if input_size is None and self._is_needed("input"):
            raise ValueError("When variational_recurrent=True and input_keep_prob < 1.0, input_size must be provided")
        sizes = {"input": input_size, "state": self.state_size, "output": self.output_size}
        for purpose in filter(self._is_needed, sizes):
            for number, size in enumerate(tf.nest.flatten(sizes[purpose])):
                shape = [1, *tf.TensorShape(size).as_list()]
                noise = tf.random_uniform(shape, seed=self._seed_of(purpose, number), dtype=dtype)
                self._noise[purpose, number] = noise

    def _seed_of(self, purpose: str, number: int) -> int | None:
        """A seed for each mask, else the masks of states of one size would be the same."""
        return None if self._seed is None else zlib.crc32(f"{self._seed} {purpose} {number}".encode()) >> 1


def _asked_again(decisions: Any) -> list[Any]:
    """The visitor is asked about the parts of what it wants dropped; what it keeps, it keeps as a whole."""
    return [None if each is True else each for each in decisions]


def _all_but_the_memory(state: Any) -> Any:
    return LSTMStateTuple(c=False, h=True) if isinstance(state, LSTMStateTuple) else True


def _share(name: str, keep: Any) -> Any:
    """The share as a number where it is known, else the tensor."""
    tensor = tf.convert_to_tensor(keep)
    known = tf.get_static_value(tensor)
    if known is None:
        return tensor
    if not 0 <= known <= 1:
        raise ValueError(f'Parameter "{name}" must be between 0 and 1: {known}')
    return float(known)
