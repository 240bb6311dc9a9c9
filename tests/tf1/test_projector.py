"""The file by which TensorBoard's projector finds what to show."""

from __future__ import annotations

from pathlib import Path

from lowlevel_cnn.tf1 import projector


def test_variables_are_written_with_their_files(tmp_path: Path) -> None:
    config = projector.ProjectorConfig(model_checkpoint_path='a "b"')
    embedding = config.embeddings.add()
    embedding.tensor_name, embedding.metadata_path = "embedding:0", "labels.tsv"
    embedding.sprite.image_path = "sprite.png"
    embedding.sprite.single_image_dim.extend([28, 28])
    config.embeddings.add(tensor_name="other:0")
    projector.visualize_embeddings(str(tmp_path / "logs"), config)
    assert (tmp_path / "logs/projector_config.pbtxt").read_text().splitlines() == [
        r'model_checkpoint_path: "a \"b\""',
        "embeddings {",
        '  tensor_name: "embedding:0"',
        '  metadata_path: "labels.tsv"',
        "  sprite {",
        '    image_path: "sprite.png"',
        "    single_image_dim: 28",
        "    single_image_dim: 28",
        "  }",
        "}",
        "embeddings {",
        '  tensor_name: "other:0"',
        "}",
    ]
