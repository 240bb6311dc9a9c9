"""Seconds from the start of a process to 99 % on the MNIST test images, against Keras's and PyTorch's own examples.

    python -m benchmarks.time_to_accuracy [--rounds 3] [--data-dir DATA]

Keras's example (simple MNIST convnet): two 3x3 convolutions of 32 and 64, each with a pooling, dropout 0.5, Adam, batch
128. PyTorch's example (examples/mnist): two 3x3 convolutions of 32 and 64, one pooling, a layer of 128, Adadelta at
1.0, batch 64. Both are scored after each epoch, as the examples do.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from statistics import median

from benchmarks.commands import lowlevel_cnn, python
from benchmarks.record import arguments, keep

GOAL = 0.99
OURS = "book-lenet-99"
EXAMPLES = {
    "Keras's example": ("benchmarks.keras_example", "keras"),
    "PyTorch's": ("benchmarks.pytorch_example", "torch"),
}


def main() -> None:
    """Prints the figures and keeps them."""
    flags = arguments(__doc__, rounds=3)
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    seconds: dict[str, list[float]] = {}
    for seed in range(flags.rounds):
        seconds.setdefault(OURS, []).append(_ours(seed, where))
        for name, (module, needs) in EXAMPLES.items():
            if importlib.util.find_spec(needs) is None:
                print(f"{name}: not measured, {needs} is not installed", file=sys.stderr)
                continue
            measured = python("-m", module, "--goal", str(GOAL), "--seed", str(seed), *where)
            seconds.setdefault(name, []).append(measured.when("reached"))
    ours = median(seconds[OURS])
    for name, each in seconds.items():
        spread = f"{min(each):.0f} to {max(each):.0f}"
        print(f"{name:20} {median(each):6.1f} s to {GOAL:.0%} ({spread}), {median(each) / ours:.1f} times ours")
    keep("time_to_accuracy", {"goal": GOAL, "seconds": seconds})


def _ours(seed: int, where: list[str]) -> float:
    """Until the evaluator, a process of its own, has said that the accuracy is reached; infinite if it is not."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["--model", OURS, "--seed", str(seed), "--split", "test", "--interval-secs", "0.1"]
        measured = lowlevel_cnn("run", *words, *where, "--checkpoint-dir", f"{folder}/run")
    for second, line in measured.lines:
        if "test accuracy = " in line and float(line.rpartition(" ")[2]) >= GOAL:
            return second
    print(f"{OURS}, seed {seed}: {GOAL:.0%} not reached: {measured.lines[-1][1]}")
    return float("inf")


if __name__ == "__main__":
    main()
