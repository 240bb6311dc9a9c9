"""`tf.estimator.Estimator`: a model function, and the directory in which it is trained, evaluated and used."""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.estimator import evaluating, exporting, predicting, training
from lowlevel_cnn.tf1.estimator.building import Model, argument_names
from lowlevel_cnn.tf1.estimator.run_configuration import RunConfig
from lowlevel_cnn.tf1.estimator.specification import EstimatorSpec
from lowlevel_cnn.tf1.estimator.training import WarmStartSettings

__all__ = ["Estimator"]


class Estimator:
    """A model, trained in a directory. Every call builds a graph of its own and takes the newest checkpoint there.

    `model_fn` is called with `features` and those of `labels`, `mode`, `params` and `config` that it names. Raises
    ValueError where it does not name `features`, or does not name the `params` that are given.
    """

    def __init__(
        self,
        model_fn: Callable[..., EstimatorSpec],
        model_dir: str | None = None,
        config: RunConfig | None = None,
        params: Any = None,
        warm_start_from: str | WarmStartSettings | None = None,
    ) -> None:
        names = argument_names(model_fn)
        if "features" not in names:
            raise ValueError(f"model_fn ({model_fn}) must include features argument.")
        if params is not None and "params" not in names:
            raise ValueError(f"model_fn ({model_fn}) does not include params argument, but params ({params}) is given.")
        config = _with_directory(config, model_dir)
        tf.logging.info("Using config: %s", str(config.shown()))
        directory = str(config.model_dir)
        # A dict or an object of hyperparameters; None is an empty dict, as model functions expect.
        self._model = Model(model_fn, {} if params is None else copy.deepcopy(params), config, directory)
        self._warm_start = WarmStartSettings(warm_start_from) if isinstance(warm_start_from, str) else warm_start_from

    @property
    def model_dir(self) -> str:
        return self._model.directory

    @property
    def config(self) -> RunConfig:
        return self._model.config

    @property
    def params(self) -> Any:
        return copy.deepcopy(self._model.params)

    @property
    def model_fn(self) -> Callable[[Any, Any, str, RunConfig], EstimatorSpec]:
        """The model function, of features, labels, mode and config."""
        return lambda features, labels, mode, config: self._model.specification(features, labels, mode)

    def train(
        self,
        input_fn: Callable[..., Any],
        hooks: Iterable[Any] | None = None,
        steps: int | None = None,
        max_steps: int | None = None,
        saving_listeners: Iterable[Any] | None = None,
    ) -> Estimator:
        """Train `steps` steps more, or up to step `max_steps`, or until the inputs end. Return the estimator itself."""
        if steps is not None and max_steps is not None:
            raise ValueError("Can not provide both steps and max_steps.")
        for name, value in (("steps", steps), ("max_steps", max_steps)):
            if value is not None and value <= 0:
                raise ValueError(f"Must specify {name} > 0, given: {value}")
        if max_steps is not None and training.saved_step(self._model) >= max_steps:
            tf.logging.info("Skipping training since max_steps has already saved.")
            return self
        hooks = list(hooks or ())
        if steps is not None or max_steps is not None:
            hooks.append(tf.train.StopAtStepHook(steps, max_steps))
        training.train(self._model, input_fn, hooks, saving_listeners or (), self._warm_start)
        return self

    def evaluate(
        self,
        input_fn: Callable[..., Any],
        steps: int | None = None,
        hooks: Iterable[Any] | None = None,
        checkpoint_path: str | None = None,
        name: str | None = None,
    ) -> dict[str, Any]:
        """Return the metrics over `steps` batches, or over all there are; summaries go to `eval/` or `eval_<name>/`."""
        if steps is not None and steps <= 0:
            raise ValueError(f"Must specify steps > 0, given: {steps}")
        return evaluating.evaluate(self._model, input_fn, steps, hooks or (), checkpoint_path, self.eval_dir(name))

    def predict(
        self,
        input_fn: Callable[..., Any],
        predict_keys: Iterable[str] | str | None = None,
        hooks: Iterable[Any] | None = None,
        checkpoint_path: str | None = None,
        yield_single_examples: bool = True,
    ) -> Iterator[Any]:
        """Yield the predictions of one example after the other, or of one batch after the other."""
        return predicting.predict(
            self._model, input_fn, predict_keys, hooks or (), checkpoint_path, yield_single_examples
        )

    def export_saved_model(
        self,
        export_dir_base: str,
        serving_input_receiver_fn: Callable[[], Any],
        assets_extra: Mapping[str, str] | None = None,
        as_text: bool = False,
        checkpoint_path: str | None = None,
    ) -> bytes:
        """Write a SavedModel into a new directory below `export_dir_base`, and return its path."""
        return exporting.export_saved_model(
            self._model, export_dir_base, serving_input_receiver_fn, assets_extra, as_text, checkpoint_path, True
        )

    def export_savedmodel(
        self,
        export_dir_base: str,
        serving_input_receiver_fn: Callable[[], Any],
        assets_extra: Mapping[str, str] | None = None,
        as_text: bool = False,
        checkpoint_path: str | None = None,
        strip_default_attrs: bool = False,
    ) -> bytes:
        """Write a SavedModel as `export_saved_model` does; its older name."""
        return exporting.export_saved_model(
            self._model,
            export_dir_base,
            serving_input_receiver_fn,
            assets_extra,
            as_text,
            checkpoint_path,
            strip_default_attrs,
        )

    def eval_dir(self, name: str | None = None) -> str:
        """Return the directory of an evaluation's summaries."""
        return str(Path(self.model_dir) / (f"eval_{name}" if name else "eval"))

    def latest_checkpoint(self) -> str | None:
        """Return the path of the newest checkpoint, None before the first."""
        return self._model.latest_checkpoint()

    def get_variable_names(self) -> list[str]:
        """Return the names in the newest checkpoint. Raises ValueError before the first."""
        return [name for name, _ in tf.train.list_variables(self._checkpoint())]

    def get_variable_value(self, name: str) -> Any:
        """Return the value of a variable in the newest checkpoint. Raises ValueError before the first."""
        return tf.train.load_variable(self._checkpoint(), name)

    def _checkpoint(self) -> str:
        found = self.latest_checkpoint()
        if not found:
            raise ValueError(f"Estimator has no checkpoint in {self.model_dir} yet: train it first.")
        return found


def _with_directory(config: RunConfig | None, model_dir: str | None) -> RunConfig:
    """Return the configuration with the directory in it, a temporary one where nobody names one."""
    if config is None:
        tf.logging.info("Using default config.")
        config = RunConfig()
    if not isinstance(config, RunConfig):
        raise ValueError(f"config must be an instance of RunConfig, but provided {config}.")
    directory = config.model_dir if model_dir is None else os.fspath(model_dir)
    if None not in (config.model_dir, model_dir) and config.model_dir != directory:
        raise ValueError(f"model_dir are set both in constructor and RunConfig: {model_dir!r} and {config.model_dir!r}")
    if directory is None:
        directory = tempfile.mkdtemp()
        tf.logging.warning("Using temporary folder as model directory: %s", directory)
    return config.replace(model_dir=directory)
