"""Run a worker: take steps on batches of its own, or on its slice of each, until the run has ended."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import numpy as np

from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.cluster import coordination
from lowlevel_cnn.cluster.batch_claims import BatchClaims
from lowlevel_cnn.cluster.graph import placed
from lowlevel_cnn.cluster.session import (
    SessionLostError,
    plain_session,
    reason,
    session_watch,
    start_server,
    task_lost_errors,
    training_session,
)
from lowlevel_cnn.cluster.task import Task
from lowlevel_cnn.cluster.task_graph import build, check_batch_size, description, feeds_of
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.models import Model
from lowlevel_cnn.runs import run_directory, run_record
from lowlevel_cnn.runs.agreement import agreed_record
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.runs.run_data import load_training_data
from lowlevel_cnn.runs.run_record import RunRecord
from lowlevel_cnn.system.interruptible import run_interruptibly
from lowlevel_cnn.system.messages import note
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training.training_run import Feeds


def work(task: Task, options: TrainOptions) -> int:
    """Take a worker's steps, on batches of its own or on its slice of each, until the run has ended.

    Raises:
        InputError: the options or the data are not the chief's, or the address cannot be used.
        WorkError: training diverged.
    """
    directory = run_directory.directory_to_train_in(options)
    record = agreed_record(options, None if options.fresh else run_record.read(directory))
    record, model, dataset = load_training_data(record, options)
    check_batch_size(task, record, sync=options.sync)

    def has_ended() -> bool:
        # The parameter servers may have exited before this worker started, so they cannot tell it.
        there = listing.listed(directory)
        return not options.fresh and bool(there) and there[-1].step >= record.training_steps

    server = start_server(task)
    feeds = feeds_of(task, dataset.train, record, sync=options.sync)
    worker = _Worker(task, server, record, model, feeds, sync=options.sync, num_examples=len(dataset.train))
    run_interruptibly(worker.work, has_ended=has_ended)
    print(f"{task.name}: the run has ended; {worker.steps} step(s) were run here", flush=True)
    return 0


class _Worker:
    """Takes steps until the run has ended.

    Attributes:
        steps: number of steps run here.
    """

    def __init__(
        self,
        task: Task,
        server: tf.train.Server,
        record: RunRecord,
        model: Model,
        feeds: Feeds,
        *,
        sync: bool,
        num_examples: int,
    ) -> None:
        self._task = task
        self._server = server
        self._record = record
        self._model = model
        self._feeds = feeds
        self._sync = sync
        self._num_examples = num_examples
        self.steps = 0

    def work(self) -> None:
        try:
            while self._work_session():
                pass
        finally:
            # The parameter servers need not wait for it.
            with contextlib.suppress(tf.errors.OpError):
                coordination.announce_end(self._task, self._server)

    def _work_session(self) -> bool:
        """Work in one session; return whether there is more to do because another task was lost."""
        try:
            note(f"{self._task.name}: waiting for the chief")
            with tf.Graph().as_default(), placed(self._task):
                waiting = coordination.Coordination(self._task)
                with plain_session(self._task, self._server) as session:
                    theirs = waiting.await_chief(session, sync=self._sync)
            if theirs is None:
                return False
            self._check_same(json.loads(theirs))
            with tf.Graph().as_default(), placed(self._task):
                tf.set_random_seed(self._record.seed)
                self._train(theirs)
            return False
        except task_lost_errors() as error:
            note(f"{self._task.name}: lost a task ({reason(error)})")
            time.sleep(1)
            return True

    def _check_same(self, theirs: dict[str, Any]) -> None:
        ours = description(self._record, sync=self._sync)
        differing = [
            f"{name} {value} (the chief has {theirs.get(name)})"
            for name, value in ours.items()
            if value != theirs.get(name)
        ]
        if differing:
            raise InputError(
                f"{self._task.name}: its run differs from the chief's: {', '.join(differing)}; give all tasks the same "
                "flags and data"
            )

    def _train(self, theirs: str) -> None:
        graph = build(self._task, self._model, self._num_examples, sync=self._sync)
        watch = session_watch()
        hooks = [watch, *graph.hooks]
        with training_session(self._task, self._server, graph.scaffold(), hooks) as session:
            done, stop = int(watch.session.run(graph.step.global_step)), self._model.training_steps
            print(f"{self._task.name}: training from step {done}", flush=True)
            claims = BatchClaims(self._task, watch.session, graph, stop)
            while (batch := (done if done < stop else None) if self._sync else claims.next()) is not None:
                images, labels = self._feeds.batch(batch)
                feeds = {graph.step.images: images, graph.step.labels: labels}
                _, done, loss = session.run([graph.step.train_op, graph.step.steps_done, graph.step.loss], feeds)
                if not np.isfinite(loss):
                    raise WorkError(f"{self._task.name}: training diverged at step {done}: the loss is {loss}")
                self.steps += 1
            note(f"{self._task.name}: no batches left; waiting for the chief's last checkpoint")
            graph.coordination.await_end(watch.session, theirs)
            return
        # `MonitoredSession` swallows the error of a closed queue, which it takes for the end of the data.
        raise SessionLostError("another task has restarted")
