"""Read the weights of checkpoints into memory, and keep those that were used last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

import numpy as np

from lowlevel_cnn.checkpoints import restoring
from lowlevel_cnn.checkpoints.reading import reading
from lowlevel_cnn.checkpoints.restoring import DIVERGED, NotFiniteError
from lowlevel_cnn.draw.following import Kept
from lowlevel_cnn.tensorflow_v1 import tf

_MOST_BYTES = 256 << 20

Weights = dict[str, np.ndarray]


class WeightCache:
    """The weights of checkpoints, by their names there, up to a number of bytes in all."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Kept, str], Weights] = OrderedDict()

    def read(self, kept: Kept, kind: str, variables: Mapping[str, tf.Variable]) -> Weights:
        """Return the values of variables, by their names in a checkpoint.

        Args:
            kept: the checkpoint.
            kind: `average` or `raw`.
            variables: the variables of the network by the names wanted.

        Raises:
            InputError: the checkpoint is of another network, or lacks this kind of weights.
            DamagedCheckpointError: it cannot be read.
            NotFiniteError: a weight is infinite or NaN.
        """
        with self._lock:
            if (kept, kind) in self._kept:
                self._kept.move_to_end((kept, kind))
                return self._kept[kept, kind]
        weights = _read(kept, variables)
        with self._lock:
            self._kept[kept, kind] = weights
            while len(self._kept) > 1 and self.bytes_kept() > self._most_bytes:
                self._kept.popitem(last=False)
        return weights

    def bytes_kept(self) -> int:
        """Return the size of everything kept."""
        return sum(value.nbytes for weights in self._kept.values() for value in weights.values())


def _read(kept: Kept, variables: Mapping[str, tf.Variable]) -> Weights:
    prefix = kept.checkpoint.prefix
    restoring.check_fit(prefix, dict(variables))
    with reading(prefix):
        reader = tf.train.load_checkpoint(str(prefix))
        weights: Weights = {name: reader.get_tensor(name) for name in variables}
    for name, value in weights.items():
        if not np.isfinite(value).all():
            raise NotFiniteError(f"{prefix}: non-finite values in {name}: {DIVERGED}")
    return weights
