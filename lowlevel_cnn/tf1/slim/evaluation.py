"""`tf.contrib.slim.evaluation`: metrics of a checkpoint, or of each new one in a directory."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["checkpoints_iterator", "evaluate_once", "evaluation_loop", "wait_for_new_checkpoint"]


def checkpoints_iterator(*args: Any, **keywords: Any) -> Iterator[str]:
    """Yield each new checkpoint; the arguments are those of `tf.train.checkpoints_iterator`."""
    return tf.train.checkpoints_iterator(*args, **keywords)  # type: ignore[no-any-return]


def wait_for_new_checkpoint(
    checkpoint_dir: str, last_checkpoint: str | None = None, seconds_to_sleep: float = 1, timeout: float | None = None
) -> str | None:
    """Return the newest checkpoint once it is another than the last one; None if it is not in time."""
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        found: str | None = tf.train.latest_checkpoint(checkpoint_dir)
        if found and found != last_checkpoint:
            return found
        if end is not None and time.monotonic() + seconds_to_sleep > end:
            return None
        time.sleep(seconds_to_sleep)


def evaluate_once(
    master: str,
    checkpoint_path: str,
    logdir: str,
    num_evals: int = 1,
    initial_op: Any = None,
    initial_op_feed_dict: Mapping[Any, Any] | None = None,
    eval_op: Any = None,
    eval_op_feed_dict: Mapping[Any, Any] | None = None,
    final_op: Any = None,
    final_op_feed_dict: Mapping[Any, Any] | None = None,
    summary_op: Any = "all",
    summary_op_feed_dict: Mapping[Any, Any] | None = None,
    variables_to_restore: Iterable[Any] | None = None,
    session_config: Any = None,
    hooks: Iterable[Any] = (),
) -> Any:
    """Restore a checkpoint, run `eval_op` so many times, write the summaries, and return what `final_op` gives."""
    tf.train.get_or_create_global_step()
    saver = tf.train.Saver(None if variables_to_restore is None else list(variables_to_restore))

    def restore(scaffold: Any, session: Any) -> None:
        saver.restore(session, checkpoint_path)

    # What is not restored begins as it is initialized.
    scaffold = tf.train.Scaffold(initial_op, initial_op_feed_dict, restore, saver=saver)
    creator = tf.train.ChiefSessionCreator(scaffold, master, session_config)
    summary_op = tf.summary.merge_all() if summary_op == "all" else summary_op
    with tf.train.MonitoredSession(creator, list(hooks)) as session:
        for _ in range(num_evals if eval_op is not None else 0):
            session.run(eval_op, eval_op_feed_dict)
        if summary_op is not None:
            step = session.run(tf.train.get_global_step())
            with tf.summary.FileWriter(logdir) as writer:
                writer.add_summary(session.run(summary_op, summary_op_feed_dict), step)
        return None if final_op is None else session.run(final_op, final_op_feed_dict)


def evaluation_loop(
    master: str,
    checkpoint_dir: str,
    logdir: str,
    num_evals: int = 1,
    eval_interval_secs: float = 60,
    max_number_of_evaluations: int | None = None,
    timeout: float | None = None,
    **keywords: Any,
) -> Any:
    """Do the same for each new checkpoint, until there have been so many, or none comes in time."""
    value = None
    for count, path in enumerate(checkpoints_iterator(checkpoint_dir, eval_interval_secs, timeout), 1):
        value = evaluate_once(master, path, logdir, num_evals, **keywords)
        if count == max_number_of_evaluations:
            break
    return value
