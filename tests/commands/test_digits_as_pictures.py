"""A folder of pictures, from its description to the accuracy on those held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers import processes
from helpers.made_pictures import png_bytes

STEPS = 400


def test_scikit_learns_digits_as_png_files_are_trained_to_97_percent_of_the_tenth_held_out(tmp_path: Path) -> None:
    sets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is in the extra `test`")
    digits = sets.load_digits()
    for index, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        folder = tmp_path / "digits" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.rint(image * 255 / 16).astype(np.uint8)
        (folder / f"{index}.png").write_bytes(png_bytes(pixels[..., np.newaxis]))
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "LOCALAPPDATA": str(tmp_path / "cache")}
    words = ("--model", "book-lenet-fast", "--dataset", "./digits", "--image-size", 8, "--steps", STEPS)
    trained = processes.run("train", *words, "--checkpoint-dir", "run", cwd=tmp_path, env=env)
    assert trained.code == 0, trained
    scored = processes.run("eval", "--checkpoint-dir", "run", "--once", "--split", "test", cwd=tmp_path, env=env)
    assert scored.code == 0, scored
    accuracy = float(scored.out[-1].rpartition(" = ")[2])
    assert scored.out[-1].startswith(f"After {STEPS} training step(s), test accuracy")
    assert accuracy >= 0.97
