"""How long a checkpoint delays training: a run that saves after every step against one that does not.

python -m benchmarks.saving [--rounds 5] [--steps 60] [--data-dir DATA]
"""

from __future__ import annotations

import tempfile
import time
from statistics import median

from benchmarks.commands import lowlevel_cnn
from benchmarks.record import arguments, keep
from lowlevel_cnn import datasets


def main() -> None:
    """Prints the figures and keeps them."""
    flags = arguments(__doc__, rounds=5, steps=60)
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    plain, saving = [], []
    for _ in range(flags.rounds):
        plain.append(_milliseconds(flags.steps, flags.steps, where))
        saving.append(_milliseconds(flags.steps, 1, where))
    began = time.perf_counter()
    datasets.load("mnist", flags.data_dir)
    result = {
        "step": median(plain),
        "step and save": median(saving),
        "reading and checking MNIST": time.perf_counter() - began,
    }
    print(
        f"a save delays training by {result['step and save'] - result['step']:.1f} ms; a step takes "
        f"{result['step']:.1f} ms; reading and checking MNIST takes {result['reading and checking MNIST']:.2f} s"
    )
    keep("saving", result)


def _milliseconds(steps: int, save_every: int, where: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        words = ["--steps", str(steps), "--save-every", str(save_every), *where, "--checkpoint-dir", folder]
        return lowlevel_cnn("train", *words).milliseconds_a_step(1, steps)


if __name__ == "__main__":
    main()
