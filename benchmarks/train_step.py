"""A training step against Keras and PyTorch: the contenders take turns; medians and their 95 % intervals.

python -m benchmarks.train_step [--model book-lenet ...] [--every-variant] [--rounds 15] [--steps 15] [--data-dir DATA]
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks import matrix_product
from benchmarks.intervals import Interval, interval
from benchmarks.record import command_line, keep
from benchmarks.turns import Contender, take_turns
from lowlevel_cnn import models
from lowlevel_cnn.tensorflow_v1 import ONEDNN

OURS, PRODUCTS = "lowlevel_cnn", "matrix products"
PRODUCTS_A_TURN = 3
# Multiplications and additions of one step at batch 100, padding counted as if it were image: forward, and twice as
# much backward, but for the gradient of the images, which nobody wants.
_GIGAFLOP = {"book-lenet": 7.23}

CONTENDERS = (
    Contender(OURS, "benchmarks.ours", "tensorflow"),
    Contender("Keras fit", "benchmarks.keras_fit", "keras"),
    Contender("PyTorch channels-last", "benchmarks.pytorch", "torch", "channels-last"),
)
OTHER_VARIANTS = (
    Contender(
        f"{OURS}, huge pages",
        "benchmarks.ours",
        "tensorflow",
        environment={"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"},
    ),
    # What TensorFlow does by itself on processors without AVX512_VNNI, AVX_VNNI or AMX.
    Contender("Keras fit, oneDNN off", "benchmarks.keras_fit", "keras", environment={ONEDNN: "0"}),
    Contender("PyTorch eager", "benchmarks.pytorch", "torch", "eager"),
    Contender("PyTorch compiled", "benchmarks.pytorch", "torch", "compiled"),
)


def main() -> None:
    """Lets the contenders take turns for each model, prints its table and keeps it."""
    parser = command_line(__doc__, rounds=15, steps=15, models=True)
    parser.add_argument("--every-variant", action="store_true", help="all variants of Keras and PyTorch")
    flags = parser.parse_args()
    contenders = _installed([*CONTENDERS, *(OTHER_VARIANTS if flags.every_variant else ())])
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    for model in flags.model or ["book-lenet"]:
        result = _contest(model, contenders, where, flags.rounds, flags.steps)
        _print(result)
        keep(f"train_step {model}", result)


def _installed(contenders: Sequence[Contender]) -> list[Contender]:
    missing = [each for each in contenders if importlib.util.find_spec(each.needs) is None]
    for each in missing:
        print(f"{each.name}: not measured, {each.needs} is not installed", file=sys.stderr)
    return [each for each in contenders if each not in missing]


def _contest(
    model: str, contenders: Sequence[Contender], where: Sequence[str], rounds: int, steps: int
) -> dict[str, Any]:
    products = Contender(PRODUCTS, "benchmarks.matrix_product", "tensorflow", "turns")
    seconds, said = take_turns(
        [*contenders, products],
        ["--model", model, *where],
        rounds=rounds,
        steps=lambda name: PRODUCTS_A_TURN if name == PRODUCTS else steps,
    )
    ours = seconds[OURS]
    result: dict[str, Any] = {"model": model, "steps": steps, "rounds": rounds, "contenders": {}}
    for each in contenders:
        result["contenders"][each.name] = {
            "milliseconds": asdict(interval([1000 * taken for taken in seconds[each.name]])),
            "times_ours": asdict(interval(_ratios(seconds[each.name], ours))),
            **said[each.name],
        }
    gigaflop = matrix_product.gigaflop(matrix_product.SIZE_IN_TURNS)
    result["gigaflops"] = asdict(interval([gigaflop / taken for taken in seconds[PRODUCTS]]))
    if model in _GIGAFLOP:
        floors = [_GIGAFLOP[model] / gigaflop * taken for taken in seconds[PRODUCTS]]
        result["floor_by_ours"] = asdict(interval(_ratios(floors, ours)))
    return result


def _ratios(these: Sequence[float], others: Sequence[float]) -> list[float]:
    return [this / other for this, other in zip(these, others, strict=True)]


def _print(result: dict[str, Any]) -> None:
    model = models.get(result["model"])
    turns = f"{result['rounds']} turns of {result['steps']} steps"
    print(f"\n{model.title}, {model.name}, batch {model.batch_size}, {turns}; in brackets 95 % intervals of the median")
    for name, outcome in result["contenders"].items():
        milliseconds, times = Interval(**outcome["milliseconds"]), Interval(**outcome["times_ours"])
        line = f"  {name:24} {milliseconds.text(1):24} ms a step"
        if name != OURS:
            line += f", {times.text(2)} times ours"
            line += ": cannot be told apart" if times.low <= 1 <= times.high else ""
        print(f"{line}; test loss {outcome['test_loss']:.3f}")
    print(f"  matrix products at {Interval(**result['gigaflops']).text(0)} GFLOP/s", end="")
    if "floor_by_ours" in result:
        print(f": they alone would take {Interval(**result['floor_by_ours']).text(2)} of our step", end="")
    print(flush=True)


if __name__ == "__main__":
    main()
