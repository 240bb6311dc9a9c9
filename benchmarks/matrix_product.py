"""The machine's own float32 speed: the best of TensorFlow's `matmul` at 2,048 and 4,096, in GFLOP/s."""

from __future__ import annotations

import time

from lowlevel_cnn.tensorflow_v1 import tf

SIZES = (2_048, 4_096)
REPEATS = 7


def measure() -> float:
    """GFLOP/s of the fastest product."""
    speeds = []
    for size in SIZES:
        with tf.Graph().as_default(), tf.Session() as session:
            left, right = (tf.get_variable(name, [size, size]) for name in ("left", "right"))
            product = tf.matmul(left, right).op
            session.run(tf.global_variables_initializer())
            session.run(product)
            for _ in range(REPEATS):
                began = time.perf_counter()
                session.run(product)
                speeds.append(2e-9 * size**3 / (time.perf_counter() - began))
    return max(speeds)


if __name__ == "__main__":
    print(f'{{"gigaflops": {measure():.1f}}}')
