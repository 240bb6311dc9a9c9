"""`tf.estimator.RunConfig`: where an estimator keeps its files, and how often it does what it does."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["RunConfig"]

_EVERY_SECONDS = 600
_NOT_GIVEN: Any = object()


@dataclass(frozen=True)
class RunConfig:
    """How an estimator runs. Checkpoints come every 600 seconds, unless one of the two intervals is given.

    A strategy of `tf.distribute` may be given where it has one replica, for which it changes nothing.

    Raises ValueError for two intervals at once, InputError where `TF_CONFIG` asks for several tasks, or a strategy for
    several replicas.
    """

    model_dir: str | None = None
    tf_random_seed: int | None = None
    save_summary_steps: int | None = 100
    save_checkpoints_steps: int | None = _NOT_GIVEN
    save_checkpoints_secs: int | None = _NOT_GIVEN
    session_config: Any = None
    keep_checkpoint_max: int | None = 5
    keep_checkpoint_every_n_hours: float = 10000
    log_step_count_steps: int | None = 100
    train_distribute: Any = None
    eval_distribute: Any = None

    # One process does everything.
    task_type: ClassVar[str] = "worker"
    task_id: ClassVar[int] = 0
    master: ClassVar[str] = ""
    is_chief: ClassVar[bool] = True
    num_ps_replicas: ClassVar[int] = 0
    num_worker_replicas: ClassVar[int] = 1

    def __post_init__(self) -> None:
        steps, seconds = self.save_checkpoints_steps, self.save_checkpoints_secs
        if all(each is not _NOT_GIVEN and each is not None for each in (steps, seconds)):
            raise ValueError("Can not provide both save_checkpoints_steps and save_checkpoints_secs.")
        if seconds is _NOT_GIVEN:
            seconds = _EVERY_SECONDS if steps is _NOT_GIVEN else None
        # Frozen, as its readers know it; this is its constructor.
        object.__setattr__(self, "save_checkpoints_secs", seconds)
        object.__setattr__(self, "save_checkpoints_steps", None if steps is _NOT_GIVEN else steps)
        if self.model_dir is not None:
            object.__setattr__(self, "model_dir", os.fspath(self.model_dir))
        _refuse_several_tasks()
        for strategy in (self.train_distribute, self.eval_distribute):
            if getattr(strategy, "num_replicas_in_sync", 1) > 1:
                raise InputError(
                    "train_distribute asks for several replicas, and tf.estimator has one here: leave it out"
                )

    def replace(self, **changes: Any) -> RunConfig:
        """Return a copy with some settings changed."""
        if "save_checkpoints_steps" in changes:
            changes.setdefault("save_checkpoints_secs", None)
        elif "save_checkpoints_secs" in changes:
            changes.setdefault("save_checkpoints_steps", None)
        return replace(self, **changes)

    def shown(self) -> dict[str, Any]:
        """Return the settings under the names that the line `Using config: {...}` has them by."""
        names = [each.name for each in fields(self)]
        names += ["task_type", "task_id", "master", "is_chief", "num_ps_replicas", "num_worker_replicas"]
        return {f"_{name}": getattr(self, name) for name in names}

    def for_session(self) -> Any:
        """Return the settings of a session; `/gpu:0` in the script becomes the CPU where there is no GPU."""
        return self.session_config or tf.ConfigProto(allow_soft_placement=True)


def _refuse_several_tasks() -> None:
    """An estimator of each task, trained by itself, would look as if they trained one network."""
    try:
        cluster = json.loads(os.environ.get("TF_CONFIG") or "{}").get("cluster") or {}
    except (ValueError, AttributeError):
        raise InputError("TF_CONFIG is not a JSON object: correct it or unset it") from None
    if sum(len(tasks) for tasks in cluster.values()) > 1:
        raise InputError("TF_CONFIG describes a cluster, and tf.estimator runs as one process here: unset TF_CONFIG")
