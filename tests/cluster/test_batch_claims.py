"""Which task does which batch of an asynchronous run: each one once, and no step beyond the last."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pytest

from lowlevel_cnn import models
from lowlevel_cnn.cluster.batch_claims import BatchClaims
from lowlevel_cnn.cluster.graph import SHARED, placed
from lowlevel_cnn.cluster.local import configurations
from lowlevel_cnn.cluster.session import SessionLostError, plain_session, settings
from lowlevel_cnn.cluster.task import VARIABLE, Task, task_of_this_process
from lowlevel_cnn.cluster.task_graph import TaskGraph, build
from lowlevel_cnn.tensorflow_v1 import tf

LAST_STEP = 5
MODEL = dataclasses.replace(models.get("book-lenet"), training_steps=LAST_STEP, batch_size=2)


@dataclass
class Tasks:
    """A chief and a parameter server in this process, and the address of a worker, where nobody listens as yet."""

    chief: Task
    worker: Task
    server: tf.train.Server
    graph: TaskGraph
    session: tf.Session

    def claims(self) -> BatchClaims:
        return BatchClaims(self.chief, self.session, self.graph, LAST_STEP)

    def have_done(self, steps: int) -> None:
        self.graph.step.global_step.load(steps, self.session)


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    configured = configurations(workers=2, parameter_servers=1)
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for job, (text,) in configured.items():
            patch.setenv(VARIABLE, text)
            found[job] = task_of_this_process()
    chief, worker, parameter_server = found["chief"], found["worker"], found["ps"]
    assert chief and worker and parameter_server
    servers = [
        tf.train.Server(tf.train.ClusterSpec(each.addresses), each.job, each.index, config=settings(each))
        for each in (parameter_server, chief)
    ]
    with tf.Graph().as_default(), placed(chief):
        graph = build(chief, MODEL, 10, sync=False)
        with plain_session(chief, servers[1]) as session:
            graph.coordination.prepare(session)
            graph.coordination.open(session, "the run", 0)
            session.run(tf.global_variables_initializer())
            yield Tasks(chief, worker, servers[1], graph, session)


def test_no_two_tasks_get_the_same_batch_even_at_the_same_time(tasks: Tasks) -> None:
    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(lambda _: int(tasks.session.run(tasks.graph.coordination.claim)), range(2_000)))
    assert Counter(numbers) == Counter(range(2_000))


def test_no_task_counts_steps_beyond_the_last(tasks: Tasks) -> None:
    tasks.have_done(LAST_STEP - 1)
    images, labels = tasks.graph.step.images, tasks.graph.step.labels
    feeds = {images: [[[[0.0]] * 28] * 28] * 2, labels: [0, 1]}
    fetches = [tasks.graph.step.train_op, tasks.graph.step.steps_done]
    assert tasks.session.run(fetches, feeds)[1] == LAST_STEP
    with pytest.raises(tf.errors.OutOfRangeError):
        tasks.session.run(fetches, feeds)
    assert tasks.session.run(tasks.graph.step.global_step) == LAST_STEP


def test_a_slow_worker_is_waited_for_and_its_batch_is_done_once(tasks: Tasks) -> None:
    host, _, port = tasks.worker.addresses["worker"][0].rpartition(":")
    with socket.create_server((host, int(port))) as worker:
        looks: Future[int | None] = Future()

        def count_looks() -> None:
            for _ in range(3):
                worker.accept()[0].close()
            looks.set_result(None)

        threading.Thread(target=count_looks, daemon=True).start()
        with ThreadPoolExecutor(1) as pool:
            claims = tasks.claims()
            for batch in range(LAST_STEP):
                assert claims.next_or_lost(batch) == batch
            tasks.have_done(LAST_STEP - 1)
            next_batch = pool.submit(claims.next_or_lost, LAST_STEP - 1)
            # The chief has looked three times by now, and goes on waiting.
            wait([looks, next_batch], return_when="FIRST_COMPLETED")
            assert looks.done() and not next_batch.done()
            tasks.have_done(LAST_STEP)
            assert next_batch.result() is None


def test_the_chief_makes_up_for_the_batch_of_a_worker_that_has_gone(tasks: Tasks) -> None:
    claims = tasks.claims()
    for batch in range(LAST_STEP):
        assert claims.next_or_lost(batch) == batch
    tasks.have_done(LAST_STEP - 1)
    assert claims.next_or_lost(LAST_STEP - 1) == LAST_STEP


def test_the_chief_makes_up_for_the_batch_of_a_worker_that_came_back_without_it(tasks: Tasks) -> None:
    host, _, port = tasks.worker.addresses["worker"][0].rpartition(":")
    claims = tasks.claims()
    for batch in range(LAST_STEP):
        assert claims.next_or_lost(batch) == batch
    tasks.have_done(LAST_STEP - 1)
    with socket.create_server((host, int(port))), ThreadPoolExecutor(1) as pool:
        next_batch = pool.submit(claims.next_or_lost, LAST_STEP - 1)
        # It finds no batch left, and says so before it waits for the end.
        (is_idle,) = [each for each in tf.get_collection(SHARED) if each.op.name == "cluster/idle_1"]
        is_idle.load(True, tasks.session)
        assert next_batch.result() == LAST_STEP


def test_a_worker_that_waits_for_the_end_goes_on_when_another_chief_has_come(tasks: Tasks) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(tasks.graph.coordination.await_end, tasks.session, "the run")
        tasks.graph.coordination.open(tasks.session, "the run, with another chief", 0)
        with pytest.raises(SessionLostError, match="the chief has restarted"):
            waiting.result()
