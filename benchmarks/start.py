"""Start-up and memory, seen from outside.

python -m benchmarks.start [--rounds 5] [--data-dir DATA]
"""

from __future__ import annotations

import tempfile
from statistics import median

from benchmarks.commands import Measured, lowlevel_cnn, python
from benchmarks.record import arguments, keep

_IMPORT = ("-c", "import os; os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'; import tensorflow")


def main() -> None:
    """Prints the figures and keeps them."""
    flags = arguments(__doc__, rounds=5)
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    seconds: dict[str, list[float]] = {}
    megabytes: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        lowlevel_cnn("train", "--steps", "1", *where, "--checkpoint-dir", folder)
        seconds["inspect"] = [lowlevel_cnn("inspect", folder).seconds for _ in range(flags.rounds)]
    for _ in range(flags.rounds):
        imported = python(*_IMPORT)
        mnist, cifar10 = _train("book-lenet", where), _train("mastering-cifar10-tf", where)
        for name, measured in (("import tensorflow", imported), ("MNIST", mnist), ("CIFAR-10", cifar10)):
            megabytes.setdefault(name, []).append(measured.megabytes)
        seconds.setdefault("--help", []).append(lowlevel_cnn("--help").seconds)
        seconds.setdefault("import tensorflow", []).append(imported.seconds)
        seconds.setdefault("first training step", []).append(mnist.when("After 1 "))
    result = {
        "seconds": {name: median(each) for name, each in seconds.items()},
        "megabytes": {name: median(each) for name, each in megabytes.items()},
    }
    _print(result)
    keep("start", result)


def _train(model: str, where: list[str]) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        words = ("--model", model, "--steps", "30", "--lines", "book", *where)
        return lowlevel_cnn("train", *words, "--checkpoint-dir", folder)


def _print(result: dict[str, dict[str, float]]) -> None:
    seconds, megabytes = result["seconds"], result["megabytes"]
    print(f"--help: {seconds['--help']:.2f} s")
    print(
        f"first training step, its checkpoint saved: {seconds['first training step']:.2f} s, "
        f"{seconds['first training step'] - seconds['import tensorflow']:.2f} s more than `import tensorflow`"
    )
    print(
        f"inspect of a checkpoint of book-lenet: {seconds['inspect']:.2f} s, "
        f"{seconds['inspect'] - seconds['import tensorflow']:.2f} s more than `import tensorflow`"
    )
    for name in ("MNIST", "CIFAR-10"):
        above = megabytes[name] - megabytes["import tensorflow"]
        print(f"memory of `train` on {name}: {megabytes[name]:.0f} MB, {above:.0f} MB above `import tensorflow`")


if __name__ == "__main__":
    main()
