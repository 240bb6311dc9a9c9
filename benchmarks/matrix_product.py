"""The machine's own float32 speed: TensorFlow's `matmul`, by itself or in turns with the contenders of a step."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.turns import Turns
from lowlevel_cnn.tensorflow_v1 import tf

SIZES = (2_048, 4_096)
REPEATS = 7
# A turn's: a twentieth of a second each, or less.
SIZE_IN_TURNS = 2_048


def gigaflop(size: int) -> float:
    """Multiplications and additions of a product of squares, in thousands of millions."""
    return 2e-9 * size**3


@contextmanager
def product(size: int) -> Iterator[Callable[[], Any]]:
    """A function that multiplies two squares of that size."""
    with tf.Graph().as_default(), tf.Session() as session:
        left, right = (tf.get_variable(name, [size, size]) for name in ("left", "right"))
        multiplied = tf.matmul(left, right).op
        session.run(tf.global_variables_initializer())
        yield lambda: session.run(multiplied)


def measure() -> float:
    """GFLOP/s of the fastest product."""
    speeds = []
    for size in SIZES:
        with product(size) as multiply:
            multiply()
            for _ in range(REPEATS):
                began = time.perf_counter()
                multiply()
                speeds.append(gigaflop(size) / (time.perf_counter() - began))
    return max(speeds)


def main() -> None:
    """Prints GFLOP/s, or takes turns of products."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", choices=("", "turns"), default="")
    flags, _ = parser.parse_known_args()
    if not flags.variant:
        print(f'{{"gigaflops": {measure():.1f}}}')
        return
    turns = Turns()
    with product(SIZE_IN_TURNS) as multiply:
        while turns.another_step():
            multiply()
    turns.say({})


if __name__ == "__main__":
    main()
