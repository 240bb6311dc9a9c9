"""A run directory as an object: a network that is trained, scored, asked and looked into."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lowlevel_cnn import datasets, models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.interface.errors import check_choice, check_whole_number, python_errors
from lowlevel_cnn.interface.results import Evaluation, Predictions, Training
from lowlevel_cnn.runs.options import TrainOptions

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

    from lowlevel_cnn.interface.given import GivenRestoreOptions
    from lowlevel_cnn.prediction.restored_model import RestoredModel
    from lowlevel_cnn.runs.run_record import RunRecord

WEIGHTS = ("average", "raw")
SPLITS = ("validation", "test")


class Run:
    """A network in a run directory, the same that the command line uses.

    Creating this object reads and writes nothing. Whatever is None comes from the run in the directory, or from the
    model if there is no run yet.

    Args:
        directory: the run directory; it is made when training begins.
        model: a model or its name; by default the run's, else the book's.
        dataset: a data set from `load_dataset` or its name; by default the run's, else the model's.
        data_dir: a folder with the data set's files, see `load_dataset`.
        seed: seed of the initial weights, the order of images and the dropout; by default the run's, else 0.
        batch_size: images per step.
        learning_rate: the initial learning rate.

    Raises:
        InputError: there is no model or data set of that name, or a number is wrong.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        model: str | models.Model | None = None,
        dataset: str | datasets.Dataset | None = None,
        *,
        data_dir: str | os.PathLike[str] | None = None,
        seed: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
    ) -> None:
        check_whole_number(0, seed=seed)
        check_whole_number(1, batch_size=batch_size)
        if learning_rate is not None and not 0 < learning_rate < float("inf"):
            raise InputError(f"learning_rate is {learning_rate!r}; give a number above 0")
        self.directory = Path(directory)
        self._model = model if isinstance(model, models.Model) else None
        self._dataset = dataset if isinstance(dataset, datasets.Dataset) else None
        self._data_dir = None if data_dir is None else os.fspath(data_dir)
        model_name = model.name if isinstance(model, models.Model) else model
        dataset_name = dataset.name if isinstance(dataset, datasets.Dataset) else dataset
        if dataset_name is None or not datasets.is_path(dataset_name):
            check_choice(datasets.NAMES, dataset=dataset_name)
        self._options = TrainOptions(
            model=model_name,
            dataset=dataset_name,
            data_dir=self._data_dir,
            checkpoint_dir=str(self.directory),
            seed=seed,
            batch_size=batch_size,
            learning_rate=learning_rate,
        )
        with self._called():
            if model_name is not None:
                models.get(model_name)

    @property
    def step(self) -> int:
        """The step of the newest checkpoint; 0 if there is none."""
        from lowlevel_cnn.checkpoints import listing

        there = listing.listed(self.directory)
        return there[-1].step if there else 0

    def train(
        self,
        steps: int | None = None,
        *,
        save_every: int = TrainOptions.save_every,
        keep: int = TrainOptions.keep,
        log_every: int | None = None,
        lines: str | None = None,
        summary_every: int = TrainOptions.summary_every,
        fresh: bool = False,
        progress: bool | None = None,
    ) -> Training:
        """Train up to a step, going on from the newest checkpoint in the directory.

        It prints the lines that the source's program prints. If the kernel is interrupted, it saves after the step that
        is running and raises `KeyboardInterrupt`; calling it again goes on from there, to the same bits.

        Args:
            steps: the global step to reach, as `--steps`; by default the run's, else the model's.
            save_every: steps between checkpoints.
            keep: the number of checkpoints to keep.
            log_every: steps between lines with the loss.
            lines: `book`, `estimator`, `mastering` or `keras`: whose lines to print; by default the source's.
            summary_every: steps between TensorBoard summaries; 0: none.
            fresh: start a new run, and move the one in the directory aside.
            progress: whether to show a progress bar; by default in a notebook and on a terminal.

        Raises:
            InputError: an argument, the data or the run in the directory is wrong.
            WorkError: training diverged, or no checkpoint could be saved or read.
        """
        check_whole_number(1, steps=steps, save_every=save_every, keep=keep, log_every=log_every)
        check_whole_number(0, summary_every=summary_every)
        check_choice(models.LINES, lines=lines)
        from lowlevel_cnn.interface.interruptible import train_interruptibly
        from lowlevel_cnn.interface.progress import progress_bar
        from lowlevel_cnn.runs import metrics
        from lowlevel_cnn.training.planned_run import planned

        options = replace(
            self._options,
            steps=steps,
            save_every=save_every,
            keep=keep,
            log_every=log_every,
            lines=lines,
            summary_every=summary_every,
            fresh=fresh,
        )
        with self._called():
            plan = planned(options, self._dataset)
            self._check_model(plan.record)
            train_interruptibly(plan, progress_bar(progress))
        rows = metrics.read_training(self.directory)
        return Training(self.step, rows[-1].loss if rows else None)

    def evaluate(
        self, split: str | None = None, *, weights: str = "average", every_checkpoint: bool = False
    ) -> Evaluation:
        """Score the newest checkpoint on all images of a split, print the source's line, and record the score.

        Args:
            split: `validation` or `test`; by default validation, if the model holds any images out.
            weights: `average` or `raw`.
            every_checkpoint: score all checkpoints of the run, oldest first, and return the last score.

        Raises:
            InputError: an argument or the data is wrong, or there is no checkpoint.
            WorkError: no checkpoint is good, or the training has diverged.
        """
        check_choice(SPLITS, split=split)
        check_choice(WEIGHTS, weights=weights)
        from lowlevel_cnn.interface.evaluating import evaluate

        with self._called():
            return evaluate(self._restore_options(weights), self._options.dataset, split, every=every_checkpoint)

    def predict(self, images: Any, *, weights: str = "average") -> Predictions:
        """Classify images.

        Args:
            images: one image or several as an array (uint8 in 0..255, or floats in [0, 1]), or image files as a
                path or a list of paths.
            weights: `average` or `raw`.

        Raises:
            InputError: an image is wrong, or there is no checkpoint.
            WorkError: no checkpoint is good.
        """
        import numpy as np

        from lowlevel_cnn.interface.given import pixels
        from lowlevel_cnn.mnist_eval import BATCH_SIZE

        with self._called(), self._restored(weights) as (restored, model, dataset):
            given = pixels(images, model.image_shape, dataset)
            parts = [given[start : start + BATCH_SIZE] for start in range(0, max(1, len(given)), BATCH_SIZE)]
            probabilities = np.concatenate([restored.probabilities(part) for part in parts])
            names = self._restore_options(weights).class_names()
            return Predictions(probabilities.argmax(axis=1), probabilities, names)

    def weights(self, weights: str = "average") -> dict[str, np.ndarray]:
        """Return the trained weights by their names, such as `layer1-conv1/weight`; `average` or `raw` ones.

        Raises:
            InputError: there is no checkpoint.
            WorkError: no checkpoint is good.
        """
        with self._called(), self._restored(weights) as (restored, _, _):
            variables = restored.session.graph.get_collection("trainable_variables")
            values = restored.session.run(variables)
            return {variable.op.name: value for variable, value in zip(variables, values, strict=True)}

    def activations(self, image: Any, *, weights: str = "average") -> dict[str, np.ndarray]:
        """Return what each layer computes, by the layers' names, from the first to the logits.

        Args:
            image: one image, or several, as for `predict`.
            weights: `average` or `raw`.

        Returns:
            For one image `[height, width, maps]`, `[steps, nodes]` or `[nodes]`; for several with the images first.

        Raises:
            InputError: the image is wrong, or there is no checkpoint.
            WorkError: no checkpoint is good.
        """
        from lowlevel_cnn.interface.given import is_one_image, pixels
        from lowlevel_cnn.interface.networks import named_outputs

        with self._called(), self._restored(weights) as (restored, model, dataset):
            network = restored.network
            given = pixels(image, model.image_shape, dataset)
            outputs = named_outputs(network.images, network.logits)
            values: dict[str, np.ndarray] = restored.session.run(outputs, {network.images: given})
        if is_one_image(image, model.image_shape):
            return {name: value[0] for name, value in values.items()}
        return values

    def plot(self, picture: str = "curves", *, image: Any = None, weights: str = "average") -> Figure:
        """Draw a picture of the run, which a notebook shows inline; it needs matplotlib, the extra `plots`.

        Args:
            picture: one of those of the command `plot`: curves, samples, filters, convolution, connections, network,
                activations, confusion, mistakes.
            image: the image to show to the network, as for `predict`; by default the first test image.
            weights: `average` or `raw`.

        Raises:
            InputError: there is no such picture, or something that it needs is missing.
            WorkError: no checkpoint is good.
        """
        from lowlevel_cnn.plots import PICTURES, require_matplotlib

        check_choice(PICTURES, picture=picture)
        check_choice(WEIGHTS, weights=weights)
        with self._called():
            require_matplotlib("plot")
            from lowlevel_cnn.interface import pictures

            return pictures.draw(picture, self._restore_options(weights), image)

    def __repr__(self) -> str:
        return f"Run({str(self.directory)!r}, step {self.step})"

    @contextlib.contextmanager
    def _called(self) -> Iterator[None]:
        """Let the model be found by its name, and say errors in the words of this interface."""
        with python_errors(), contextlib.nullcontext() if self._model is None else models.given(self._model):
            yield

    def _check_model(self, record: RunRecord) -> None:
        """Refuse to train with other settings than those of the model that was given as an object.

        Raises:
            InputError: the run in the directory has other ones.
        """
        given = {"batch_size": self._options.batch_size, "learning_rate_base": self._options.learning_rate}
        for name, ours in record.hyper_parameters.items() if self._model else ():
            theirs = getattr(self._model, name)
            if name != "training_steps" and given.get(name) is None and ours != theirs:
                raise InputError(
                    f"model {record.model}: its {name} is {theirs}, but the run in {self.directory} has {ours}; choose "
                    "another directory, or start a new run with fresh=True"
                )

    def _restore_options(self, weights: str) -> GivenRestoreOptions:
        from lowlevel_cnn.interface.given import GivenRestoreOptions

        return GivenRestoreOptions(
            checkpoint_dir=str(self.directory),
            model=self._options.model,
            weights=weights,
            data_dir=self._data_dir,
            given=self._dataset,
        )

    @contextlib.contextmanager
    def _restored(self, weights: str) -> Iterator[tuple[RestoredModel, models.Model, str]]:
        """Restore the network; yield it with its model and the name of its data set."""
        check_choice(WEIGHTS, weights=weights)
        from lowlevel_cnn.prediction.restored_model import restored

        options = self._restore_options(weights)
        model, dataset = options.model_and_dataset()
        with restored(options) as network:
            yield network, model, dataset
