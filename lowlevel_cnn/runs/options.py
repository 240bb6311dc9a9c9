"""Options for training and evaluating a run. Each default is defined here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from lowlevel_cnn.models import Model


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options that select a run and its data.

    Attributes:
        model: the network's name, or the network of a file; None: the run's, else the book's.
        accept_changed_model: whether the file may have changed since the run was started.
        dataset: the data set, or the path of pictures of one's own; None: the run's, else the network's.
        data_dir: see `datasets.folder`.
        mirror: see `datasets.load`.
        checkpoint_dir: the run directory; None: `checkpoints/<model>`.
        lines: one of `models.LINES`; None: the network's.
    """

    model: str | Model | None = None
    accept_changed_model: bool = False
    dataset: str | None = None
    data_dir: str | None = None
    mirror: str | None = None
    checkpoint_dir: str | None = None
    lines: str | None = None


@dataclass(frozen=True, kw_only=True)
class TrainOptions(RunOptions):
    """The options for training a run.

    Attributes:
        steps: the global step to reach; None: the run's, else the model's.
        batch_size: images per step; None: the model's.
        learning_rate: at step 0; None: the model's.
        optimizer: one of `models.OPTIMIZERS`; None: the model's.
        moving_average_decay: the share of a moving average that is kept at each step; None: the model's.
        regularization_rate: scale of the L2 regularization; None: the model's.
        image_size: height and width of the images; None: the run's, else the model's or the data's.
        seed: seed of the initial weights, the order of batches and the dropout masks; None: the run's, else 0.
        save_every: steps between checkpoints.
        keep: number of checkpoints to keep.
        log_every: steps between lines with the loss; None: the style's own.
        log_probabilities_every: steps between lines with a batch's probabilities; None: no such lines.
        summary_every: steps between summaries; 0: no summaries.
        profile: number of steps to trace, after the first ten.
        sync: whether the tasks of a cluster share each batch.
        fresh: whether to move an existing run aside.
    """

    steps: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    optimizer: str | None = None
    moving_average_decay: float | None = None
    regularization_rate: float | None = None
    image_size: tuple[int, int] | None = None
    seed: int | None = None
    save_every: int = 1000
    keep: int = 5
    log_every: int | None = None
    log_probabilities_every: int | None = None
    summary_every: int = 100
    profile: int = 0
    sync: bool = False
    fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class EvalOptions(RunOptions):
    """The options for evaluating a run.

    Attributes:
        split: `validation` or `test`; None: validation, if the model holds any images out.
        weights: `average` or `raw`.
        top: the K of an additional top-K accuracy; None: only top-1.
        loss: whether to print the loss in every style.
        once: whether to evaluate only the newest checkpoint.
        all: whether to start with the oldest checkpoint instead of the newest.
        interval_secs: seconds between checks for a new checkpoint.
        timeout_secs: seconds without a new checkpoint after which to exit; None: never.
        from_steps: the step at which a trainer running alongside starts; None: unknown.
        until_steps: the step at which it will end; None: as in `run.json`.
    """

    split: str | None = None
    weights: str = "average"
    top: int | None = None
    loss: bool = False
    once: bool = False
    all: bool = False
    interval_secs: float = 10.0
    timeout_secs: float | None = None
    from_steps: int | None = None
    until_steps: int | None = None
