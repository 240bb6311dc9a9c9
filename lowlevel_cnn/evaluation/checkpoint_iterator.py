"""Follow a run: wait until it exists, then yield each of its checkpoints once, until it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from lowlevel_cnn import datasets, models
from lowlevel_cnn.checkpoints import listing, resolving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.restoring import NotFiniteError
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.runs import metrics, run_directory, run_record
from lowlevel_cnn.runs.agreement import located, model_of
from lowlevel_cnn.runs.options import EvalOptions
from lowlevel_cnn.runs.run_data import other_data
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.messages import note, warn

_NONE = -1  # below every step, the first included
_PAUSE_OF_A_SAVE = 1.0  # seconds, including the flush to a slow disk


class CheckpointIterator:
    """Polls a run directory, and remembers which checkpoints existed when the iterator was created.

    Args:
        directory: the run directory.
        options: how to evaluate the run.
        named: the only checkpoint to yield, if `--checkpoint-dir` names one.
        restarted: whether a new run has replaced the one followed before.

    Attributes:
        once: whether to evaluate a single checkpoint: the newest with `--once`, or the one named by
            `--checkpoint-dir`.
        run_was_replaced: whether another run has taken the directory's name, as with `train --fresh`.

    Raises:
        InputError: a single checkpoint is to be evaluated, and the directory does not exist.
    """

    def __init__(
        self, directory: Path, options: EvalOptions, named: Checkpoint | None = None, *, restarted: bool = False
    ) -> None:
        self._directory = directory
        self._named = named
        self.once = options.once or named is not None
        if self.once:
            run_directory.check_is_there(directory)
        self._options = options
        # All checkpoints of a new run count as new.
        there = [] if restarted else listing.listed(directory)
        self._there_already = [each for each in there if options.from_steps is None or each.step <= options.from_steps]
        self._identity = _identity(directory)
        self.run_was_replaced = False
        self._record: RunRecord | None = None
        self._damaged: dict[int, tuple[int, int]] = {}
        self._since = time.monotonic()
        self._said = ""

    def model_and_dataset(self) -> tuple[models.Model, str]:
        """Wait until the model and the name of the data set to score are known, and return them.

        They come from `run.json` or, for a directory written by other programs, from the options; `--dataset` may name
        another data set than the run's own.

        Raises:
            InputError: the options contradict `run.json`, there is neither `run.json` nor `--model`, or it is unclear
                which of the checkpoints to use.
            WorkError: there was nothing to evaluate before the timeout.
        """
        directory, options = self._directory, self._options
        while True:
            self._record = run_record.read(directory)
            self._identity = _identity(directory)
            if self._record or self._named or listing.listed(directory):
                model, trained_on = model_of(
                    directory, self._record, options.model, accept_changed=options.accept_changed_model
                )
                return model, located(options.dataset or trained_on)
            unclear = resolving.why_no_checkpoint(directory)
            # With a trainer running alongside, which is about to start its own run there, wait for that.
            if unclear and options.until_steps is None:
                raise InputError(f"--checkpoint-dir {directory}: {unclear}")
            if not self._wait_for("a run"):
                raise WorkError(
                    f"--checkpoint-dir {directory}: there is no checkpoint; train first, or choose another directory"
                )

    def rows_of(self, dataset: datasets.Dataset, split: str) -> str:
        """Return the folder name for a split's scores; for data other than the run's own, use another and say so."""
        apart = f"{Path(dataset.name).name}-{split}"
        if self._record and self._record.data_checksum == dataset.checksum:
            return split
        if self._record and dataset.name != self._record.dataset:
            note(f"Scoring {dataset.name}, which the run was not trained on")
            return apart
        if self._record and (differs := other_data(self._record, dataset)):
            warn(f"{dataset.name}: {differs}; the scores go to {metrics.path(self._directory, apart)} instead")
            return apart
        return split

    def checkpoints(self, done: set[int]) -> Iterator[Checkpoint]:
        """Wait for the checkpoints to evaluate and yield each once, in the order of steps, until the run is finished.

        A restarted evaluator continues after the steps in `done`. A new one starts with the newest good checkpoint that
        already existed, or with the first one for `--all`. `--once` yields only the newest good one. If
        `--checkpoint-dir` names a checkpoint, it is the only one.
        """
        if self._named:
            if self._named not in listing.listed(self._directory):
                note(f"{self._named.prefix}: is not one of the run's own checkpoints; its score is not recorded")
            yield self._named
            return
        self._warn_of_state_file()
        # A row in a damaged file, of a step that the run does not have, must not suppress later checkpoints.
        last = self._last_step()
        done = {step for step in done if last is None or step <= last}
        if self._options.once:
            yield from self._newest_first()
            return
        behind = newest = max(done, default=_NONE)
        if self._options.all:
            behind = _NONE
        elif not done:
            for each in reversed(self._there_already):
                yield each
                if each.step not in self._damaged:
                    behind = newest = each.step
                    break
        while True:
            left = [each for each in listing.listed(self._directory) if each.step > behind and each.step not in done]
            fresh = [each for each in left if self._damaged.get(each.step) != _stamp(each)]
            if fresh:
                self._damaged.pop(fresh[0].step, None)
                yield fresh[0]
                if fresh[0].step not in self._damaged:
                    behind = fresh[0].step
                    newest = max(newest, behind)
                self._since, self._said = time.monotonic(), ""
                continue
            if _identity(self._directory) not in (None, self._identity):
                self.run_was_replaced = True
                return
            if newest >= (self._last_step() or newest + 1):
                return
            if not self._wait_for("a checkpoint" if newest == _NONE else f"a checkpoint after step {newest}"):
                return

    def _last_step(self) -> int | None:
        """Return the last step of the run; None if it is unknown."""
        record = run_record.read(self._directory)
        until: int | None = self._options.until_steps
        return until or (record.training_steps if record else None)

    def _warn_of_state_file(self) -> None:
        """Warn about a wrong state file, unless a trainer is just between writing a checkpoint and the state file."""
        wrong = listing.state_file_problem(self._directory)
        if wrong:
            time.sleep(_PAUSE_OF_A_SAVE)
            if wrong == listing.state_file_problem(self._directory):
                warn(wrong)

    def _newest_first(self) -> Iterator[Checkpoint]:
        """Yield the newest checkpoint not yielded yet, listing them each time, since a trainer may delete old ones."""
        handed_out: set[Checkpoint] = set()
        while left := [each for each in listing.listed(self._directory) if each not in handed_out]:
            handed_out.add(left[-1])
            yield left[-1]

    def takes_row_of(self, checkpoint: Checkpoint) -> bool:
        """Return whether the directory is still the one followed, and the checkpoint is the run's own."""
        is_own = checkpoint != self._named or checkpoint in listing.listed(self._directory)
        return is_own and _identity(self._directory) == self._identity

    def skip(self, checkpoint: Checkpoint, error: WorkError) -> None:
        """Warn that a checkpoint cannot be used; it is yielded again if a trainer that resumed earlier rewrites it.

        Raises:
            NotFiniteError: there is no newer checkpoint that could be better: the run has diverged.
        """
        self._damaged[checkpoint.step] = _stamp(checkpoint)
        if isinstance(error, NotFiniteError):
            there = [] if self._named else listing.listed(self._directory)
            if not any(each.step > checkpoint.step and each.step not in self._damaged for each in there):
                raise error
        warn(f"{error}; skipping it")

    def _wait_for(self, what: str) -> bool:
        """Print once what is awaited, and sleep; return False if the timeout has passed."""
        if self.once:
            return False
        if what != self._said:
            self._said = what
            note(f"Waiting for {what} in {self._directory}")
        pause = self._options.interval_secs
        if self._options.timeout_secs is not None:
            left = self._since + self._options.timeout_secs - time.monotonic()
            if left <= 0:
                return False
            pause = min(pause, left)
        time.sleep(pause)
        return True


def _identity(directory: Path) -> tuple[int, int] | None:
    """Return what distinguishes a directory from another of the same name; None if it does not exist."""
    try:
        status = directory.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _stamp(checkpoint: Checkpoint) -> tuple[int, int]:
    """Return a value that changes when a checkpoint is rewritten."""
    try:
        status = Path(f"{checkpoint.prefix}.index").stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino
