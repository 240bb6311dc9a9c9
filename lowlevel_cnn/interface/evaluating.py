"""Score the checkpoints of a run that are there, without waiting for others."""

from __future__ import annotations

from lowlevel_cnn import mnist_eval
from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.evaluation.checkpoint_iterator import CheckpointIterator
from lowlevel_cnn.evaluation.printed_lines import EvaluationLines
from lowlevel_cnn.evaluation.scores import Scores
from lowlevel_cnn.interface.given import GivenRestoreOptions
from lowlevel_cnn.interface.results import Evaluation
from lowlevel_cnn.runs import run_directory
from lowlevel_cnn.runs.options import EvalOptions
from lowlevel_cnn.runs.run_data import fitted, load_data, scored_split


def evaluate(restore: GivenRestoreOptions, dataset: str | None, split: str | None, *, every: bool) -> Evaluation:
    """Score the newest checkpoint, or every one, as the command `eval` does; return the last score.

    Args:
        restore: the run, its weights and its data.
        dataset: the name of the data set to score; None: the run's own.
        split: `validation` or `test`; None: the one that `scored_split` chooses.
        every: whether to score all checkpoints.

    Raises:
        InputError: the data is wrong, or there is no checkpoint.
        WorkError: no checkpoint is good, or the training has diverged.
    """
    directory, named = run_directory.directory_to_read(restore.checkpoint_dir, restore.model)
    there = listing.listed(directory)
    if not there and named is None:
        raise InputError(f"--checkpoint-dir {directory}: there is no checkpoint; train first")
    options = EvalOptions(
        model=restore.model,
        dataset=dataset,
        data_dir=restore.data_dir,
        weights=restore.weights,
        split=split,
        once=not every,
        all=every,
        timeout_secs=0,
        until_steps=there[-1].step if there else None,
    )
    checkpoints = CheckpointIterator(directory, options, named)
    model, name = checkpoints.model_and_dataset()
    split = scored_split(split, model)
    given = restore.given
    data = fitted(model, given) if given else load_data(model, name, restore.data_dir, restore.mirror)
    lines = EvaluationLines(model.lines, model.training_steps)
    scores = Scores(directory, checkpoints, data, split, restore.weights, lines)
    mnist_eval.evaluate(model, options, checkpoints, scores)
    if not scores.end() or scores.last is None:
        raise WorkError(f"--checkpoint-dir {directory}: no good checkpoint to evaluate")
    row = scores.last
    return Evaluation(row.step, row.split, row.weights, row.accuracy, row.loss, row.images)
