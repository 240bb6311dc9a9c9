"""What `slim` has beside layers: a queue filled by a thread, a list of variables, evaluations of checkpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.slim import evaluation, model_analyzer, prefetch_queue


def test_a_queue_gives_the_batches_by_their_names_and_in_their_shapes() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        count = tf.Variable(0, use_resource=True)
        batch = {"step": tf.assign_add(count, 1), "images": tf.zeros([2, 4])}
        queue = prefetch_queue.prefetch_queue(batch, capacity=3)
        taken = queue.dequeue()
        assert taken["images"].shape.as_list() == [2, 4]
        session.run(tf.global_variables_initializer())
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coordinator)
        assert [session.run(taken)["step"] for _ in range(3)] == [1, 2, 3]
        coordinator.request_stop()
        session.run(queue.close(cancel_pending_enqueues=True))
        coordinator.join(threads)


def test_variables_are_counted_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with tf.Graph().as_default() as graph:
        weights = tf.get_variable("weights", [5, 5, 1, 2], use_resource=False)
        steps = tf.get_variable("steps", [], tf.int64, use_resource=False)
        assert model_analyzer.analyze_vars([weights, steps], print_info=True) == (51, 208)
        tf.zeros([3, 4]) + 1
        assert model_analyzer.analyze_ops(graph) > 12
    assert "weights:0 (float32_ref 5x5x1x2) [50, bytes: 200]" in capsys.readouterr().out.splitlines()


def test_a_checkpoint_is_evaluated_once_or_each_new_one(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        value = tf.get_variable("value", [], initializer=tf.constant_initializer(3.0))
        step = tf.train.get_or_create_global_step()
        session.run(tf.global_variables_initializer())
        session.run(tf.assign(step, 7))
        path = tf.train.Saver().save(session, str(tmp_path / "model.ckpt"), step)
    with tf.Graph().as_default():
        value = tf.get_variable("value", [])
        mean, update = tf.metrics.mean(value)
        logdir = str(tmp_path / "eval")
        assert evaluation.evaluate_once("", path, logdir, 2, eval_op=update, final_op=mean) == np.float32(3)
    with tf.Graph().as_default():
        final = tf.get_variable("value", []) * 2
        found = evaluation.evaluation_loop("", str(tmp_path), logdir, final_op=final, max_number_of_evaluations=1)
        assert found == 6
    assert evaluation.wait_for_new_checkpoint(str(tmp_path), path, timeout=0) is None
    assert evaluation.wait_for_new_checkpoint(str(tmp_path)) == path
