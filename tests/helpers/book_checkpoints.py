"""Checkpoints with the names that the book's code gives them on TensorFlow 1.x."""

from __future__ import annotations

from pathlib import Path

from helpers.processes import BOOK_SHAPES
from lowlevel_cnn.tensorflow_v1 import tf


def write_as_the_book_does(
    directory: Path, name: str, step: int, *, averages: bool = True, layers: tuple[str, ...] = tuple(BOOK_SHAPES)
) -> Path:
    """A checkpoint as the book's code writes it on TensorFlow 1.x, in a directory that was moved since."""
    written = directory.with_name("path_to_model")
    written.mkdir(parents=True)
    with tf.Graph().as_default(), tf.Session() as session:
        global_step = tf.Variable(step, trainable=False)
        assert (global_step.op.name, global_step.dtype.base_dtype) == ("Variable", tf.int32)
        initializer = tf.truncated_normal_initializer(stddev=0.05, seed=7)
        for variable in layers:
            tf.get_variable(variable, BOOK_SHAPES[variable], initializer=initializer)
        if averages:
            variable_averages = tf.train.ExponentialMovingAverage(0.99, global_step)
            variable_averages.apply(tf.trainable_variables())
        session.run(tf.global_variables_initializer())
        for each in tf.trainable_variables() if averages else ():
            session.run(tf.assign(variable_averages.average(each), each * 1.5))
        tf.train.Saver().save(session, str(written / name), global_step=global_step)
    assert str(written) in (written / "checkpoint").read_text()
    return written.rename(directory)
