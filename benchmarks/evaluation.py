"""Evaluation: 10,000 test images, an idle evaluator's polls, and an evaluator beside a trainer.

python -m benchmarks.evaluation [--rounds 3] [--steps 500] [--data-dir DATA]
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.commands import lowlevel_cnn, processor_seconds, python
from benchmarks.record import arguments, keep

# Of the book's network: multiplications and additions of 10,000 images, forward, padding counted as if it were image.
GIGAFLOP = 245.0
_POLLS_A_SECOND = 50


def main() -> None:
    """Prints the figures and keeps them."""
    flags = arguments(__doc__, rounds=3, steps=500)
    where = ["--data-dir", flags.data_dir] if flags.data_dir else []
    with tempfile.TemporaryDirectory() as folder:
        lowlevel_cnn("train", "--steps", "6", "--save-every", "1", "--keep", "6", *where, "--checkpoint-dir", folder)
        test = _test_images(folder, where)
        poll = _milliseconds_a_poll(folder, where)
    alone, beside = [], []
    for _ in range(flags.rounds):
        alone.append(_trainer(flags.steps, where, evaluated=False))
        beside.append(_trainer(flags.steps, where, evaluated=True))
    result = {
        **test,
        "milliseconds a poll": poll,
        "trainer alone": median(each["seconds"] for each in alone),
        "trainer beside an evaluator": median(each["seconds"] for each in beside),
        "processor seconds of the evaluations": median(each["evaluation"] for each in beside),
    }
    _print(result)
    keep("evaluation", result)


def _test_images(folder: str, where: list[str]) -> dict[str, float]:
    """Seconds for the 10,000 test images, restore included, against the floor of this machine's matrix products."""
    product = json.loads(python("-m", "benchmarks.matrix_product").lines[-1][1])["gigaflops"]
    lowlevel_cnn("eval", "--all", "--split", "test", *where, "--checkpoint-dir", folder)
    rows = [json.loads(line) for line in (Path(folder) / "eval/test/metrics.jsonl").read_text().splitlines()]
    # The first evaluation chooses kernels and allocates.
    return {
        "seconds for 10,000 images": median(row["seconds"] for row in rows[1:]),
        "first": rows[0]["seconds"],
        "gigaflops": product,
    }


def _milliseconds_a_poll(folder: str, where: list[str], seconds: float = 4.0) -> float:
    """Processor time of a waiting evaluator, by poll."""
    words = [*where, "--split", "test", "--interval-secs", str(1 / _POLLS_A_SECOND), "--checkpoint-dir"]
    raised = Path(folder) / "run.json"
    record = json.loads(raised.read_text())
    record["hyper_parameters"]["training_steps"] += 1
    raised.write_text(json.dumps(record))
    process = subprocess.Popen(
        [sys.executable, "-m", "lowlevel_cnn", "eval", *words, folder], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while "Waiting for a checkpoint" not in process.stderr.readline():
        pass
    before = processor_seconds(process.pid)
    time.sleep(seconds)
    used = processor_seconds(process.pid) - before
    process.send_signal(signal.SIGTERM)
    process.wait()
    return 1000 * used / (seconds * _POLLS_A_SECOND)


def _trainer(steps: int, where: list[str], *, evaluated: bool) -> dict[str, Any]:
    """Seconds between the trainer's first and last line, and the processor time of the evaluations meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        words = ["--steps", str(steps), "--save-every", "100", *where, "--checkpoint-dir", str(run)]
        evaluator = None
        if evaluated:
            follow = ["eval", "--interval-secs", "0.5", *where, "--checkpoint-dir", str(run)]
            evaluator = subprocess.Popen(
                [sys.executable, "-m", "lowlevel_cnn", *follow], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(15)  # Its own start is not what is measured.
        before = processor_seconds(evaluator.pid) if evaluator else 0.0
        measured = lowlevel_cnn("train", *words)
        used = processor_seconds(evaluator.pid) - before if evaluator else 0.0
        if evaluator:
            evaluator.terminate()
            evaluator.wait()
        return {"seconds": measured.when(f"After {steps} ") - measured.when("After 1 "), "evaluation": used}


def _print(result: dict[str, Any]) -> None:
    floor, seconds = GIGAFLOP / result["gigaflops"], result["seconds for 10,000 images"]
    print(f"10,000 test images: {seconds:.2f} s, restore included (the first time {result['first']:.2f} s)")
    print(
        f"  floor by matrix products at {result['gigaflops']:.0f} GFLOP/s: {floor:.2f} s, {floor / seconds:.0%} of it"
    )
    print(f"one poll of an idle evaluator: {result['milliseconds a poll']:.2f} ms of processor time")
    slower = result["trainer beside an evaluator"] - result["trainer alone"]
    print(
        f"a trainer takes {result['trainer alone']:.1f} s alone and {slower:.1f} s more beside an evaluator, whose "
        f"evaluations take {result['processor seconds of the evaluations']:.1f} s of processor time"
    )


if __name__ == "__main__":
    main()
