"""Coordinate the tasks of a cluster with variables and queues on the parameter servers.

When the chief starts, it makes the parameter servers forget what an earlier chief left there, loads the values of the
last checkpoint, or the initial ones, and last of all writes the run's description, for which the workers wait.
"""

from __future__ import annotations

import time

from lowlevel_cnn.cluster.graph import SHARED, count_up, shared_variable
from lowlevel_cnn.cluster.session import SessionLostError, plain_session, settings
from lowlevel_cnn.cluster.task import WORKER, Task
from lowlevel_cnn.tensorflow_v1 import tf

# `Session.reset` clears everything that is not in a container of its own.
_ENDING = "ending"
SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_FOR_THE_LAST = 30.0
_MILLISECONDS_TO_SAY_SO = 10_000
_MOST_BATCHES = 2**62


class Coordination:
    """The tasks' shared state, on the first parameter server; created in the default graph, within `placed`.

    Attributes:
        claim: returns a number that no other task gets: the next batch of an asynchronous run.
    """

    def __init__(self, task: Task) -> None:
        self._description = shared_variable("description", "")
        self._next_batch = shared_variable("next_batch", 0)
        self.claim = count_up(self._next_batch, _MOST_BATCHES)
        idle = [shared_variable(f"idle_{replica}", False) for replica in range(task.replicas)]
        self._become_idle = idle[task.replica].assign(True)
        self._idle = [each.read_value() for each in idle]
        self._is_described = self._description.is_initialized()
        self._read_description = self._description.read_value()
        with tf.device(task.parameter_servers[0]):
            places = [tf.queue.FIFOQueue(1, tf.bool, [()], shared_name=f"joined_{i}") for i in range(task.replicas)]
        self._take_place = places[task.replica].enqueue(True)
        self._place_is_taken = places[task.replica].size()
        self._break_up = _wake_all(task)
        self._endings = Endings(task.parameter_servers)
        others = [each for each in tf.get_collection(SHARED) if each is not self._description]
        self._initialize = tf.variables_initializer(others)

    def prepare(self, session: tf.Session) -> None:
        """Initialize the shared values; the chief's first step."""
        session.run(self._initialize)

    def open(self, session: tf.Session, description: str, start: int) -> None:
        """Let the workers in; the chief's last step."""
        self._next_batch.load(start, session)
        self._description.load(description, session)

    def await_chief(self, session: tf.Session, *, sync: bool) -> str | None:
        """Wait, as a worker, for the chief; return the run's description, or None if the run has ended.

        A worker of a synchronous run that joins a second time has left a step half done: it interrupts all tasks, so
        that they restart from the last checkpoint.
        """
        while True:
            if session.run(self._endings.chief_has_ended):
                return None
            if session.run(self._is_described):
                if not sync:
                    break
                if not session.run(self._place_is_taken):
                    session.run(self._take_place)
                    break
                session.run(self._break_up)
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return str(session.run(self._read_description).decode())

    def await_end(self, session: tf.Session, description: str) -> None:
        """Wait, as a worker with no batches left, until the chief has saved the last checkpoint.

        Args:
            session: this task's session.
            description: the run's description from the chief; each chief writes a different one.

        Raises:
            SessionLostError: a new chief has started; there is work again.
        """
        session.run(self._become_idle)
        while not session.run(self._endings.chief_has_ended):
            if session.run(self._read_description).decode() != description:
                raise SessionLostError("the chief has restarted")
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def idle_tasks(self, session: tf.Session) -> list[bool]:
        """Return for each task that computes gradients, by its number, whether it has found no batch left."""
        return [bool(each) for each in session.run(self._idle)]


class Endings:
    """Queues, a pair on each parameter server, to which the chief and the workers add an element when they end.

    Args:
        servers: TensorFlow's names of the parameter servers.
    """

    def __init__(self, servers: list[str]) -> None:
        queues: dict[str, list[tf.queue.FIFOQueue]] = {"chief": [], "workers": []}
        with tf.container(_ENDING):
            for name, each in queues.items():
                for server in servers:
                    with tf.device(server):
                        each.append(tf.queue.FIFOQueue(-1, tf.bool, [()], shared_name=f"ended_{name}"))
        self.chief_ends = [queue.enqueue(True) for queue in queues["chief"]]
        self.worker_ends = [queue.enqueue(True) for queue in queues["workers"]]
        self.chief_has_ended = queues["chief"][0].size()
        self.workers_ended = queues["workers"][0].size()


def _wake_all(task: Task) -> tf.Operation:
    """Return an operation that closes the queue in which tasks of a synchronous run wait; they notice, and restart."""
    with tf.device(task.parameter_servers[0]):
        tokens = tf.queue.FIFOQueue(-1, tf.int64, [()], shared_name="sync_token_q", name="tokens_to_close")
        return tokens.close(cancel_pending_enqueues=True)


def forget_earlier_chief(task: Task, server: tf.train.Server) -> None:
    """Wake workers that wait for an earlier chief, and clear the parameter servers."""
    with tf.Graph().as_default():
        wake_all = _wake_all(task)
        with plain_session(task, server) as session:
            session.run(wake_all)
    tf.Session.reset(server.target, config=settings(task))


def announce_end(task: Task, server: tf.train.Server) -> None:
    """Tell the parameter servers, and so all other tasks, that this task has ended."""
    with tf.Graph().as_default():
        endings = Endings(task.parameter_servers)
        with tf.Session(server.target, config=settings(task, milliseconds=_MILLISECONDS_TO_SAY_SO)) as session:
            session.run(endings.chief_ends if task.is_chief else endings.worker_ends)


def serve_until_the_end(task: Task, server: tf.train.Server) -> None:
    """Serve, as a parameter server, until the chief has ended, and the workers too or half a minute has passed."""
    with tf.Graph().as_default():
        endings = Endings([task.device])
        workers, deadline = len(task.addresses.get(WORKER, [])), float("inf")
        with tf.Session(server.target, config=settings(task, alone=True)) as session:
            while time.monotonic() < deadline:
                chief, ended = session.run([endings.chief_has_ended, endings.workers_ended])
                if chief and ended >= workers:
                    return
                if chief:
                    deadline = min(deadline, time.monotonic() + _SECONDS_FOR_THE_LAST)
                time.sleep(SECONDS_BETWEEN_LOOKS)
