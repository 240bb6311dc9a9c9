"""The graph of a task: what is where, what crosses the network, and which images a slice's random values are for."""

from __future__ import annotations

import numpy as np
import pytest

from lowlevel_cnn import models, stateless_random
from lowlevel_cnn.cluster.graph import Asynchronous, Synchronous, placed
from lowlevel_cnn.cluster.task import Task
from lowlevel_cnn.mnist_train import training_step
from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.training.loop import TrainingStep

ADDRESSES = {"chief": ["a:1"], "worker": ["b:1"], "ps": ["c:1", "d:1"]}
WORKER = Task(ADDRESSES, "worker", 0)
STEPS = 1000
UPDATES = ("ResourceApply", "AssignSub", "AssignAdd", "AssignVariable", "ResourceCountUpTo")


def step_of_a_worker(*, sync: bool) -> TrainingStep:
    with tf.Graph().as_default(), placed(WORKER):
        update = (Synchronous(WORKER) if sync else Asynchronous(STEPS)).update
        return training_step(models.get("book-lenet"), 1000, update)


@pytest.mark.parametrize("sync", [False, True])
def test_variables_averages_and_their_updates_are_on_the_parameter_servers_and_the_layers_are_not(sync: bool) -> None:
    graph = step_of_a_worker(sync=sync).loss.graph
    variables = graph.get_collection("variables")
    assert {name for each in variables if (name := each.op.name).endswith("ExponentialMovingAverage")}
    devices = {each.device for each in variables}
    assert devices == {"/job:ps/task:0", "/job:ps/task:1"}
    for operation in graph.get_operations():
        # The number of the task's own step is its own.
        if operation.type.startswith(UPDATES) and "sync_rep_local_step" not in operation.inputs[0].op.name:
            assert operation.device.startswith("/job:ps"), operation.name
        if operation.type in ("Conv2D", "Conv2DBackpropInput", "MatMul", "MaxPoolGrad", "SaveV2", "RestoreV2"):
            assert operation.device.startswith("/job:worker/task:0"), operation.name


@pytest.mark.parametrize("sync", [False, True])
def test_each_weight_crosses_the_network_once_a_step_each_way(sync: bool) -> None:
    step = step_of_a_worker(sync=sync)
    needed, waiting = set(), [step.train_op, step.loss.op, step.steps_done.op]
    while waiting:
        operation = waiting.pop()
        if operation not in needed:
            needed.add(operation)
            waiting += [*(each.op for each in operation.inputs), *operation.control_inputs]
    tensors = {(tensor, operation) for operation in needed for tensor in operation.inputs}
    shape = [3136, 512]
    there = {
        tensor for tensor, to in tensors if tensor.shape == shape and (place(tensor.op), place(to)) == ("ps", "worker")
    }
    back = {
        tensor for tensor, to in tensors if tensor.shape == shape and (place(tensor.op), place(to)) == ("worker", "ps")
    }
    assert [len(there), len(back)] == [1, 1]


def place(operation: tf.Operation) -> str:
    """The job on which an operation runs; TensorFlow reads a variable where it is."""
    if operation.type == "ReadVariableOp":
        return place(operation.inputs[0].op)
    return "ps" if operation.device.startswith("/job:ps") else "worker"


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_slices_of_a_batch_get_the_dropout_and_the_shifts_of_the_whole(parts: int) -> None:
    images = np.random.default_rng(0).random((8, 6, 6, 2), np.float32) + 1

    def seen(batch: np.ndarray, part: int = 0, of: int = 1) -> tuple[np.ndarray, np.ndarray]:
        with tf.Graph().as_default(), tf.Session() as session:
            tf.set_random_seed(5)
            if of > 1:
                tf.add_to_collection(stateless_random.SLICE_OF_BATCH, (part, of))
            with tf.name_scope("layer"):
                values = stateless_random.dropout(tf.constant(batch), 0.25), stateless_random.random_shift(batch, 2)
            session.run(tf.global_variables_initializer())
            return tuple(session.run(values))

    whole = seen(images)
    count = len(images) // parts
    slices = [seen(images[part * count : (part + 1) * count], part, parts) for part in range(parts)]
    for place in (0, 1):
        np.testing.assert_array_equal(np.concatenate([each[place] for each in slices]), whole[place])
    assert not np.array_equal(whole[0], images) and not np.array_equal(whole[1], images)
