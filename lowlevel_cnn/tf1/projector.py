"""`tf.contrib.tensorboard.plugins.projector`: says to TensorBoard which variables are points to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["EmbeddingInfo", "ProjectorConfig", "visualize_embeddings"]


@dataclass
class Sprite:
    """The picture with the small pictures of all points, and the size of one, `[width, height]`."""

    image_path: str = ""
    single_image_dim: list[int] = field(default_factory=list)


@dataclass
class EmbeddingInfo:
    """A variable `[count, size]`, with the files that say more of its rows."""

    tensor_name: str = ""
    metadata_path: str = ""
    bookmarks_path: str = ""
    sprite: Sprite = field(default_factory=Sprite)


class Embeddings(list[EmbeddingInfo]):
    """All variables that are shown."""

    def add(self, **fields: Any) -> EmbeddingInfo:
        """Add one, and return it."""
        self.append(EmbeddingInfo(**fields))
        return self[-1]


@dataclass
class ProjectorConfig:
    """What is shown, and the checkpoint with its values if it is not the newest."""

    embeddings: Embeddings = field(default_factory=Embeddings)
    model_checkpoint_path: str = ""


def visualize_embeddings(summary_writer: Any, config: ProjectorConfig) -> None:
    """Write `projector_config.pbtxt`, which TensorBoard looks for.

    Args:
        summary_writer: a `tf.summary.FileWriter`, or the directory itself.
        config: what is to be shown.
    """
    directory = summary_writer if isinstance(summary_writer, str) else summary_writer.get_logdir()
    lines = _set(model_checkpoint_path=config.model_checkpoint_path)
    for each in config.embeddings:
        fields = {name: getattr(each, name) for name in ("tensor_name", "metadata_path", "bookmarks_path")}
        sprite = _set(image_path=each.sprite.image_path)
        sprite += [f"single_image_dim: {size}" for size in each.sprite.single_image_dim]
        lines += [
            "embeddings {",
            *_indented(_set(**fields) + (["sprite {", *_indented(sprite), "}"] if sprite else [])),
            "}",
        ]
    Path(directory).mkdir(parents=True, exist_ok=True)
    (Path(directory) / "projector_config.pbtxt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _set(**fields: str) -> list[str]:
    """The fields that are set, as a protocol buffer's text has them."""
    quoted = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in fields.items() if value}
    return [f'{name}: "{value}"' for name, value in quoted.items()]


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
