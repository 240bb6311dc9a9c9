"""How a step's time grows with the batch and with the channels, and memory with the data set: a table and a plot.

python -m benchmarks.growth [--rounds 9]
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.commands import lowlevel_cnn
from benchmarks.record import arguments, keep
from lowlevel_cnn import models
from lowlevel_cnn.mnist_inference import Regularizer, convolution, flatten, fully_connected, max_pool
from lowlevel_cnn.mnist_train import training_step
from lowlevel_cnn.stateless_random import dropout
from lowlevel_cnn.tensorflow_v1 import session_config, tf

BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
TIMES_THE_CHANNELS = (1, 2, 4, 8)
IMAGES = (1_000, 10_000, 30_000, 60_000)
PLOT = Path("docs/growth.png")


def main() -> None:
    """Prints the tables, draws the plot, keeps both."""
    flags = arguments(__doc__, rounds=9)
    # First: Linux counts into a new process's memory what the process that started it had.
    megabytes = {count: _megabytes(count) for count in IMAGES}
    result: dict[str, Any] = {
        "batch": {size: _milliseconds(1, size, flags.rounds) for size in BATCH_SIZES},
        "channels": {times: _milliseconds(times, 100, flags.rounds) for times in TIMES_THE_CHANNELS},
        "megabytes": megabytes,
    }
    for size, each in result["batch"].items():
        print(f"batch {size:5}: {each:8.2f} ms a step, {1000 * each / size:8.1f} us an image")
    for times, each in result["channels"].items():
        print(f"{times} times the channels: {each:8.1f} ms a step, {each / result['channels'][1]:5.2f} times as long")
    for count, each in result["megabytes"].items():
        print(f"{count:7,} images: {each:6.0f} MB")
    keep("growth", result)
    if importlib.util.find_spec("matplotlib"):
        _draw(result)
    else:
        print("no plot: matplotlib is not installed", file=sys.stderr)


def _widened(times: int) -> Any:
    """The book's network with `times` as many channels in its two convolutions."""

    def inference(images: tf.Tensor, train: bool, regularizer: Regularizer | None) -> tf.Tensor:
        with tf.variable_scope("layer1-conv1"):
            pool1 = max_pool(tf.nn.relu(convolution(images, 5, 32 * times)))
        with tf.variable_scope("layer3-conv2"):
            pool2 = max_pool(tf.nn.relu(convolution(pool1, 5, 64 * times)))
        with tf.variable_scope("layer5-fc1"):
            fc1 = dropout(tf.nn.relu(fully_connected(flatten(pool2), 512, regularizer)), 0.5)
        with tf.variable_scope("layer6-fc2"):
            return fully_connected(fc1, 10, regularizer)

    return inference


def _milliseconds(times: int, batch_size: int, rounds: int) -> float:
    model = replace(models.get("book-lenet"), inference=_widened(times))
    random = np.random.default_rng(0)
    with tf.Graph().as_default():
        step = training_step(model, 55_000)
        images = random.random((batch_size, *model.image_shape), dtype=np.float32)
        feeds = {step.images: images, step.labels: random.integers(0, 10, batch_size)}
        with tf.Session(config=session_config()) as session:
            session.run(tf.global_variables_initializer())
            seconds = []
            for _ in range(3 + rounds):
                began = time.perf_counter()
                session.run([step.train_op, step.loss], feeds)
                seconds.append(time.perf_counter() - began)
    return 1000 * median(seconds[3:])


def _megabytes(count: int) -> float:
    """The largest resident size of `train` on so many made-up images."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for name, images in (("train", count), ("t10k", 1_000)):
            header = np.array([0x803, images, 28, 28], dtype=">u4").tobytes()
            pixels = random.integers(0, 256, (images, 28, 28), dtype=np.uint8)
            (Path(folder) / f"{name}-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
            header = np.array([0x801, images], dtype=">u4").tobytes()
            labels = random.integers(0, 10, images, dtype=np.uint8)
            (Path(folder) / f"{name}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())
        words = ["--steps", "20", "--batch-size", "100", "--data-dir", folder, "--checkpoint-dir", f"{folder}/run"]
        return lowlevel_cnn("train", *words).megabytes


def _draw(result: dict[str, Any]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    parts = (
        ("batch", "images a batch", "milliseconds a step", (1, 10, 100, 1_000)),
        ("channels", "times the channels", "milliseconds a step", TIMES_THE_CHANNELS),
        ("megabytes", "images in the training set", "megabytes resident", (0, 20_000, 40_000, 60_000)),
    )
    for axis, (name, below, beside, ticks) in zip(axes, parts, strict=True):
        axis.plot(list(result[name]), list(result[name].values()), marker="o", color="#0072B2")
        axis.set_xlabel(below)
        axis.set_ylabel(beside)
        axis.grid(alpha=0.3)
        if name != "megabytes":
            axis.set_xscale("log")
            axis.set_yscale("log")
        else:
            axis.set_ylim(0, 1.1 * max(result[name].values()))
        axis.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        axis.set_xticks([], minor=True)
    figure.savefig(PLOT, dpi=120)


if __name__ == "__main__":
    main()
