"""What the tasks of a cluster tell one another, by variables and queues on the parameter servers.

The chief, when it comes, has the parameter servers forget what an earlier chief left there, puts the values of the last
checkpoint, or the initial ones, in its place, and last of all the run's description, for which the workers wait.
"""

from __future__ import annotations

import time

from lowlevel_cnn.cluster.graph import SHARED, count_up, shared_variable
from lowlevel_cnn.cluster.session import SessionLostError, plain_session, settings
from lowlevel_cnn.cluster.task import WORKER, Task
from lowlevel_cnn.tensorflow_v1 import tf

# `Session.reset` clears all that is in no container of its own.
_ENDING = "ending"
SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_FOR_THE_LAST = 30.0
_MILLISECONDS_TO_SAY_SO = 10_000
_MOST_BATCHES = 2**62


class Coordination:
    """What the tasks tell one another on the first parameter server; made in the default graph, in `placed`.

    Attributes:
        claim: gives a number that no other task gets: the next batch of an asynchronous run.
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
        """The chief's first: gives the shared values their initial ones."""
        session.run(self._initialize)

    def open(self, session: tf.Session, description: str, start: int) -> None:
        """The chief's last: lets the workers in."""
        self._next_batch.load(start, session)
        self._description.load(description, session)

    def await_chief(self, session: tf.Session, *, sync: bool) -> str | None:
        """A worker's wait: the run's description once the chief has given it; None when the run has ended.

        A worker of a synchronous run that comes a second time has left a step half done: it breaks all up, so
        that all begin anew from the last checkpoint.
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
        """A worker's wait when there is no batch left: until the chief has saved the last checkpoint.

        Args:
            session: of this task.
            description: the run's, as the chief gave it; each chief gives another.

        Raises:
            SessionLostError: another chief has taken the place of that one; there is work again.
        """
        session.run(self._become_idle)
        while not session.run(self._endings.chief_has_ended):
            if session.run(self._read_description).decode() != description:
                raise SessionLostError("the chief has restarted")
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def idle_tasks(self, session: tf.Session) -> list[bool]:
        """Which of the tasks that compute gradients have found no batch left, by their numbers."""
        return [bool(each) for each in session.run(self._idle)]


class Endings:
    """Queues, a pair on each parameter server, into which the chief and the workers put something when they end.

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
    """Closes the queue in which tasks of a synchronous run wait for each other; they see that, and begin anew."""
    with tf.device(task.parameter_servers[0]):
        tokens = tf.queue.FIFOQueue(-1, tf.int64, [()], shared_name="sync_token_q", name="tokens_to_close")
        return tokens.close(cancel_pending_enqueues=True)


def forget_earlier_chief(task: Task, server: tf.train.Server) -> None:
    """Wakes workers that wait for an earlier chief, and clears the parameter servers."""
    with tf.Graph().as_default():
        wake_all = _wake_all(task)
        with plain_session(task, server) as session:
            session.run(wake_all)
    tf.Session.reset(server.target, config=settings(task))


def announce_end(task: Task, server: tf.train.Server) -> None:
    """Tells the parameter servers, and so all others, that this task has ended."""
    with tf.Graph().as_default():
        endings = Endings(task.parameter_servers)
        with tf.Session(server.target, config=settings(task, milliseconds=_MILLISECONDS_TO_SAY_SO)) as session:
            session.run(endings.chief_ends if task.is_chief else endings.worker_ends)


def serve_until_the_end(task: Task, server: tf.train.Server) -> None:
    """A parameter server's life: until the chief has ended, and the workers, for whom it waits half a minute more."""
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
