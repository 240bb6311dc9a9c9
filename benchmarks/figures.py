"""The figures of single measurements, and the goals that the project has set itself for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.evaluation import GIGAFLOP

Row = tuple[str, str, Callable[[dict[str, Any]], str]]  # what, its goal, its text

EVALUATION: list[Row] = [
    (
        "10,000 test images, restore included",
        "85 % of what matrix products allow",
        lambda each: (
            f"{each['seconds for 10,000 images']:.2f} s, the first time {each['first']:.2f} s: "
            f"{GIGAFLOP / each['gigaflops'] / each['seconds for 10,000 images']:.0%}"
        ),
    ),
    (
        "processor time of one poll of an idle evaluator",
        "2 ms",
        lambda each: f"{each['milliseconds a poll']:.2f} ms",
    ),
    (
        "a trainer beside an evaluator, longer than alone",
        "at most the processor time of the evaluations",
        lambda each: (
            f"{each['trainer beside an evaluator'] - each['trainer alone']:.1f} s of "
            f"{each['trainer alone']:.1f} s; {each['processor seconds of the evaluations']:.1f} s"
        ),
    ),
]
START: list[Row] = [
    ("`--help`", "0.3 s", lambda each: f"{each['seconds']['--help']:.2f} s"),
    *(
        (
            f"{what}, beyond `import tensorflow`",
            goal,
            lambda each, key=key: f"{each['seconds'][key] - each['seconds']['import tensorflow']:.2f} s",
        )
        for what, goal, key in (
            ("from the command to the first step, its checkpoint saved", "1.5 s", "first training step"),
            ("`inspect` of a checkpoint of `book-lenet`", "0.5 s", "inspect"),
        )
    ),
    *(
        (
            f"memory of `train` on {key}, beyond `import tensorflow`",
            goal,
            lambda each, key=key: f"{each['megabytes'][key] - each['megabytes']['import tensorflow']:.0f} MB",
        )
        for goal, key in (("350 MB", "MNIST"), ("600 MB", "CIFAR-10"))
    ),
]
SAVING: list[Row] = [
    (
        "a checkpoint (13 MB, flushed to disk, old ones deleted) delays training by",
        "less than a step",
        lambda each: f"{each['step and save'] - each['step']:.1f} ms; a step takes {each['step']:.1f} ms",
    ),
    ("reading and checking MNIST", "1 s", lambda each: f"{each['reading and checking MNIST']:.2f} s"),
]
