"""What can be asked of a run: to train it, and to evaluate it. Each default stands here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Which run, and its data.

    Attributes:
        model: the network; None: the run's, else the book's.
        dataset: the data set; None: the run's, else the network's.
        data_dir: see `datasets.folder`.
        mirror: see `datasets.load`.
        checkpoint_dir: the run directory; None: `checkpoints/<model>`.
        lines: one of `models.LINES`; None: the network's.
    """

    model: str | None = None
    dataset: str | None = None
    data_dir: str | None = None
    mirror: str | None = None
    checkpoint_dir: str | None = None
    lines: str | None = None


@dataclass(frozen=True, kw_only=True)
class TrainOptions(RunOptions):
    """How to train it.

    Attributes:
        steps: the global step to reach; None: the run's, else the model's.
        batch_size: images per step; None: the model's.
        learning_rate: at step 0; None: the model's.
        seed: of the initial weights, the order of batches and the dropout masks; None: the run's, else 0.
        save_every: steps between two checkpoints.
        keep: number of checkpoints to keep.
        log_every: steps between two lines with the loss; None: the style's own.
        log_probabilities_every: steps between two prints of a batch's probabilities; None: none.
        summary_every: steps between two summaries; 0: none.
        profile: steps to trace, after the first ten; 0: none.
        sync: whether the tasks of a cluster share each batch.
        fresh: whether a run that is found is moved aside.
    """

    steps: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
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
    """How to evaluate it.

    Attributes:
        split: `validation` or `test`; None: validation, where the model holds it out.
        weights: `average` or `raw`.
        top: of how many likeliest classes the second accuracy is; None: none is printed.
        loss: whether the loss is printed in every style.
        once: whether the newest checkpoint alone is evaluated.
        all: whether to begin with the oldest checkpoint there.
        interval_secs: seconds between two looks at the directory.
        timeout_secs: seconds without a new checkpoint after which to end; None: never.
        from_steps: where the training beside this evaluation begins; None: not known.
        until_steps: where it will end; None: as `run.json` says.
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
