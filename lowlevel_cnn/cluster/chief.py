"""Run the chief: lead the workers and save, with the same loop as a single process."""

from __future__ import annotations

import json
import time
import uuid

from lowlevel_cnn.cluster import coordination
from lowlevel_cnn.cluster.batch_claims import BatchClaims
from lowlevel_cnn.cluster.graph import placed
from lowlevel_cnn.cluster.session import (
    SessionLostError,
    reason,
    session_watch,
    start_server,
    task_lost_errors,
    training_session,
)
from lowlevel_cnn.cluster.task import Task
from lowlevel_cnn.cluster.task_graph import build, description, feeds_of
from lowlevel_cnn.errors import LowlevelCnnError
from lowlevel_cnn.mnist_train import run_training_steps, training_step
from lowlevel_cnn.system.interruptible import run_interruptibly
from lowlevel_cnn.system.messages import note
from lowlevel_cnn.system.signals import DeferredInterrupt
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training.loop import Loop
from lowlevel_cnn.training.training_run import TrainingRun, checkpoint_to_resume


def lead(task: Task, run: TrainingRun) -> int:
    """Train as the chief: as in a single process, but with variables on other machines and with other tasks.

    Raises:
        InputError: a checkpoint is of another network, or the address cannot be used.
        WorkError: training diverged, or no checkpoint could be saved or read.
    """
    server = start_server(task)
    with DeferredInterrupt() as interrupt:
        run_interruptibly(lambda: _Chief(task, server, run, interrupt).lead(), interrupt)
        return interrupt.exit_code


class _Chief:
    """Leads a run to its end, even if parameter servers are lost."""

    def __init__(self, task: Task, server: tf.train.Server, run: TrainingRun, interrupt: DeferredInterrupt) -> None:
        self._task = task
        self._server = server
        self._run = run
        self._interrupt = interrupt
        self._model = run.model
        self._sync = run.options.sync

    def lead(self) -> None:
        try:
            while not self._lead_session():
                pass
        except LowlevelCnnError:
            self._end()
            raise
        if self._interrupt.signal_number is None:
            self._end()

    def _end(self) -> None:
        try:
            coordination.announce_end(self._task, self._server)
        except tf.errors.OpError as error:
            note(f"{self._task.name}: could not tell the parameter servers that it has ended ({reason(error)})")

    def _lead_session(self) -> bool:
        """Train from the last checkpoint; return False if a parameter server, or the worker of a step, was lost."""
        try:
            coordination.forget_earlier_chief(self._task, self._server)
            with tf.Graph().as_default(), placed(self._task):
                tf.set_random_seed(self._run.record.seed)
                self._train()
            return True
        except task_lost_errors() as error:
            note(f"{self._task.name}: lost a task ({reason(error)}); resuming from the last checkpoint")
            # The runtime takes a moment to see which tasks are back.
            time.sleep(1)
            return self._interrupt.signal_number is not None

    def _train(self) -> None:
        graph = build(self._task, self._model, len(self._run.examples), sync=self._sync)
        resumed = checkpoint_to_resume(self._run)
        start, watch = resumed.step if resumed else 0, session_watch()

        def begin(session: tf.Session) -> None:
            if watch.session is not None:
                raise SessionLostError("a parameter server was lost")
            graph.coordination.prepare(session)
            if resumed:
                graph.step.restorer.restore(session, resumed)
            else:
                self._load_initial_values(session)
            # Only now, so that a checkpoint of another network leaves the directory unchanged.
            self._run.record.write(self._run.directory)
            graph.coordination.open(session, self._description(), start)

        hooks = [watch, *graph.hooks]
        with training_session(self._task, self._server, graph.scaffold(begin), hooks) as session:
            feeds = feeds_of(self._task, self._run.examples, self._run.record, sync=self._sync)
            claims = BatchClaims(self._task, watch.session, graph, self._model.training_steps)
            next_batch = None if self._sync else claims.next_or_lost
            loop = Loop(self._run, graph.step, watch.session, feeds=feeds, next_batch=next_batch)
            run_training_steps(loop, session, start, self._interrupt)
            return
        # `MonitoredSession` swallows the error of a closed queue, which it takes for the end of the data.
        raise SessionLostError("a worker has restarted")

    def _description(self) -> str:
        """Return a description of the run and of this chief, by which workers notice that a new chief has started."""
        return json.dumps({**description(self._run.record, sync=self._sync), "chief": uuid.uuid4().hex})

    def _load_initial_values(self, session: tf.Session) -> None:
        """Load the initial values of a single process: they depend on the seed and on the operations created before."""
        with tf.Graph().as_default(), tf.Session() as alone:
            tf.set_random_seed(self._run.record.seed)
            training_step(self._model, len(self._run.examples))
            alone.run(tf.global_variables_initializer())
            values = alone.run({each.op.name: each for each in tf.global_variables()})
        for variable in tf.global_variables():
            variable.load(values[variable.op.name], session)
