"""A training step against Keras and PyTorch: the contenders in turn, several rounds, medians.

python -m benchmarks.train_step [--model book-lenet ...] [--rounds 5] [--steps 150] [--data-dir DATA]
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.record import arguments, keep
from lowlevel_cnn import models
from lowlevel_cnn.tensorflow_v1 import ONEDNN

# Multiplications and additions of one step at batch 100, padding counted as if it were image: forward, and twice as
# much backward, but for the gradient of the images, which nobody wants.
_GIGAFLOP = {"book-lenet": 7.23}


@dataclass(frozen=True)
class Contender:
    """A module that trains and prints its outcome, the package that it needs, and variables to set for it."""

    name: str
    module: str
    needs: str
    variant: str = ""
    environment: dict[str, str] = field(default_factory=dict)


CONTENDERS = (
    Contender("lowlevel_cnn", "benchmarks.ours", "tensorflow"),
    Contender("Keras fit", "benchmarks.keras_fit", "keras"),
    # What TensorFlow does by itself on processors without AVX512_VNNI, AVX_VNNI or AMX.
    Contender("Keras fit, oneDNN off", "benchmarks.keras_fit", "keras", environment={ONEDNN: "0"}),
    Contender("PyTorch eager", "benchmarks.pytorch", "torch", "eager"),
    Contender("PyTorch channels-last", "benchmarks.pytorch", "torch", "channels-last"),
    Contender("PyTorch compiled", "benchmarks.pytorch", "torch", "compiled"),
)


def main() -> None:
    """Runs the contest for each model, prints its table and keeps it."""
    flags = arguments(__doc__, rounds=5, steps=150, models=True)
    for model in flags.model or ["book-lenet"]:
        rounds = [_round(model, flags.steps, flags.data_dir) for _ in range(flags.rounds)]
        result = {"model": model, "steps": flags.steps, "rounds": flags.rounds, **_medians(rounds)}
        _print(result)
        keep(f"train_step {model}", result)


def _round(model: str, steps: int, data_dir: str | None) -> dict[str, Any]:
    outcomes = {"matrix product": _run("benchmarks.matrix_product")}
    for each in CONTENDERS:
        if importlib.util.find_spec(each.needs) is None:
            print(f"{each.name}: not measured, {each.needs} is not installed", file=sys.stderr)
            continue
        words = ["--model", model, "--steps", str(steps), "--variant", each.variant]
        words += ["--data-dir", data_dir] if data_dir else []
        outcomes[each.name] = _run(each.module, *words, environment=each.environment)
    return outcomes


def _run(module: str, *words: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    command, variables = [sys.executable, "-m", module, *words], {**os.environ, **(environment or {})}
    ended = subprocess.run(command, capture_output=True, text=True, env=variables)
    if ended.returncode:
        raise SystemExit(f"python -m {module} {' '.join(words)}: {ended.stderr}")
    outcome: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return outcome


def _medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    contenders = {}
    for name in rounds[0]:
        if name != "matrix product":
            outcomes = [each[name] for each in rounds]
            contenders[name] = {
                "milliseconds": median(each["milliseconds"] for each in outcomes),
                "all": [round(each["milliseconds"], 2) for each in outcomes],
                "test_loss": median(each["test_loss"] for each in outcomes),
                "versions": outcomes[0]["versions"],
            }
    return {
        "gigaflops": median(each["matrix product"]["gigaflops"] for each in rounds),
        "contenders": contenders,
    }


def _print(result: dict[str, Any]) -> None:
    model, ours = result["model"], result["contenders"]["lowlevel_cnn"]["milliseconds"]
    print(f"\n{models.get(model).title}, {model}, batch {models.get(model).batch_size}")
    for name, outcome in result["contenders"].items():
        spread = f"{min(outcome['all']):.1f} to {max(outcome['all']):.1f}"
        ratio = outcome["milliseconds"] / ours
        print(
            f"  {name:24} {outcome['milliseconds']:7.1f} ms a step ({spread}), {ratio:.2f} times ours, "
            f"test loss {outcome['test_loss']:.3f}"
        )
    if model in _GIGAFLOP:
        floor = 1000 * _GIGAFLOP[model] / result["gigaflops"]
        print(
            f"  floor by matrix products at {result['gigaflops']:.0f} GFLOP/s: {floor:.1f} ms, {floor / ours:.0%} of it"
        )


if __name__ == "__main__":
    main()
