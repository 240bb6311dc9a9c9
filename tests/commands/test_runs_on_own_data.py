"""Runs on data of one's own: any number of classes, any size, one or three channels, for our networks and a file's."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from helpers.made_data import made_images
from helpers.made_pictures import write_pictures
from helpers.processes import run, tensors

ROOT = Path(__file__).resolve().parents[2]
FEW = ("--batch-size", 8, "--steps", 2, "--summary-every", 0)


def write_npz(path: Path, classes: int, size: int, channels: int) -> Path:
    """Writes an archive in the layout of Keras's `mnist.npz`; the labels are whole numbers from 0."""
    values = {}
    for part, (name, count) in enumerate({"train": 130, "test": 70}.items()):
        images, _ = made_images(count, part, size, channels)
        values[f"x_{name}"] = images if channels > 1 else images[..., 0]
        values[f"y_{name}"] = np.arange(count, dtype=np.uint8) % classes
    np.savez(path, **values)  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    ("classes", "size", "channels", "last"), [(2, 20, 1, (84, 2)), (62, 28, 1, (84, 62)), (10, 64, 3, (84, 10))]
)
def test_the_last_layer_follows_the_classes_and_the_first_the_channels(
    classes: int, size: int, channels: int, last: tuple[int, int], tmp_path: Path
) -> None:
    write_npz(tmp_path / "my data.npz", classes, size, channels)
    words = ("train", "--model", "lenet-5", "--dataset", "my data.npz", "--checkpoint-dir", "run", *FEW)
    ended = run(*words, cwd=tmp_path)
    assert ended.code == 0, ended
    values = tensors(tmp_path / "run/model.ckpt-2")
    assert values["layer7-fc3/weight"].shape == last
    assert values["layer1-conv1/weight"].shape == (5, 5, channels, 6)
    record = json.loads((tmp_path / "run/run.json").read_text())
    assert (record["dataset"], record["image_shape"]) == (str(tmp_path / "my data.npz"), [size, size, channels])
    assert len(record["class_names"]) == classes

    resumed = run(*words[:-3], 3, *words[-2:], cwd=tmp_path)
    assert resumed.code == 0, resumed
    ended = run("eval", "--checkpoint-dir", "run", "--once", "--top", 2, cwd=tmp_path)
    assert ended.code == 0 and "top-2 accuracy = " in ended.out[-1], ended
    ended = run("predict", "--checkpoint-dir", "run", "--split", "test", "--json", cwd=tmp_path)
    assert ended.code == 0 and len(json.loads("".join(ended.out))) == 70, ended


def test_data_that_has_moved_is_said_in_one_line_and_found_where_it_is_now(tmp_path: Path) -> None:
    write_npz(tmp_path / "old.npz", 3, 20, 1)
    words = ("train", "--model", "lenet-5", "--checkpoint-dir", "run", *FEW)
    assert run(*words, "--dataset", "old.npz", cwd=tmp_path).code == 0
    (tmp_path / "new").mkdir()
    shutil.move(tmp_path / "old.npz", tmp_path / "new/new.npz")
    for command in (("eval", "--once"), ("train", "--steps", 3), ("predict", "--split", "test")):
        ended = run(*command, "--checkpoint-dir", "run", cwd=tmp_path)
        assert ended.code == 2 and len(ended.err) == 1 and "old.npz" in ended.err[0], ended
    ended = run("eval", "--once", "--checkpoint-dir", "run", "--dataset", "new/new.npz", cwd=tmp_path)
    assert ended.code == 0 and not ended.warnings, ended
    assert (tmp_path / "run/eval/validation/metrics.jsonl").exists()
    ended = run("train", "--steps", 3, "--checkpoint-dir", "run", "--dataset", "new/new.npz", cwd=tmp_path)
    assert ended.code == 0, ended
    assert run("eval", "--once", "--checkpoint-dir", "run", cwd=tmp_path).code == 0
    write_npz(tmp_path / "other.npz", 4, 20, 1)
    for name in ("eval", "train"):
        ended = run(name, "--checkpoint-dir", "run", "--dataset", "other.npz", cwd=tmp_path)
        assert ended.code == 2 and len(ended.err) == 1, ended


def test_images_that_are_too_small_for_a_network_are_one_line(tmp_path: Path) -> None:
    write_npz(tmp_path / "tiny.npz", 2, 4, 1)
    ended = run("train", "--model", "lenet-5", "--dataset", "tiny.npz", *FEW, cwd=tmp_path)
    assert ended.code == 2 and len(ended.err) == 1, ended
    assert "lenet-5 does not take images of 4x4" in ended.err[0]
    assert not (tmp_path / "checkpoints").exists()


def test_a_file_s_model_follows_the_data_if_its_inference_takes_the_number_of_classes(tmp_path: Path) -> None:
    _, text, _ = re.findall(r"```python\n(.*?)```", (ROOT / "docs/adding_a_model.md").read_text(), re.DOTALL)
    (tmp_path / "net.py").write_text(text)
    write_npz(tmp_path / "data.npz", 3, 20, 3)
    where = ("--model", "net.py", "--dataset", "data.npz")
    assert run("train", *where, *FEW, cwd=tmp_path).code == 0
    assert tensors(tmp_path / "checkpoints/net/model.ckpt-2")["layer3-fc1/weight"].shape == (800, 3)
    (tmp_path / "net.py").write_text(text.replace(", num_labels: int = 10", "").replace("num_labels,", "10,"))
    ended = run("train", *where, "--fresh", *FEW, cwd=tmp_path)
    said = "error: --model net.py: inference returns float32 of shape [batch, 10]; it must return logits, float32"
    assert ended.code == 2 and ended.err[-1].startswith(f"{said} of shape [batch, 3]"), ended


def test_pictures_are_scaled_to_the_size_asked_for_which_a_run_keeps(tmp_path: Path) -> None:
    write_pictures(tmp_path / "我的 pictures", 60, size=30, channels=3, prefix="class ")
    words = ("train", "--model", "lenet-5", "--dataset", "我的 pictures", "--checkpoint-dir", "run", *FEW)
    caches = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    ended = run(*words, "--image-size", "24x20", cwd=tmp_path, env=caches)
    assert ended.code == 0, ended
    record = json.loads((tmp_path / "run/run.json").read_text())
    # The network's own number of channels: colours become grey.
    assert record["image_shape"] == [24, 20, 1]
    assert record["class_names"] == [f"class {number}" for number in range(10)]
    assert run("eval", "--checkpoint-dir", "run", "--once", cwd=tmp_path, env=caches).code == 0
    assert run("train", "--checkpoint-dir", "run", "--steps", 3, cwd=tmp_path, env=caches).code == 0
    pictures = sorted((tmp_path / "我的 pictures").rglob("*.png"))
    ended = run("predict", "--checkpoint-dir", "run", *pictures[:2], cwd=tmp_path, env=caches)
    assert ended.code == 0 and all(": " in line and "class " in line for line in ended.out), ended
    assert len(ended.out) == 2
    other = run(*words, "--image-size", 28, cwd=tmp_path, env=caches)
    assert other.code == 2 and "--image-size 28x28 (the run has 24x20)" in other.err[-1], other
    write_npz(tmp_path / "data.npz", 2, 20, 1)
    fixed = run(*words[:4], "data.npz", *FEW, "--image-size", 28, cwd=tmp_path, env=caches)
    assert fixed.code == 2 and "(20, 20, 1)" in fixed.err[-1] and "(28, 28, 1)" in fixed.err[-1], fixed
