"""The graph of one call of an estimator: its inputs, and its model function called with what it asks for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator.run_configuration import RunConfig
from lowlevel_cnn.tf1.estimator.specification import EstimatorSpec

__all__ = ["Model", "argument_names"]


@dataclass(frozen=True)
class Model:
    """A model function, what it is called with, and the directory that it is trained in."""

    model_fn: Callable[..., EstimatorSpec]
    params: Any
    config: RunConfig
    directory: str

    @contextmanager
    def graph(self) -> Iterator[Any]:
        """Make a graph with the seed of the configuration and a global step, and build in it."""
        with tf.Graph().as_default() as graph:
            tf.set_random_seed(self.config.tf_random_seed)
            tf.train.create_global_step(graph)
            yield graph

    def inputs(self, input_fn: Callable[..., Any], mode: str) -> tuple[Any, Any]:
        """Return the features and the labels, None where there are none, that an input function gives.

        It returns a data set, or tensors: features, or the two as a pair. Raises ValueError for a longer tuple.
        """
        offered = {"mode": mode, "params": self.params, "config": self.config}
        names = argument_names(input_fn)
        with tf.device("/cpu:0"):
            given = input_fn(**{name: value for name, value in offered.items() if name in names})
            if isinstance(given, tf.compat.v2.data.Dataset):
                iterator = tf.data.make_initializable_iterator(given)
                # A monitored session runs these when it starts.
                tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
                given = iterator.get_next()
        if not isinstance(given, list | tuple):
            return given, None
        if len(given) != 2:
            raise ValueError("input_fn should return (features, labels) as a len 2 tuple.")
        return given[0], given[1]

    def specification(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        """Call the model function. Raises ValueError where it does not return an EstimatorSpec or take its labels."""
        names = argument_names(self.model_fn)
        if labels is not None and "labels" not in names:
            raise ValueError("model_fn does not take labels, but input_fn returns labels.")
        offered = {"labels": labels, "mode": mode, "params": self.params, "config": self.config}
        tf.logging.info("Calling model_fn.")
        made = self.model_fn(features=features, **{name: each for name, each in offered.items() if name in names})
        tf.logging.info("Done calling model_fn.")
        if not isinstance(made, EstimatorSpec):
            raise ValueError(f"model_fn should return an EstimatorSpec, given: {made!r}")
        return made

    def latest_checkpoint(self) -> str | None:
        """Return the path of the newest checkpoint in the directory, None where there is none."""
        found: str | None = tf.train.latest_checkpoint(self.directory)
        return found

    def checkpoint_to_use(self, path: Any, what_for: str) -> str | None:
        """Return the checkpoint asked for, else the newest; without any, say that the variables stay as initialized."""
        if path:
            return str(path)
        found = self.latest_checkpoint()
        if not found:
            line = "Could not find trained model in model_dir: %s, running initialization to %s."
            tf.logging.info(line, self.directory, what_for)
        return found

    def session(self, spec: EstimatorSpec, checkpoint: str | None, hooks: list[Any]) -> Any:
        """Return a monitored session with the variables of a checkpoint."""
        creator = tf.train.ChiefSessionCreator(
            scaffold=spec.scaffold, config=self.config.for_session(), checkpoint_filename_with_path=checkpoint
        )
        return tf.train.MonitoredSession(creator, hooks)


def argument_names(function: Callable[..., Any]) -> list[str]:
    """Return the names of the arguments that a function still takes; those that `partial` has given are not."""
    given = function.keywords if isinstance(function, partial) else {}
    return [name for name in inspect.signature(function).parameters if name not in given]
