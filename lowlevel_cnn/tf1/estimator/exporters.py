"""What `train_and_evaluate` exports: `LatestExporter` at each evaluation, `FinalExporter` at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lowlevel_cnn.tf1.estimator.estimator import Estimator

__all__ = ["Exporter", "FinalExporter", "LatestExporter"]


@dataclass(frozen=True)
class Exporter:
    """An export under a name: into a directory `export/<name>/<seconds>` of the model's."""

    name: str
    serving_input_receiver_fn: Callable[[], Any]
    assets_extra: Mapping[str, str] | None = None
    as_text: bool = False

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("An exporter must have a name.")

    def export(
        self,
        estimator: Estimator,
        export_path: str,
        checkpoint_path: str | None,
        eval_result: dict[str, Any],
        is_the_final_export: bool,
    ) -> bytes | None:
        """Write a SavedModel into a new directory below `export_path`. Return its path, None where none is due."""
        return estimator.export_savedmodel(
            export_path, self.serving_input_receiver_fn, self.assets_extra, self.as_text, checkpoint_path
        )


@dataclass(frozen=True)
class FinalExporter(Exporter):
    """Exports the last checkpoint alone."""

    def export(
        self,
        estimator: Estimator,
        export_path: str,
        checkpoint_path: str | None,
        eval_result: dict[str, Any],
        is_the_final_export: bool,
    ) -> bytes | None:
        if not is_the_final_export:
            return None
        return super().export(estimator, export_path, checkpoint_path, eval_result, is_the_final_export)


@dataclass(frozen=True)
class LatestExporter(Exporter):
    """Exports each checkpoint that is evaluated, and keeps the newest `exports_to_keep`, or all where it is None."""

    exports_to_keep: int | None = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.exports_to_keep is not None and self.exports_to_keep <= 0:
            raise ValueError(f"exports_to_keep must be > 0, given: {self.exports_to_keep}")

    def export(
        self,
        estimator: Estimator,
        export_path: str,
        checkpoint_path: str | None,
        eval_result: dict[str, Any],
        is_the_final_export: bool,
    ) -> bytes | None:
        path = super().export(estimator, export_path, checkpoint_path, eval_result, is_the_final_export)
        if self.exports_to_keep is not None:
            exports = sorted((each for each in Path(export_path).iterdir() if each.name.isdecimal()), key=_second)
            for old in exports[: -self.exports_to_keep]:
                shutil.rmtree(old)
        return path


def _second(directory: Path) -> int:
    return int(directory.name)
