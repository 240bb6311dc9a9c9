"""What an evaluation should print, and the score that it should find, worked out without the package's graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers.made_data import made_images
from helpers.processes import BOOK_SHAPES, Ended, tensors
from lowlevel_cnn.tensorflow_v1 import tf

TEST_IMAGES = 620
AVERAGE = "/ExponentialMovingAverage"


def lines_for(steps: Sequence[int], ended: Ended, split: str = "validation") -> bool:
    """Whether the process printed the book's line for these steps, in this order, and nothing else."""
    starts = [f"After {step} training step(s), {split} accuracy = " for step in steps]
    return len(ended.out) == len(starts) and all(
        line.startswith(start) for line, start in zip(ended.out, starts, strict=True)
    )


def offline_score(prefix: Path, weights: str) -> tuple[float, float]:
    """Accuracy and loss on the test images, from a checkpoint's variables, without the package's graph."""
    images, labels = made_images(TEST_IMAGES, seed=1)
    found = tensors(prefix)
    value = {name: found[name + AVERAGE if weights == "average" else name] for name in BOOK_SHAPES}
    layer = images.astype(np.float32) / 255
    for name in ("layer1-conv1", "layer3-conv2"):
        convolved = tf.nn.conv2d(layer, value[f"{name}/weight"], 1, "SAME").numpy() + value[f"{name}/bias"]
        layer = tf.nn.max_pool2d(np.maximum(convolved, 0), 2, 2, "SAME").numpy()
    flat = layer.reshape(TEST_IMAGES, -1).astype(np.float64)
    hidden = np.maximum(flat @ value["layer5-fc1/weight"] + value["layer5-fc1/bias"], 0)
    logits = hidden @ value["layer6-fc2/weight"] + value["layer6-fc2/bias"]
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(TEST_IMAGES), labels]
    return float((logits.argmax(axis=1) == labels).mean()), float(losses.mean())
